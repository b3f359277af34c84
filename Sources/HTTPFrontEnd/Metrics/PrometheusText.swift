/// Writes the Prometheus text exposition format, version 0.0.4.
///
///     # HELP name text
///     # TYPE name counter
///     name{label="value"} 12
///
/// Source: https://github.com/prometheus/docs/blob/main/content/docs/instrumenting/exposition_formats.md
public struct PrometheusText {
  public static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

  public enum Kind: String {
    case counter, gauge, histogram
  }

  public private(set) var text = ""

  public init() {}

  /// Begins a family; its samples follow.
  public mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
  }

  public mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Int) {
    sample(name, labels, "\(value)")
  }

  public mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: String) {
    text += name
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0)=\"\(Self.escape($1, quotes: true))\"" }.joined(separator: ",") + "}"
    }
    text += " \(value)\n"
  }

  /// One family of one sample.
  public mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
    family(name, kind, help)
    sample(name, [], value)
  }

  /// Buckets are cumulative, the last is `+Inf`; times are in seconds.
  public mutating func histogram(_ name: String, _ labels: [(String, String)], _ histogram: LatencyHistogram) {
    var total = 0
    for (index, count) in histogram.counts.enumerated() {
      total += count
      let bound = index < LatencyHistogram.bounds.count ? Self.seconds(LatencyHistogram.bounds[index]) : "+Inf"
      sample("\(name)_bucket", labels + [("le", bound)], total)
    }
    sample("\(name)_sum", labels, Self.seconds(histogram.sum))
    sample("\(name)_count", labels, total)
  }

  static func seconds(_ nanoseconds: Int64) -> String { "\(Double(nanoseconds) / 1e9)" }

  private static func escape(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
