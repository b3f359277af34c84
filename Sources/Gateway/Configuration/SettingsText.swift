/// The settings as text: for `--help`, `--print-config` and docs/operations.md.
public enum SettingsText {
  /// A line for each setting, as `--help` shows them.
  public static var help: String {
    var lines: [String] = []
    var section: String?
    for setting in Setting.all {
      if setting.section != section {
        section = setting.section
        lines.append("")
      }
      let value = setting.isSwitch ? "" : " <\(setting.placeholder)>"
      let text = setting.defaultText
      let note = text.isEmpty ? "" : " (default: \(text))"
      lines.append("  \(setting.flag)\(value)")
      lines.append("      \(setting.reason)\(note)\(setting.isList ? " Repeatable." : "")")
    }
    return lines.joined(separator: "\n")
  }

  /// A configuration file that says what holds, with where each value comes from.
  public static func yaml(of settings: GatewaySettings, origins: [String: String] = [:]) -> String {
    var lines: [String] = []
    var section: String?
    for setting in Setting.all {
      if setting.section != section {
        section = setting.section
        if let section { lines.append("\(section):") }
      }
      let indent = section == nil ? "" : "  "
      let values = setting.values(settings)
      let note = origins[setting.key].map { "  # \($0)" } ?? ""
      if setting.isList {
        lines.append("\(indent)\(setting.name):\(values.isEmpty ? " []" : "")\(note)")
        lines += values.map { "\(indent)  - \(quoted($0))" }
      } else if let value = values.first {
        lines.append("\(indent)\(setting.name): \(quoted(value))\(note)")
      } else {
        lines.append("\(indent)# \(setting.name):")
      }
    }
    lines += SettingsReader.yaml(of: settings.upstreams, quoted: quoted)
    return lines.joined(separator: "\n") + "\n"
  }

  /// The table of docs/operations.md.
  public static var markdown: String {
    var lines = ["| key in the file | flag | default | what and why |", "|---|---|---|---|"]
    for setting in Setting.all {
      let text = setting.defaultText
      lines.append(
        "| `\(setting.key)`\(setting.isReloadable ? "" : " *") | `\(setting.flag)` | "
          + "\(text.isEmpty ? "" : "`\(text)`") | \(setting.reason.replacing("|", with: "\\|")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Plain where YAML reads it back as the same text, else in single quotes.
  private static func quoted(_ value: String) -> String {
    let isPlain =
      !value.isEmpty
      && value.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"): true
        case UInt8(ascii: "-"): true
        default: false
        }
      }
    return isPlain ? value : "'" + value.replacing("'", with: "''") + "'"
  }
}
