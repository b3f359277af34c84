internal import ProtobufSchema

/// How a scalar goes onto the wire.
enum ValueForm {
  case tagged
  /// Tagged, and left out when it is the default: for fields without presence.
  case unlessDefault
  /// Without a tag, inside of a packed record.
  case packed
}

/// Scalars: numbers, booleans, enums and bytes, as JSON has them.
extension JSONMessageReader {
  /// Reads one scalar that is not a string and writes it.
  @inline(__always)
  mutating func scalar(_ field: UnsafePointer<FieldLayout>, form: ValueForm) throws(Halt) {
    switch field.pointee.kind {
    case .bool: try boolean(field, form)
    case .enumeration: try enumeration(field, form)
    case .bytes:
      guard next == UInt8(ascii: "\"") else { throw wrongType(field) }
      let at = p
      try base64(field, try content(), form, at: at)
    case .string, .message, .group: throw wrongType(field)
    default: try number(field, form)
    }
  }

  @inline(__always)
  private mutating func boolean(_ field: UnsafePointer<FieldLayout>, _ form: ValueForm) throws(Halt) {
    if next == UInt8(ascii: "t") {
      try literal("true")
      write(varint: 1, field, form)
    } else if next == UInt8(ascii: "f") {
      try literal("false")
      write(varint: 0, field, form)
    } else {
      throw wrongType(field)
    }
  }

  /// Numbers may also stand in a string, and 64-bit ones usually do (ProtoJSON, "Int64 and UInt64").
  @inline(__always)
  private mutating func number(_ field: UnsafePointer<FieldLayout>, _ form: ValueForm) throws(Halt) {
    let start = p
    if next == UInt8(ascii: "\"") {
      let text = try content()
      return try number(text: text, field, form, at: start)
    }
    var decimal = DecimalNumber()
    var fault = p
    guard next == UInt8(ascii: "-") || next &- 0x30 <= 9 else { throw wrongType(field) }
    guard let numberEnd = DecimalNumber.scan(p, end, into: &decimal, fault: &fault) else {
      throw malformedNumber(at: fault)
    }
    p = numberEnd
    try write(decimal, from: start, to: numberEnd, field, form, at: start)
  }

  /// The number that is all of a string or of a text.
  mutating func number(
    text: Content, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm, at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    if field.pointee.kind == .double || field.pointee.kind == .float, let special = Self.special(text) {
      if field.pointee.kind == .double {
        write(double: special, field, form)
      } else {
        write(float: Float(special), field, form)
      }
      return
    }
    var decimal = DecimalNumber()
    var fault = place
    guard DecimalNumber.scan(text.start, text.end, into: &decimal, fault: &fault) == text.end else {
      throw fail(.wrongType, at: place, expected: expectation(of: view(field)))
    }
    try write(decimal, from: text.start, to: text.end, field, form, at: place)
  }

  private static func special(_ text: Content) -> Double? {
    switch text.count {
    case 3: equals(text, "NaN") ? .nan : nil
    case 8: equals(text, "Infinity") ? .infinity : nil
    case 9: equals(text, "-Infinity") ? -.infinity : nil
    default: nil
    }
  }

  static func equals(_ text: Content, _ word: StaticString) -> Bool {
    text.count == word.utf8CodeUnitCount && NameTable.equal(text.start, word.utf8Start, text.count)
  }

  static func isTypeKey(_ name: Content) -> Bool { equals(name, "@type") }

  /// Writes a number as the field's kind, if it is one of that kind.
  @inline(__always)
  private mutating func write(
    _ decimal: DecimalNumber, from start: UnsafePointer<UInt8>, to numberEnd: UnsafePointer<UInt8>,
    _ field: UnsafePointer<FieldLayout>, _ form: ValueForm, at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    switch field.pointee.kind {
    case .double:
      let value = decimal.double(start, numberEnd)
      guard value.isFinite else { throw fail(.outOfRange, at: place, expected: expectation(of: view(field))) }
      write(double: value, field, form)
    case .float:
      let value = decimal.float(start, numberEnd)
      guard value.isFinite else { throw fail(.outOfRange, at: place, expected: expectation(of: view(field))) }
      write(float: value, field, form)
    default:
      var magnitude = decimal.mantissa
      if !decimal.isPlain { magnitude = try wholeMagnitude(start, numberEnd, field, at: place) }
      try write(magnitude: magnitude, isNegative: decimal.isNegative, field, form, at: place)
    }
  }

  @inline(never)
  private mutating func wholeMagnitude(
    _ start: UnsafePointer<UInt8>, _ numberEnd: UnsafePointer<UInt8>, _ field: UnsafePointer<FieldLayout>,
    at place: UnsafePointer<UInt8>
  ) throws(Halt) -> UInt64 {
    switch DecimalNumber.magnitude(start, numberEnd) {
    case .value(let value): return value
    case .notAnInteger: throw fail(.notAnInteger, at: place, expected: expectation(of: view(field)))
    case .tooLarge: throw fail(.outOfRange, at: place, expected: expectation(of: view(field)))
    }
  }

