import Foundation
package import NIOCore

/// One of the recorded connections under `Vectors`: a text with, for each frame, a line that names it, its bytes in
/// hexadecimal and, for some, the decoded header list.
package struct SeedDump: Sendable, CustomStringConvertible {
  package enum Side: String, Sendable {
    case client = "CLIENT"
    case server = "SERVER"
  }

  package struct Entry: Sendable {
    package var side: Side
    /// What stands between `grpc:(http2:` and `)`.
    package var label: String
    package var bytes: [UInt8] = []
    /// `name: value` lines; empty when the recorder printed none.
    package var headers: [String] = []
  }

  package let name: String
  package let entries: [Entry]

  package static let names = ["unary", "client-stream", "server-stream", "bidi-stream"]
  package static let all = names.map { SeedDump(named: $0) }

  package var description: String { name }

  package init(named name: String) {
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

  package func bytes(from side: Side) -> ByteBuffer {
    ByteBuffer(bytes: entries.filter { $0.side == side }.flatMap(\.bytes))
  }

  /// Labels of one side's frames, the preface left out.
  package func labels(from side: Side) -> [String] {
    entries.filter { $0.side == side && $0.label != "preface" }.map(\.label)
  }
}
