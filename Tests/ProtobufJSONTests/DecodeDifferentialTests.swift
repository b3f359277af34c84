import Foundation
import ProtobufJSON
import ProtobufSchema
import SwiftProtobuf
import Testing

/// Random messages against SwiftProtobuf: it serializes them, we print them, it reads what we printed.
@Suite struct DecodeDifferentialTests {
  typealias Everything = Decode_Values_Everything

  @Test(arguments: 0..<4)
  func whatWePrintReadsBackAsTheMessage(seed: UInt64) throws {
    var messages = RandomMessages(seed: seed)
    for _ in 0..<400 {
      let message = messages.everything(depth: 2)
      try expectSame(try message.serializedBytes(), message)
    }
  }

  /// Records in any order, and two messages one behind the other: SwiftProtobuf's reader says what they mean.
  @Test(arguments: 10..<14)
  func disorderMeansTheSame(seed: UInt64) throws {
    var messages = RandomMessages(seed: seed)
    for _ in 0..<400 {
      let first: [UInt8] = try messages.everything(depth: 1).serializedBytes()
      let second: [UInt8] = try messages.everything(depth: 1).serializedBytes()
      let wire = messages.disordered(first) + messages.disordered(second)
      let expected = try Everything(serializedBytes: wire, options: Self.reading)
      // Seconds of one duration and nanos of another may not fit together; then neither of us prints it.
      guard (try? expected.jsonString()) != nil else {
        #expect(throws: WireFault.self) { _ = try json(wire, as: "Everything") }
        continue
      }
      try expectSame(wire, expected)
    }
  }

  /// Damaged messages: where both of us read them, we read the same.
  @Test(arguments: 20..<24)
  func damageIsReadTheSameWay(seed: UInt64) throws {
    var messages = RandomMessages(seed: seed)
    var compared = 0
    for _ in 0..<3000 {
      var wire: [UInt8] = try messages.everything(depth: 1).serializedBytes()
      if wire.isEmpty { continue }
      for _ in 0..<Int.random(in: 1...3, using: &messages.random) {
        wire[Int.random(in: wire.indices, using: &messages.random)] = UInt8.random(in: 0...255, using: &messages.random)
      }
      guard let expected = try? Everything(serializedBytes: wire, options: Self.reading),
        let printed = try? json(wire, as: "Everything"), !printed.contains("NaN")
      else { continue }
      // Its own text read back: a Value of no kind becomes `null` on the way, in its text as in ours.
      guard let its = try? expected.jsonString(), let readBack = try? Everything(jsonString: its) else { continue }
      compared += 1
      try expectSame(wire, readBack)
    }
    #expect(compared > 300)
  }

  @Test(arguments: [
    DecodingOptions(emitDefaults: false), DecodingOptions(protoFieldNames: true), DecodingOptions(enumsAsNumbers: true),
    DecodingOptions(indent: 2), DecodingOptions(emitDefaults: false, enumsAsNumbers: true, indent: 0),
  ])
  func everyOptionReadsBack(options: DecodingOptions) throws {
    var messages = RandomMessages(seed: 40)
    for _ in 0..<200 {
      let message = messages.everything(depth: 1)
      let printed = try json(try message.serializedBytes(), as: "Everything", options)
      #expect(try Everything(jsonString: printed) == message)
    }
  }

  private static var reading: BinaryDecodingOptions {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    return options
  }

  private func expectSame(_ wire: [UInt8], _ expected: Everything) throws {
    let printed = try json(wire, as: "Everything")
    let read = try Everything(jsonString: printed)
    if read != expected {
      let its = (try? expected.jsonString()) ?? "none"
      Issue.record("\(Wire(wire).testDescription)\nwe:   \(printed)\nSwiftProtobuf: \(its)")
    }
  }
}

/// Makes random messages of the test types.
struct RandomMessages {
  var random: DecodeRandom

  init(seed: UInt64) { random = DecodeRandom(seed: seed) }

  // MARK: Values

  mutating func bits() -> UInt64 {
    // Few bits as often as many.
    random.next() >> UInt64.random(in: 0..<64, using: &random)
  }

  mutating func number() -> Double {
    if random.chance(50) { return Double(Int.random(in: -100_000...100_000, using: &random)) / 100 }
    let value = Double(bitPattern: random.next())
    return value.isFinite ? value : 0.1
  }

  mutating func float() -> Float {
    if random.chance(50) { return Float(Int.random(in: -100_000...100_000, using: &random)) / 100 }
    let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    return value.isNaN ? 0 : value
  }

