/// One thing a gateway can be told: its key in the file, and from that its flag and its environment variable.
///
/// Parsing, `--help`, `--print-config` and the table of docs/operations.md are all made from these, so that none can
/// know a setting that another does not.
public struct Setting: Sendable {
  /// `section.name`, as the file nests them; the flag is the name alone.
  public let key: String
  /// Why it is there and why the default is what it is.
  public let reason: String
  /// Whether a reload takes it up; the others hold from start to end.
  public let isReloadable: Bool
  /// More than one value: the flag is repeatable, the file holds a list, the environment separates by commas.
  public let isList: Bool
  /// True or false: the flag stands alone, or as `--no-…`.
  public let isSwitch: Bool
  let placeholder: String
  let expected: String
  /// What is wrong with a value that does not hold, if that is known more closely.
  let fault: @Sendable (String) -> String?
  /// Takes values over; answers the value that does not hold.
  let assign: @Sendable ([String], inout GatewaySettings) -> String?
  /// The values as they would be written; none for what is not set.
  let values: @Sendable (GatewaySettings) -> [String]

  public var name: String { String(key.split(separator: ".").last ?? "") }
  public var section: String? { key.contains(".") ? String(key.prefix { $0 != "." }) : nil }
  public var flag: String { "--" + name.replacing("_", with: "-") }
  public var variable: String { "GATEWAY_" + name.uppercased() }

  /// What holds when nothing is said.
  public var defaultText: String { values(GatewaySettings()).joined(separator: ", ") }

  init<Value: Sendable>(
    _ key: String, _ path: any WritableKeyPath<GatewaySettings, Value> & Sendable, _ value: SettingValue<Value>,
    startOnly: Bool = false, _ reason: String
  ) {
    self.key = key
    self.reason = reason
    isReloadable = !startOnly
    isList = false
    isSwitch = Value.self == Bool.self
    placeholder = value.placeholder
    expected = value.expected
    fault = value.fault
    assign = { texts, settings in
      guard let text = texts.last else { return "" }
      guard let parsed = value.parse(text) else { return text }
      settings[keyPath: path] = parsed
      return nil
    }
    values = { [value.show($0[keyPath: path])] }
  }

  /// A setting that may be absent.
  init<Value: Sendable>(
    _ key: String, optional path: any WritableKeyPath<GatewaySettings, Value?> & Sendable,
    _ value: SettingValue<Value>, startOnly: Bool = false, _ reason: String
  ) {
    self.key = key
    self.reason = reason
    isReloadable = !startOnly
    isList = false
    isSwitch = false
    placeholder = value.placeholder
    expected = value.expected
    fault = value.fault
    assign = { texts, settings in
      guard let text = texts.last else { return "" }
      guard let parsed = value.parse(text) else { return text }
      settings[keyPath: path] = parsed
      return nil
    }
    values = { $0[keyPath: path].map { [value.show($0)] } ?? [] }
  }

  /// A setting of several values.
  init<Value: Sendable>(
    _ key: String, list path: any WritableKeyPath<GatewaySettings, [Value]> & Sendable,
    _ value: SettingValue<Value>, startOnly: Bool = false, _ reason: String
  ) {
    self.key = key
    self.reason = reason
    isReloadable = !startOnly
    isList = true
    isSwitch = false
    placeholder = value.placeholder
    expected = value.expected
    fault = value.fault
    assign = { texts, settings in
      var parsed: [Value] = []
      for text in texts {
        guard let one = value.parse(text) else { return text }
        parsed.append(one)
      }
      settings[keyPath: path] = parsed
      return nil
    }
    values = { $0[keyPath: path].map(value.show) }
  }
}
