import ProtobufJSON
import ProtobufSchema

/// The first byte chooses a message type, the rest is JSON.
///
/// What the reader takes, the writer prints, and what it prints is taken again and printed the same.
enum JSONMessageTarget {
  static func run(_ bytes: [UInt8]) throws {
    guard let first = bytes.first, let message = FuzzSchema.message(first) else { return }
    var wire = OutputBuffer()
    do {
      try MessageEncoder(schema: FuzzSchema.schema).encode(bytes.span.bytes.extracting(1...), as: message, into: &wire)
    } catch {
      try require(wire.count == 0, "bytes were written in spite of \(error)")
      try require(error.offset >= 0 && error.offset < bytes.count, "\(error) is at \(error.offset)")
      _ = "\(error)"
      return
    }
    try Printing.survives(Printing.array(wire), message, mustBePrinted: true)
  }
}

/// The first byte chooses a message type, the rest is its wire form.
///
/// What can be printed as JSON is taken again and printed the same.
enum WireMessageTarget {
  static func run(_ bytes: [UInt8]) throws {
    guard let first = bytes.first, let message = FuzzSchema.message(first) else { return }
    try Printing.survives(Array(bytes.dropFirst()), message, mustBePrinted: false)
  }
}

private enum Printing {
  static func survives(_ wire: [UInt8], _ message: MessageSchema, mustBePrinted: Bool) throws {
    guard let json = try print(wire, message, mustBePrinted) else { return }
    var again = OutputBuffer()
    do {
      try MessageEncoder(schema: FuzzSchema.schema).encode(json.span.bytes, as: message, into: &again)
    } catch {
      // The wire form of a mask holds any text, its JSON only field paths.
      if !mustBePrinted, error.expected.contains("FieldMask") { return }
      throw FuzzFinding(description: "\(text(json)) was printed, but is refused: \(error)")
    }
    let second = try print(array(again), message, true)
    try require(second == json, "\(text(json)) became \(second.map(text) ?? "nothing")")
  }

  private static func print(_ wire: [UInt8], _ message: MessageSchema, _ mustBePrinted: Bool) throws -> [UInt8]? {
    var json = OutputBuffer()
    do {
      try MessageDecoder(schema: FuzzSchema.schema).decode(wire.span.bytes, as: message, into: &json)
    } catch {
      try require(json.count == 0, "text was written in spite of \(error)")
      try require(!mustBePrinted, "\(wire) cannot be printed: \(error)")
      return nil
    }
    return array(json)
  }

  static func array(_ buffer: borrowing OutputBuffer) -> [UInt8] {
    buffer.withUnsafeBytes { Array($0) }
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
