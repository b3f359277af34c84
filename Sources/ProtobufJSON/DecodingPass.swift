internal import ProtobufSchema

/// One message on its way from wire bytes to JSON text.
///
/// Members of objects and elements of lists are all written with a comma in front; when the object or list is
/// complete, its first comma becomes the opening bracket. So no writer needs to know whether it is the first.
///
/// Pointers into the message and into the schema's layouts are used throughout: both outlive the pass. Errors travel as
/// a bare code; where it happened is noted in `faultOffset`, and each level adds its field to `faultPath` on the way out.
struct DecodingPass: ~Copyable {
  typealias Cursor = UnsafePointer<UInt8>
  typealias Fault = WireFault.Code

  var out: OutputBuffer
  let schema: Schema
  let options: DecodingOptions
  /// Spaces per level, -1 when everything is on one line.
  let indent: Int
  let emitDefaults: Bool
  let protoNames: Bool
  let enumsAsNumbers: Bool
  /// What the output held before, and may hold at most.
  private let startOfOutput: Int
  let endOfOutput: Int

  /// Where the message starts; offsets count from here.
  var input: Cursor
  /// Messages that are open.
  var depth = 0
  /// Objects and lists that are open.
  var level = 0
  /// Offsets and ordinals of indexed messages, used as a stack: whoever pushes takes away what it pushed.
  var scratch: [UInt64] = []

  private(set) var faultOffset = 0
  private(set) var faultPath = ""

  init(schema: Schema, options: DecodingOptions, output: consuming OutputBuffer) {
    startOfOutput = output.count
    endOfOutput = startOfOutput + max(options.maximumOutputBytes, 0)
    out = output
    self.schema = schema
    self.options = options
    indent = options.indent.map { min(max($0, 0), DecodingOptions.maximumIndent) } ?? -1
    emitDefaults = options.emitDefaults
    protoNames = options.protoFieldNames
    enumsAsNumbers = options.enumsAsNumbers
    input = Self.nothing
  }

  /// Gives the output back, without what this pass wrote when it failed.
  consuming func finish(keep: Bool) -> OutputBuffer {
    if !keep { out.truncate(to: startOfOutput) }
    return out
  }

  /// Writes the message, or with a path the one field of it; answers what went wrong.
  mutating func run(
    _ wire: UnsafeRawBufferPointer, as message: UnsafePointer<MessageLayout>, path: [UnsafePointer<FieldLayout>]
  ) -> Fault? {
    // Offsets share a word with ordinals and ends.
    guard wire.count < 1 << 32 else { return .messageTooLong }
    if let start = wire.baseAddress { input = start.assumingMemoryBound(to: UInt8.self) }
    let whole = WireSegments(input, input + wire.count)
    do throws(Fault) {
      if path.isEmpty {
        try messageValue(message, whole)
      } else {
        try fieldValue(path[...], message, whole)
      }
      if out.count > endOfOutput { throw fail(.outputTooLong, at: input + wire.count) }
      return nil
    } catch {
      return error
    }
  }

  /// An address for messages of no bytes, whose span has none.
  private static var nothing: Cursor {
    let empty: StaticString = "\0\0"
    return empty.utf8Start
  }

  // MARK: Faults

  @inline(never)
  mutating func fail(_ fault: Fault, at cursor: Cursor) -> Fault {
    faultOffset = cursor - input
    return fault
  }

  /// Notes the field within which a fault happened.
  @inline(never)
  mutating func within(_ field: UnsafePointer<FieldLayout>, _ fault: Fault, index: Int? = nil) -> Fault {
    let key = UnsafeBufferPointer(start: field.pointee.jsonKey, count: Int(field.pointee.jsonKeyCount))
    let name = String(decoding: key.dropFirst().dropLast(2), as: UTF8.self)
    prepend(name + (index.map { "[\($0)]" } ?? ""))
    return fault
  }