  /// Checks the range of the kind and writes.
  @inline(__always)
  mutating func write(
    magnitude: UInt64, isNegative: Bool, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm,
    at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    let kind = field.pointee.kind
    let limit: UInt64
    switch kind {
    case .int32, .sint32, .sfixed32, .enumeration: limit = isNegative ? 1 << 31 : 1 << 31 - 1
    case .int64, .sint64, .sfixed64: limit = isNegative ? 1 << 63 : 1 << 63 - 1
    case .uint32, .fixed32: limit = isNegative ? 0 : UInt64(UInt32.max)
    default: limit = isNegative ? 0 : .max
    }
    guard magnitude <= limit else { throw fail(.outOfRange, at: place, expected: expectation(of: view(field))) }
    let value = isNegative ? 0 &- magnitude : magnitude
    switch kind {
    case .sint32, .sint64:
      let signed = Int64(bitPattern: value)
      write(varint: UInt64(bitPattern: signed << 1 ^ signed >> 63), field, form)
    case .fixed32, .sfixed32: write(fixed32: UInt32(truncatingIfNeeded: value), field, form)
    case .fixed64, .sfixed64: write(fixed64: value, field, form)
    default: write(varint: value, field, form)
    }
  }

  @inline(__always)
  mutating func write(varint value: UInt64, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm) {
    if value == 0, form == .unlessDefault { return }
    room(24)
    if form != .packed { tag(field) }
    varint(value)
  }

  @inline(__always)
  private mutating func write(fixed32 value: UInt32, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm) {
    if value == 0, form == .unlessDefault { return }
    room(16)
    if form != .packed { tag(field) }
    fixed32(value)
  }

  @inline(__always)
  private mutating func write(fixed64 value: UInt64, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm) {
    if value == 0, form == .unlessDefault { return }
    room(24)
    if form != .packed { tag(field) }
    fixed64(value)
  }

  /// Zero's bits are the default; minus zero is a value.
  @inline(__always)
  private mutating func write(double value: Double, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm) {
    write(fixed64: value.bitPattern, field, form)
  }

  @inline(__always)
  private mutating func write(float value: Float, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm) {
    write(fixed32: value.bitPattern, field, form)
  }

  /// An enum's value by name or by number; `null` for `NullValue`.
  private mutating func enumeration(_ field: UnsafePointer<FieldLayout>, _ form: ValueForm) throws(Halt) {
    guard let layout = field.pointee.enumeration else { throw wrongType(field) }
    let start = p
    if next == UInt8(ascii: "\"") {
      let name = try content()
      if let value = layout.pointee.value(name: name.start, count: name.count) {
        write(varint: UInt64(bitPattern: Int64(value.pointee.number)), field, form)
      } else if ignoresUnknown {
        passesUnknownName = true
      } else {
        throw unknownEnumName(name, layout, at: start)
      }
      return
    }
    if next == UInt8(ascii: "n"), layout.pointee.isNullValue {
      try literal("null")
      return write(varint: 0, field, form)
    }
    var decimal = DecimalNumber()
    var fault = p
    guard next == UInt8(ascii: "-") || next &- 0x30 <= 9 else { throw wrongType(field) }
    guard let numberEnd = DecimalNumber.scan(p, end, into: &decimal, fault: &fault) else {
      throw malformedNumber(at: fault)
    }
    p = numberEnd
    try enumeration(decimal, start, numberEnd, layout, field, form, at: start)
  }

  /// An enum's value by number: a closed enum must know it.
  mutating func enumeration(
    _ decimal: DecimalNumber, _ start: UnsafePointer<UInt8>, _ numberEnd: UnsafePointer<UInt8>,
    _ layout: UnsafePointer<EnumLayout>, _ field: UnsafePointer<FieldLayout>, _ form: ValueForm,
    at place: UnsafePointer<UInt8>
  ) throws(Halt) {
    var magnitude = decimal.mantissa
    if !decimal.isPlain { magnitude = try wholeMagnitude(start, numberEnd, field, at: place) }
    if layout.pointee.isClosed, magnitude <= 1 << 31 {
      let signed = decimal.isNegative ? -Int64(magnitude) : Int64(magnitude)
      guard let number = Int32(exactly: signed), layout.pointee.value(number: number) != nil else {
        throw fail(.unknownEnumValue, at: place, expected: expectation(of: view(field)))
      }
    }
    try write(magnitude: magnitude, isNegative: decimal.isNegative, field, form, at: place)
  }
}
