internal import ProtobufSchema

/// Lists the fields that a JSON object sets, as a FieldMask names them: `title`, `main_author.name`.
///
/// Lists, maps, well-known types, null and empty objects count as one field each (AIP-134: a mask that is left out
/// names what was sent). The text has been encoded before, so it is known to be JSON of this message; if it were
/// not, this would end early and never leave the text.
struct FieldMaskCollector {
  /// What lies deeper is named by the object around it.
  private static let maximumDepth = 100

  private let text: UnsafeRawBufferPointer
  private var position = 0
  private var paths: [String] = []

  static func paths(in json: RawSpan, of message: MessageSchema) -> [String] {
    json.withUnsafeBytes { text in
      var collector = FieldMaskCollector(text: text)
      collector.skipSpace()
      if collector.next == UInt8(ascii: "{") { collector.collect(message, prefix: "", depth: 0) }
      return collector.paths
    }
  }

  private init(text: UnsafeRawBufferPointer) { self.text = text }

  private var next: UInt8? { position < text.count ? text[position] : nil }

  /// Walks the members of the object at the position, and passes it.
  private mutating func collect(_ message: MessageSchema, prefix: String, depth: Int) {
    position += 1
    while true {
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
        skipSpace()
      }
      guard next == UInt8(ascii: "\"") else {
        position += 1
        return
      }
      let key = string()
      skipSpace()
      position += 1
      skipSpace()
      guard let field = message.field(jsonOrProtoName: key), !field.isExtension else {
        skipValue()
        continue
      }
      let path = prefix + field.name
      guard depth < Self.maximumDepth, next == UInt8(ascii: "{"), field.cardinality == .singular,
        let nested = field.message, nested.wellKnown == nil
      else {
        paths.append(path)
        skipValue()
        continue
      }
      let before = paths.count
      collect(nested, prefix: path + ".", depth: depth + 1)
      if paths.count == before { paths.append(path) }
    }
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// Passes one value: to the end of its string or brackets, or to what ends a number or a word.
  private mutating func skipValue() {
    var open = 0
    while let byte = next {
      switch Unicode.Scalar(byte) {
      case "\"":
        skipString()
        if open == 0 { return }
        continue
      case "{", "[": open += 1
      case "}", "]":
        // The bracket of the object around a number or a word is not part of it.
        if open == 0 { return }
        open -= 1
        if open == 0 {
          position += 1
          return
        }
      case "," where open == 0: return
      default: break
      }
      position += 1
    }
  }

  private mutating func skipString() {
    position += 1
    while let byte = next {
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return }
    }
  }

  /// The string at the position without its escapes, and passes it.
  private mutating func string() -> String {
    let start = position + 1
    skipString()
    let end = max(start, min(position, text.count) - 1)
    let raw = text[min(start, end)..<end]
    guard raw.contains(UInt8(ascii: "\\")) else { return String(decoding: raw, as: UTF8.self) }
    return Self.unescaped(Array(raw))
  }

  private static func unescaped(_ raw: [UInt8]) -> String {
    var units: [UInt16] = []
    var text = ""
    var index = 0
    func flush() {
      text += String(decoding: units, as: UTF16.self)
      units = []
    }
    while index < raw.count {
      guard raw[index] == UInt8(ascii: "\\"), index + 1 < raw.count else {
        let run = raw[index...].prefix { $0 != UInt8(ascii: "\\") }
        guard !run.isEmpty else { break }
        flush()
        text += String(decoding: run, as: UTF8.self)
        index += run.count
        continue
      }
      let escape = raw[index + 1]
      index += 2
      switch Unicode.Scalar(escape) {
      case "n": units.append(0x0A)
      case "r": units.append(0x0D)
      case "t": units.append(0x09)
      case "b": units.append(0x08)
      case "f": units.append(0x0C)
      case "u":
        let digits = String(decoding: raw[index...].prefix(4), as: UTF8.self)
        units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
        index += min(4, raw.count - index)
      default: units.append(UInt16(escape))
      }
    }
    flush()
    return text
  }
}
