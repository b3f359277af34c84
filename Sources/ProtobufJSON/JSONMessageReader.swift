internal import ProtobufSchema

/// Thrown inside the reader; the fault itself waits in `JSONMessageReader.detail`, so that the happy path carries
/// nothing.
struct Halt: Error {}

/// Reads one JSON text strictly and writes the message it stands for as protobuf wire bytes, in one pass.
///
/// The reader walks the text (RFC 8259) and the schema together: a key finds its field, the field's kind says how the
/// value is read and written. Nothing is built in between. The text is read through pointers into the caller's
/// memory, the wire is written through pointers into the caller's `OutputBuffer`; both are checked against their ends
/// before every access.
///
/// Its parts: `+Message` (objects, fields), `+Values` (scalars), `+Strings`, `+Lists` (repeated, maps), `+WellKnown`
/// and `+Any` (special forms), `+Skip` (what is ignored), `+Wire` (writing), `+Faults`.
struct JSONMessageReader: ~Copyable {
  let start: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  /// The next byte of the text.
  var p: UnsafePointer<UInt8>

  /// Where the next byte of the wire goes, and the end of the memory set aside for it.
  var o: UnsafeMutablePointer<UInt8>
  var oEnd: UnsafeMutablePointer<UInt8>
  let buffer: UnsafeMutablePointer<OutputBuffer>

  let schema: Schema
  let bound: BoundFields?
  let ignoresUnknown: Bool
  let maximumDepth: Int
  var depth = 0

  /// A string's content when it had escapes.
  var scratch = ScratchMemory()
  /// Bits past the first 64 of messages with many fields, as a stack.
  var moreBits: [UInt64] = []
  /// Keys of the maps that are open, as a stack.
  var keyRecords: [MapKeySet.Record] = []
  /// Lengths that needed more room than was left for them, to be opened up at the end.
  var gaps = LengthGaps()
  /// Where the `@type` of objects further on stands, once a look ahead has passed them.
  var typeIndex = TypeIndex()
  /// Set when an enum's name was unknown and passed over, so that a map drops the whole entry.
  var passesUnknownName = false
  /// Set when the text is a path's or query's value and not JSON; faults then show all of it.
  var isPlainText = false
  var detail: FaultDetail?

  init(
    text: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>, buffer: UnsafeMutablePointer<OutputBuffer>,
    schema: Schema, bound: BoundFields?, options: EncodingOptions
  ) {
    start = base
    end = base + text.count
    p = base
    self.buffer = buffer
    o = buffer.pointee.reserve(text.count &+ 64)
    oEnd = o + (buffer.pointee.capacity &- buffer.pointee.count)
    self.schema = schema
    self.bound = bound
    ignoresUnknown = options.ignoreUnknownFields
    maximumDepth = min(options.maximumDepth, EncodingOptions.largestMaximumDepth)
  }

  /// The next byte, or zero at the end: no token starts with a zero byte.
  @inline(__always)
  var next: UInt8 { p < end ? p.pointee : 0 }

  /// Passes space, tab, LF and CR.
  @inline(__always)
  mutating func skipWhitespace() {
    if p < end, p.pointee > 0x20 { return }
    skipLongWhitespace()
  }

  private mutating func skipLongWhitespace() {
    let spaces: UInt64 = 0x2020_2020_2020_2020
    while p < end {
      while end - p >= 8, UnsafeRawPointer(p).loadUnaligned(as: UInt64.self) == spaces { p += 8 }
      guard p < end else { return }
      switch p.pointee {
      case 0x20, 0x0A, 0x0D, 0x09: p += 1
      default: return
      }
    }
  }

  /// Passes `true`, `false` or `null`, of which the first letter has been seen.
  @inline(__always)
  mutating func literal(_ word: StaticString) throws(Halt) {
    let count = word.utf8CodeUnitCount
    guard end - p >= count, NameTable.equal(word.utf8Start, p, count) else { throw malformedLiteral() }
    p += count
  }

  /// Enters an object or array.
  @inline(__always)
  mutating func descend() throws(Halt) {
    depth &+= 1
    if depth > maximumDepth {
      throw fail(
        .tooDeep, at: p, expected: "at most \(maximumDepth) objects and arrays inside each other",
        found: "one more")
    }
    p += 1
  }

  /// After a value in an object or array: true for a comma (passed, with the white space behind it), false for the
  /// closing byte (passed).
  @inline(__always)
  mutating func continues(closing: UInt8) throws(Halt) -> Bool {
    skipWhitespace()
    let byte = next
    if byte == UInt8(ascii: ",") {
      p += 1
      skipWhitespace()
      return true
    }
    guard byte == closing else { throw missingComma(closing: closing) }
    p += 1
    depth &-= 1
    return false
  }

  /// Only white space may follow the outermost value.
  mutating func finish() throws(Halt) {
    skipWhitespace()
    if p < end { throw fail(.trailingData, at: p, expected: "the end of the text") }
  }
}
