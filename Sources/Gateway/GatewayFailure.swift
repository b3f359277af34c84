/// Why the gateway does not start: one line for each fault, each saying what and where.
public struct GatewayFailure: Error, CustomStringConvertible {
  public let lines: [String]

  public init(_ line: String) { lines = [line] }

  public init(lines: [String]) { self.lines = lines }

  public var description: String { lines.joined(separator: "\n") }
}