  /// Notes the element or key within which a fault happened; the field itself is noted by its caller.
  mutating func prepend(_ step: String) {
    if faultPath.isEmpty || faultPath.first == "[" {
      faultPath = step + faultPath
    } else {
      faultPath = "\(step).\(faultPath)"
    }
  }

  // MARK: Objects

  /// The value of a message field, element or map value, in the form its type has in JSON.
  mutating func messageValue(_ message: UnsafePointer<MessageLayout>, _ wire: WireSegments) throws(Fault) {
    if message.pointee.wellKnownCode == 0 { return try object(message, wire) }
    try wellKnownValue(message, wire)
  }

  mutating func object(_ message: UnsafePointer<MessageLayout>, _ wire: WireSegments) throws(Fault) {
    try enter(wire.start)
    let mark = out.count
    level &+= 1
    try fields(message, wire)
    closeObject(mark)
    level &-= 1
    leave()
  }

  /// The members of an object, each with a comma in front.
  mutating func fields(_ message: UnsafePointer<MessageLayout>, _ wire: WireSegments) throws(Fault) {
    if wire.isSingle {
      let mark = out.count
      if try orderedFields(message, wire.start, wire.end) { return }
      out.truncate(to: mark)
    }
    try indexedFields(message, wire)
  }

  /// The one pass: writes fields as they come, as long as they come in declaration order and once.
  ///
  /// Before the first nested message the rest of the fields is looked over, so a message that is out of order is found
  /// before any nested one was written: at most the scalars in front of it are written twice, whatever the nesting.
  ///
  /// - Returns: false when the message has to be indexed; what was written is then to be taken back.
  private mutating func orderedFields(
    _ message: UnsafePointer<MessageLayout>, _ start: Cursor, _ end: Cursor
  ) throws(Fault) -> Bool {
    if message.pointee.oneofCount > 64 || message.pointee.isMessageSet { return false }
    var cursor = start
    var next: Int32 = 0
    var oneofs: UInt64 = 0
    var isOrdered = false
    while cursor < end {
      let tagStart = cursor
      let tag = try readTag(&cursor, end)
      guard let field = message.pointee.field(number: tag &>> 3) else {
        cursor = try skip(tag, cursor, end)
        continue
      }
      let ordinal = field.pointee.ordinal
      if ordinal < next { return false }
      if field.pointee.message != nil, !isOrdered {
        guard try isRestOrdered(message, tagStart, end, next: next, oneofs: oneofs) else { return false }
        isOrdered = true
      }
      if field.pointee.oneof >= 0 {
        let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: field.pointee.oneof)
        if oneofs & bit != 0 { return false }
        oneofs |= bit
      }
      if next < ordinal { appendDefaults(message, next, ordinal) }
      next = ordinal &+ 1
      if field.pointee.isRepeated {
        cursor =
          field.pointee.isMap
          ? try mapRun(field, tagStart, end) : try listRun(field, tag: tag, cursor, end)
      } else {
        do throws(Fault) {
          cursor = try singularField(field, tag: tag, cursor, end)
        } catch {
          throw within(field, error)
        }
      }
    }
    appendDefaults(message, next, message.pointee.fieldCount)
    return true
  }

  private mutating func isRestOrdered(
    _ message: UnsafePointer<MessageLayout>, _ start: Cursor, _ end: Cursor, next: Int32, oneofs: UInt64
  ) throws(Fault) -> Bool {
    var cursor = start
    var next = next
    var oneofs = oneofs
    while cursor < end {
      let tag = try readTag(&cursor, end)
      cursor = try skip(tag, cursor, end)
      guard let field = message.pointee.field(number: tag &>> 3) else { continue }
      if field.pointee.ordinal < next { return false }
      if field.pointee.oneof >= 0 {
        let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: field.pointee.oneof)
        if oneofs & bit != 0 { return false }
        oneofs |= bit
      }
      // Another element may follow; another value may not.
      next = field.pointee.isRepeated ? field.pointee.ordinal : field.pointee.ordinal &+ 1
    }
    return true
  }

  // MARK: Layout

  /// Counts a message in, and stops what has become too deep or too long.
  @inline(__always)
  mutating func enter(_ cursor: Cursor) throws(Fault) {
    depth &+= 1
    if depth > options.maximumDepth { throw fail(.tooDeep, at: cursor) }
    if out.count > endOfOutput { throw fail(.outputTooLong, at: cursor) }
  }

  @inline(__always)
  mutating func leave() {
    depth &-= 1
  }

  /// Turns `,"a":1,"b":2` that was written from `mark` on into an object. The level is still the members'.
  @inline(__always)
  mutating func closeObject(_ mark: Int) {
    close(mark, UInt8(ascii: "{"), UInt8(ascii: "}"))
  }

  @inline(__always)
  mutating func closeList(_ mark: Int) {
    close(mark, UInt8(ascii: "["), UInt8(ascii: "]"))
  }

  @inline(__always)
  private mutating func close(_ mark: Int, _ opening: UInt8, _ closing: UInt8) {
    if out.count == mark {
      out.append(opening)
    } else {
      out.pointer(at: mark).pointee = opening
      if indent >= 0 { appendLine(level &- 1) }
    }
    out.append(closing)
  }

  /// The comma in front of an element.
  @inline(__always)
  mutating func beginElement(_ cursor: Cursor) throws(Fault) {
    out.append(UInt8(ascii: ","))
    if indent >= 0 {
      if out.count > endOfOutput { throw fail(.outputTooLong, at: cursor) }
      appendLine(level)
    }
  }

  /// The comma and the key in front of a member.
  @inline(__always)
  mutating func appendKey(_ field: UnsafePointer<FieldLayout>) {
    let key = protoNames ? field.pointee.protoKey : field.pointee.jsonKey
    let count = Int(protoNames ? field.pointee.protoKeyCount : field.pointee.jsonKeyCount)
    if indent >= 0 {
      out.append(UInt8(ascii: ","))
      appendLine(level)
      out.append(contentsOf: UnsafeRawBufferPointer(start: key, count: count))
      return out.append(UInt8(ascii: " "))
    }
    let target = out.reserve(count &+ 9)
    target.pointee = UInt8(ascii: ",")
    Self.copyPadded(key, count, to: target + 1)
    out.commit(count &+ 1)
  }

  /// The comma and a key that is not a field's, such as `"@type":`.
  mutating func appendKey(_ key: StaticString) {
    out.append(UInt8(ascii: ","))
    if indent >= 0 { appendLine(level) }
    out.append(contentsOf: key)
    if indent >= 0 { out.append(UInt8(ascii: " ")) }
  }

  @inline(never)
  mutating func appendLine(_ level: Int) {
    let length = 1 + level * indent
    let target = out.reserve(length)
    target.initialize(repeating: UInt8(ascii: " "), count: length)
    target.pointee = UInt8(ascii: "\n")
    out.commit(length)
  }

  /// Copies words of eight: both sides have room for the last one.
  @inline(__always)
  static func copyPadded(_ source: Cursor, _ count: Int, to target: UnsafeMutablePointer<UInt8>) {
    var index = 0
    repeat {
      let word = UnsafeRawPointer(source + index).loadUnaligned(as: UInt64.self)
      UnsafeMutableRawPointer(target + index).storeBytes(of: word, as: UInt64.self)
      index &+= 8
    } while index < count
  }
}

/// The bytes of one message: usually one range, several when occurrences of a field are merged.
///
/// Reading them one after the other is what merging means (encoding.md, "Last One Wins").
struct WireSegments {
  var start: UnsafePointer<UInt8>
  var end: UnsafePointer<UInt8>
  /// Further ranges as places in `DecodingPass.scratch`, each `start << 32 | end`.
  var more: Range<Int>

  @inline(__always)
  init(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, more: Range<Int> = 0..<0) {
    self.start = start
    self.end = end
    self.more = more
  }

  @inline(__always)
  var isSingle: Bool { more.isEmpty }
  @inline(__always)
  var count: Int { 1 &+ more.count }
}
