import GRPCWire
import NIOCore

/// How a line of the access log is written.
public enum AccessLogFormat: String, Sendable, CaseIterable {
  /// One JSON object on each line.
  case json
  /// `key=value` on each line; values that are not plain are quoted as JSON strings are.
  case text

  func line(_ record: AccessRecord) -> [UInt8] {
    var line = AccessLine(format: self)
    line.add("time", record.time.text)
    line.add("id", record.requestID)
    line.add("remote", record.remoteAddress)
    line.add("method", record.method)
    line.add("path", record.path)
    if let rpc = record.rpc { line.add("rpc", rpc) }
    line.add("status", record.status)
    if let code = record.code { line.add("code", code.name) }
    line.add("bytes_in", record.bytesIn)
    line.add("bytes_out", record.bytesOut)
    line.add("messages_in", record.messagesIn)
    line.add("messages_out", record.messagesOut)
    if let time = record.upstreamTime { line.add("upstream_us", Int(time.nanoseconds / 1000)) }
    line.add("total_us", Int(record.totalTime.nanoseconds / 1000))
    return line.end()
  }

  /// Says in the log that some of it is missing.
  func gap(_ count: Int) -> [UInt8] {
    var line = AccessLine(format: self)
    line.add("time", WallTime.now.text)
    line.add("dropped", count)
    return line.end()
  }
}

/// One line under way. What callers chose is escaped: no value can end its line, or steer a terminal.
private struct AccessLine {
  private let format: AccessLogFormat
  private var bytes: [UInt8] = []
  private var isFirst = true

  init(format: AccessLogFormat) {
    self.format = format
    bytes.reserveCapacity(384)
    if format == .json { bytes.append(UInt8(ascii: "{")) }
  }

  mutating func add(_ key: StaticString, _ value: Int) {
    begin(key)
    bytes.append(contentsOf: String(value).utf8)
  }

  mutating func add(_ key: StaticString, _ value: String) {
    begin(key)
    if format == .text, Self.isPlain(value) {
      bytes.append(contentsOf: value.utf8)
    } else {
      bytes.append(UInt8(ascii: "\""))
      for scalar in value.unicodeScalars { append(scalar) }
      bytes.append(UInt8(ascii: "\""))
    }
  }

  mutating func end() -> [UInt8] {
    if format == .json { bytes.append(UInt8(ascii: "}")) }
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  private mutating func begin(_ key: StaticString) {
    if !isFirst { bytes.append(format == .json ? UInt8(ascii: ",") : UInt8(ascii: " ")) }
    isFirst = false
    if format == .json { bytes.append(UInt8(ascii: "\"")) }
    key.withUTF8Buffer { bytes.append(contentsOf: $0) }
    if format == .json { bytes.append(UInt8(ascii: "\"")) }
    bytes.append(format == .json ? UInt8(ascii: ":") : UInt8(ascii: "="))
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x22: bytes.append(contentsOf: #"\""#.utf8)
    case 0x5C: bytes.append(contentsOf: #"\\"#.utf8)
    // Control characters of both sets, and the separators that some readers take for the end of a line.
    case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029:
      let digits = String(scalar.value, radix: 16)
      bytes.append(contentsOf: (#"\u"# + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
    default: bytes.append(contentsOf: Unicode.UTF8.encode(scalar)?.map { $0 } ?? [])
    }
  }

  private static func isPlain(_ value: String) -> Bool {
    !value.isEmpty
      && value.utf8.allSatisfy {
        $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "=")
      }
  }
}