  mutating func text() -> String {
    let alphabet = Array("abcXYZ019 _-./\\\"\u{1}\u{8}\n\t\u{1f}\u{7f}äß€中😀\u{2028}")
    return String(
      (0..<Int.random(in: 0..<20, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
  }

  mutating func data() -> Data {
    Data((0..<Int.random(in: 0..<12, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  mutating func color() -> Decode_Values_Color {
    Decode_Values_Color(rawValue: [0, 1, 5, -3, 9, -9].randomElement(using: &random) ?? 0) ?? .red
  }

  mutating func list<Value>(_ make: (inout RandomMessages) -> Value) -> [Value] {
    if random.chance(60) { return [] }
    return (0..<Int.random(in: 1..<6, using: &random)).map { _ in make(&self) }
  }

  mutating func map<Key: Hashable, Value>(
    _ key: (inout RandomMessages) -> Key, _ value: (inout RandomMessages) -> Value
  ) -> [Key: Value] {
    Dictionary(list { (key(&$0), value(&$0)) }, uniquingKeysWith: { $1 })
  }

  mutating func maybe<Value>(_ make: (inout RandomMessages) -> Value) -> Value? {
    random.chance(40) ? make(&self) : nil
  }

  // MARK: Messages

  mutating func everything(depth: Int) -> Decode_Values_Everything {
    var message = Decode_Values_Everything()
    if let value = maybe({ $0.scalars() }) { message.scalars = value }
    if let value = maybe({ $0.optionals() }) { message.optionals = value }
    if let value = maybe({ $0.lists() }) { message.lists = value }
    if let value = maybe({ $0.maps() }) { message.maps = value }
    if let value = maybe({ $0.choice() }) { message.choice = value }
    if let value = maybe({ $0.wellKnown() }) { message.wellKnown = value }
    if let value = maybe({ $0.shuffled(depth: 2) }) { message.shuffled = value }
    message.choices = list { $0.choice() }
    if let value = maybe({ $0.node(depth: 3) }) { message.node = value }
    if depth > 0, let value = maybe({ $0.everything(depth: depth - 1) }) { message.everything = value }
    return message
  }

  mutating func scalars() -> Decode_Values_Scalars {
    var message = Decode_Values_Scalars()
    if random.chance(50) { message.aDouble = number() }
    if random.chance(50) { message.aFloat = float() }
    if random.chance(50) { message.anInt32 = Int32(truncatingIfNeeded: bits()) }
    if random.chance(50) { message.anInt64 = Int64(bitPattern: bits()) }
    if random.chance(50) { message.aUint32 = UInt32(truncatingIfNeeded: bits()) }
    if random.chance(50) { message.aUint64 = bits() }
    if random.chance(50) { message.aSint32 = Int32(truncatingIfNeeded: bits()) }
    if random.chance(50) { message.aSint64 = Int64(bitPattern: bits()) }
    if random.chance(50) { message.aFixed32 = UInt32(truncatingIfNeeded: bits()) }
    if random.chance(50) { message.aFixed64 = bits() }
    if random.chance(50) { message.aSfixed32 = Int32(truncatingIfNeeded: bits()) }
    if random.chance(50) { message.aSfixed64 = Int64(bitPattern: bits()) }
    if random.chance(50) { message.aBool = random.chance(50) }
    if random.chance(50) { message.aString = text() }
    if random.chance(50) { message.someBytes = data() }
    if random.chance(50) { message.aColor = color() }
    return message
  }

  mutating func optionals() -> Decode_Values_Optionals {
    var message = Decode_Values_Optionals()
    if let value = maybe({ $0.number() }) { message.aDouble = value }
    if let value = maybe({ Int32(truncatingIfNeeded: $0.bits()) }) { message.anInt32 = value }
    if let value = maybe({ Int64(bitPattern: $0.bits()) }) { message.anInt64 = value }
    if let value = maybe({ $0.random.chance(50) }) { message.aBool = value }
    if let value = maybe({ $0.text() }) { message.aString = value }
    if let value = maybe({ $0.data() }) { message.someBytes = value }
    if let value = maybe({ $0.color() }) { message.aColor = value }
    if let value = maybe({ $0.scalars() }) { message.scalars = value }
    return message
  }

  mutating func lists() -> Decode_Values_Lists {
    var message = Decode_Values_Lists()
    message.doubles = list { $0.number() }
    message.floats = list { $0.float() }
    message.int32S = list { Int32(truncatingIfNeeded: $0.bits()) }
    message.int64S = list { Int64(bitPattern: $0.bits()) }
    message.uint32S = list { UInt32(truncatingIfNeeded: $0.bits()) }
    message.uint64S = list { $0.bits() }
    message.sint32S = list { Int32(truncatingIfNeeded: $0.bits()) }
    message.sint64S = list { Int64(bitPattern: $0.bits()) }
    message.fixed32S = list { UInt32(truncatingIfNeeded: $0.bits()) }
    message.fixed64S = list { $0.bits() }
    message.sfixed32S = list { Int32(truncatingIfNeeded: $0.bits()) }
    message.sfixed64S = list { Int64(bitPattern: $0.bits()) }
    message.bools = list { $0.random.chance(50) }
    message.strings = list { $0.text() }
    message.byteStrings = list { $0.data() }
    message.colors = list { $0.color() }
    message.nodes = list { $0.node(depth: 1) }
    message.unpacked = list { Int32(truncatingIfNeeded: $0.bits()) }
    return message
  }

  mutating func maps() -> Decode_Values_Maps {
    var message = Decode_Values_Maps()
    message.byInt32 = map({ Int32(truncatingIfNeeded: $0.bits()) }, { $0.text() })
    message.byInt64 = map({ Int64(bitPattern: $0.bits()) }, { Int64(bitPattern: $0.bits()) })
    message.byUint32 = map({ UInt32(truncatingIfNeeded: $0.bits()) }, { UInt32(truncatingIfNeeded: $0.bits()) })
    message.byUint64 = map({ $0.bits() }, { $0.number() })
    message.bySint32 = map({ Int32(truncatingIfNeeded: $0.bits()) }, { $0.random.chance(50) })
    message.bySint64 = map({ Int64(bitPattern: $0.bits()) }, { $0.data() })
    message.byFixed32 = map({ UInt32(truncatingIfNeeded: $0.bits()) }, { $0.float() })
    message.byFixed64 = map({ $0.bits() }, { $0.bits() })
    message.bySfixed32 = map({ Int32(truncatingIfNeeded: $0.bits()) }, { Int32(truncatingIfNeeded: $0.bits()) })
    message.bySfixed64 = map({ Int64(bitPattern: $0.bits()) }, { Int64(bitPattern: $0.bits()) })
    message.byBool = map({ $0.random.chance(50) }, { $0.color() })
    message.byString = map({ $0.text() }, { $0.node(depth: 1) })
    message.values = map({ $0.text() }, { $0.value(depth: 2) })
    return message
  }

  mutating func node(depth: Int) -> Decode_Values_Node {
    var message = Decode_Values_Node()
    if random.chance(60) { message.name = text() }
    if random.chance(40) { message.weight = Int64(bitPattern: bits()) }
    if depth > 0 {
      if let value = maybe({ $0.node(depth: depth - 1) }) { message.next = value }
      message.children = list { $0.node(depth: depth - 1) }
    }
    return message
  }

  mutating func choice() -> Decode_Values_Choice {
    var message = Decode_Values_Choice()
    message.before = text()
    switch Int.random(in: 0..<6, using: &random) {
    case 0: message.text = text()
    case 1: message.number = Int64(bitPattern: bits())
    case 2: message.node = node(depth: 1)
    case 3: message.nothing = .nullValue
    case 4: message.flag = random.chance(50)
    default: break
    }
    message.after = text()
    return message
  }

  mutating func shuffled(depth: Int) -> Decode_Values_Shuffled {
    var message = Decode_Values_Shuffled()
    message.third = text()
    message.second = list { Int32(truncatingIfNeeded: $0.bits()) }
    if let value = maybe({ $0.node(depth: 1) }) { message.first = value }
    if depth > 0, let value = maybe({ $0.shuffled(depth: depth - 1) }) { message.inner = value }
    message.custom = text()
    return message
  }

  mutating func value(depth: Int) -> Google_Protobuf_Value {
    switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
    case 0: Google_Protobuf_Value(numberValue: number())
    case 1: Google_Protobuf_Value(stringValue: text())
    case 2: Google_Protobuf_Value(boolValue: random.chance(50))
    case 3: .with { $0.nullValue = .nullValue }
    case 4: Google_Protobuf_Value(listValue: listValue(depth: depth - 1))
    default: Google_Protobuf_Value(structValue: structure(depth: depth - 1))
    }
  }

  mutating func listValue(depth: Int) -> Google_Protobuf_ListValue {
    Google_Protobuf_ListValue(values: list { $0.value(depth: depth) })
  }

  mutating func structure(depth: Int) -> Google_Protobuf_Struct {
    Google_Protobuf_Struct(fields: map({ $0.text() }, { $0.value(depth: depth) }))
  }

  mutating func timestamp() -> Google_Protobuf_Timestamp {
    Google_Protobuf_Timestamp(
      seconds: Int64.random(in: -62_135_596_800...253_402_300_799, using: &random), nanos: nanos())
  }

  mutating func duration() -> Google_Protobuf_Duration {
    let seconds = Int64.random(in: -315_576_000_000...315_576_000_000, using: &random)
    return Google_Protobuf_Duration(seconds: seconds, nanos: seconds < 0 ? -nanos() : nanos())
  }

  mutating func nanos() -> Int32 {
    let nanos = Int32.random(in: 0..<1_000_000_000, using: &random)
    let steps: [Int32] = [1, 1000, 1_000_000, 1_000_000_000]
    return nanos - nanos % (steps.randomElement(using: &random) ?? 1)
  }

  mutating func wellKnown() -> Decode_Values_WellKnown {
    var message = Decode_Values_WellKnown()
    if let value = maybe({ $0.timestamp() }) { message.timestamp = value }
    if let value = maybe({ $0.duration() }) { message.duration = value }
    if random.chance(40) { message.mask = Google_Protobuf_FieldMask(protoPaths: "foo_bar", "baz.qux_quux", "a") }
    if let value = maybe({ $0.structure(depth: 2) }) { message.structure = value }
    if let value = maybe({ $0.value(depth: 2) }) { message.value = value }
    if let value = maybe({ $0.listValue(depth: 2) }) { message.list = value }
    if random.chance(40) { message.empty = Google_Protobuf_Empty() }
    if let value = maybe({ $0.random.chance(50) }) { message.boolValue = Google_Protobuf_BoolValue(value) }
    if let value = maybe({ $0.data() }) { message.bytesValue = Google_Protobuf_BytesValue(value) }
    if let value = maybe({ $0.number() }) { message.doubleValue = Google_Protobuf_DoubleValue(value) }
    if let value = maybe({ $0.float() }) { message.floatValue = Google_Protobuf_FloatValue(value) }
    if let value = maybe({ Int32(truncatingIfNeeded: $0.bits()) }) {
      message.int32Value = Google_Protobuf_Int32Value(value)
    }
    if let value = maybe({ Int64(bitPattern: $0.bits()) }) { message.int64Value = Google_Protobuf_Int64Value(value) }
    if let value = maybe({ $0.text() }) { message.stringValue = Google_Protobuf_StringValue(value) }
    if let value = maybe({ UInt32(truncatingIfNeeded: $0.bits()) }) {
      message.uint32Value = Google_Protobuf_UInt32Value(value)
    }
    if let value = maybe({ $0.bits() }) { message.uint64Value = Google_Protobuf_UInt64Value(value) }
    message.timestamps = list { $0.timestamp() }
    message.listOfValues = list { $0.value(depth: 2) }
    message.strings = list { Google_Protobuf_StringValue($0.text()) }
    message.durations = map({ $0.text() }, { $0.duration() })
    return message
  }

  // MARK: Wire

  /// The same records in another order, and unknown ones between them.
  mutating func disordered(_ wire: [UInt8]) -> [UInt8] {
    var records = Self.records(wire)
    records.shuffle(using: &random)
    if random.chance(30) { records.append(Wire.text(777, "unknown").bytes) }
    if random.chance(30) { records.insert(Wire.group(778, .int(1, 1)).bytes, at: 0) }
    return records.flatMap { record -> [UInt8] in
      // Go into length-delimited records that are messages for sure: Everything's own fields below 9 are.
      guard record.count > 2, record[0] & 7 == 2, record[0] >> 3 <= 8, record[0] < 0x80 else { return record }
      var length = 1
      while record[length] >= 0x80 { length += 1 }
      let content = Array(record[(length + 1)...])
      var inner = Self.records(content)
      inner.shuffle(using: &random)
      return Array(record[...length]) + inner.flatMap { $0 }
    }
  }

  private static func records(_ wire: [UInt8]) -> [[UInt8]] {
    var records: [[UInt8]] = []
    var place = 0
    func varint() -> Int {
      var value = 0
      var shift = 0
      while true {
        let byte = wire[place]
        place += 1
        value |= Int(byte & 0x7F) &<< shift
        shift += 7
        if byte < 0x80 { return value }
      }
    }
    while place < wire.count {
      let start = place
      switch varint() & 7 {
      case 0: _ = varint()
      case 1: place += 8
      case 2: place = varint() + place
      default: place += 4
      }
      records.append(Array(wire[start..<place]))
    }
    return records
  }
}
