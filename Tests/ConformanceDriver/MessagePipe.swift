import Foundation

/// Messages with their length in front, over a pair of pipes.
struct MessagePipe {
  let input: FileHandle
  let output: FileHandle

  /// The input ended inside a message.
  struct Truncated: Error {}

  /// The next message, nil when the input has ended.
  func read() throws -> [UInt8]? {
    let prefix = try read(4)
    if prefix.isEmpty { return nil }
    guard prefix.count == 4 else { throw Truncated() }
    let count = prefix.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let message = try read(count)
    guard message.count == count else { throw Truncated() }
    return message
  }

  func write(_ message: [UInt8]) throws {
    let count = UInt32(message.count)
    let prefix = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    try output.write(contentsOf: Data(prefix + message))
  }

  /// So many bytes, fewer only at the end of the input.
  private func read(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, let more = try input.read(upToCount: count - bytes.count), !more.isEmpty {
      bytes += more
    }
    return bytes
  }
}
