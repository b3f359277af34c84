/// Why the gateway does not start: one line for each fault, each saying what and where.
public struct GatewayFailure: Error, CustomStringConvertible {
  public let lines: [String]
  /// The command was called wrongly: exit code 64 (`EX_USAGE` of sysexits.h), not 1.
  public let isUsage: Bool

  public init(_ line: String, isUsage: Bool = false) { self.init(lines: [line], isUsage: isUsage) }

  public init(lines: [String], isUsage: Bool = false) {
    self.lines = lines
    self.isUsage = isUsage
  }

  public var description: String { lines.joined(separator: "\n") }
}
