import Foundation
import NIOCore
import Testing

@testable import HTTP2

/// One of the recorded connections under `Vectors`: a text with, for each frame, a line that names it, its bytes in
/// hexadecimal and, for some, the decoded header list.
struct SeedDump: Sendable, CustomTestStringConvertible {
  enum Side: String, Sendable {
    case client = "CLIENT"
    case server = "SERVER"
  }

  struct Entry: Sendable {
    var side: Side
    /// What stands between `grpc:(http2:` and `)`.
    var label: String
    var bytes: [UInt8] = []
    /// `name: value` lines; empty when the recorder printed none.
    var headers: [String] = []
  }

  let name: String
  let entries: [Entry]

  static let names = ["unary", "client-stream", "server-stream", "bidi-stream"]
  static let all = names.map { SeedDump(named: $0) }

  var testDescription: String { name }

  init(named name: String) {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/\(name).dump")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    self.name = name
    self.entries = Self.parse(text)
  }

  private static func parse(_ text: String) -> [Entry] {
    var entries: [Entry] = []
    var side = Side.client
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let from = line.firstRange(of: " from ") {
        side = line[from.upperBound...].hasPrefix("CLIENT") ? .client : .server
      } else if line.hasPrefix("grpc:(http2:") {
        entries.append(Entry(side: side, label: String(line.dropFirst("grpc:(http2:".count).dropLast())))
      } else if line.count > 10, line.prefix(8).allSatisfy(\.isHexDigit), line.dropFirst(8).hasPrefix("  ") {
        let hex = line.dropFirst(10).prefix(while: { $0 != "|" })
        entries[entries.count - 1].bytes += hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
      } else if line.hasPrefix(":") || (line.first?.isLowercase == true && line.contains(": "))
        || line == "grpc-message:"
      {
        entries[entries.count - 1].headers.append(line == "grpc-message:" ? "grpc-message: " : String(line))
      }
    }
    return entries
  }

  func bytes(from side: Side) -> ByteBuffer {
    ByteBuffer(bytes: entries.filter { $0.side == side }.flatMap(\.bytes))
  }

  /// Labels of one side's frames, the preface left out.
  func labels(from side: Side) -> [String] {
    entries.filter { $0.side == side && $0.label != "preface" }.map(\.label)
  }

  /// The name the recorder gives to a frame.
  static func label(of frame: Frame) -> String {
    switch frame {
    case .data(let data):
      "data stream:\(data.streamID) len:\(data.payload.readableBytes)" + (data.endStream ? " end_stream" : "")
    case .headers(let headers): "headers stream:\(headers.streamID) \(headers.endStream ? "end_stream" : "end_headers")"
    case .settings(let settings):
      if settings.isAcknowledgement {
        "settings:ack"
      } else {
        "settings" + settings.parameters.map { " \($0.id.description.lowercased()):\($0.value)" }.joined()
      }
    case .ping(let ping): "ping\(ping.isAcknowledgement ? ":ack" : "") " + Self.hex(ping.payload)
    case .windowUpdate(let update): "window_update window_size_increment:\(update.increment)"
    default: "\(frame)"
    }
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
