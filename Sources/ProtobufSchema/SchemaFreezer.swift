internal import SwiftProtobuf

/// Lays a checked schema out for reading: plain memory for the hot side, records for the descriptive one.
struct SchemaFreezer {
  let linker: SchemaLinker
  private let arena = SchemaArena()
  private let messageLayouts: UnsafeMutablePointer<MessageLayout>
  private let enumLayouts: UnsafeMutablePointer<EnumLayout>
  private let fieldLayouts: UnsafeMutablePointer<FieldLayout>

  init(linker: SchemaLinker) {
    self.linker = linker
    messageLayouts = arena.allocate(MessageLayout.self, count: linker.messages.count)
    enumLayouts = arena.allocate(EnumLayout.self, count: linker.enums.count)
    fieldLayouts = arena.allocate(FieldLayout.self, count: linker.messages.reduce(0) { $0 + $1.fields.count })
  }

  func freeze() -> FrozenSchema {
    for index in linker.enums.indices { layOut(enumeration: index) }
    var messages: [MessageRecord] = []
    var fields: [FieldRecord] = []
    for (index, message) in linker.messages.enumerated() {
      messages.append(
        MessageRecord(
          element: message.element, firstField: Int32(fields.count), fieldCount: message.fieldCount,
          extensionCount: Int32(message.fields.count) - message.fieldCount, oneofs: message.oneofs,
          nestedMessages: message.nestedMessages, nestedEnums: message.nestedEnums))
      layOut(message: index, firstField: fields.count)
      fields += message.fields.map { field in
        FieldRecord(
          element: field.element, jsonName: field.jsonName, message: Int32(index), oneof: field.oneof,
          defaultText: field.defaultText)
      }
    }
    return FrozenSchema(
      arena: arena, files: linker.files.map(Self.record), messages: messages, fields: fields,
      enums: linker.enums.map { EnumRecord(element: $0.element, values: $0.values) }, services: linker.services,
      methods: linker.methods, messageLayouts: UnsafePointer(messageLayouts),
      fieldLayouts: UnsafePointer(fieldLayouts), enumLayouts: UnsafePointer(enumLayouts),
      messageNames: NameTableBuilder.build(
        linker.messages.enumerated().map { (Array($0.element.element.fullName.utf8), Int32($0.offset)) }, in: arena))
  }

  private static func record(_ file: LinkedFile) -> FileRecord {
    FileRecord(
      name: file.descriptor.name, package: file.descriptor.package, syntax: file.syntax, isBuiltIn: file.isBuiltIn)
  }

  private func layOut(message index: Int, firstField: Int) {
    let message = linker.messages[index]
    let fields = message.fields
    let realOneofs = Self.realOneofs(message)
    for (ordinal, field) in fields.enumerated() {
      layOut(field, ordinal: ordinal, index: firstField + ordinal, realOneofs: realOneofs)
    }
    let byNumber = fields.indices.sorted { fields[$0].number < fields[$1].number }.map(Int32.init)
    let dense = Self.denseOrdinals(fields)
    let oneofCount = realOneofs.reduce(0) { max($0, $1 + 1) }
    let words = (fields.count + Int(oneofCount) + 63) / 64
    var required = [UInt64](repeating: 0, count: words)
    for (ordinal, field) in fields.enumerated() where field.flags.contains(.required) {
      required[ordinal / 64] |= 1 << UInt64(ordinal % 64)
    }
    // A field's own JSON name wins over another's proto name.
    let names = fields.enumerated().map { (Array($0.element.jsonName.utf8), Int32($0.offset)) }
    let protoNames = fields.enumerated().filter { !$0.element.flags.contains(.isExtension) }
      .map { (Array($0.element.element.name.utf8), Int32($0.offset)) }
    (messageLayouts + index).initialize(
      to: MessageLayout(
        fields: UnsafePointer(fieldLayouts + firstField), fieldCount: message.fieldCount,
        extensionCount: Int32(fields.count) - message.fieldCount, ordinalsByNumber: arena.copy(byNumber),
        denseOrdinals: arena.copy(dense), denseCount: Int32(dense.count),
        oneofCount: oneofCount,
        names: NameTableBuilder.build(names + protoNames, in: arena), bitWords: Int32(words),
        requiredCount: Int32(fields.count { $0.flags.contains(.required) }), requiredBits: arena.copy(required),
        wellKnownCode: WellKnownType.byFullName[message.element.fullName]?.rawValue ?? 0,
        isMapEntry: message.descriptor.options.mapEntry,
        isMessageSet: message.descriptor.options.messageSetWireFormat, index: Int32(index)))
  }

  private func layOut(_ field: LinkedField, ordinal: Int, index: Int, realOneofs: [Int32]) {
    let isExtension = field.flags.contains(.isExtension)
    let jsonKey = JSONNaming.quoted(field.jsonName) + [UInt8(ascii: ":")]
    let protoKey = JSONNaming.quoted(isExtension ? field.jsonName : field.element.name) + [UInt8(ascii: ":")]
    let wireType: WireType = field.flags.contains(.packed) ? .lengthDelimited : field.kind.wireType
    let tag = Self.varint(UInt32(bitPattern: field.number) << 3 | UInt32(wireType.rawValue))
    let isMessage = field.kind == .message || field.kind == .group
    (fieldLayouts + index).initialize(
      to: FieldLayout(
        number: field.number, kind: field.kind, tagCount: tag.count, flags: field.flags, tagBytes: tag.bytes,
        ordinal: Int32(ordinal), oneof: field.oneof < 0 ? -1 : realOneofs[Int(field.oneof)],
        jsonKey: arena.copyPadded(jsonKey), protoKey: arena.copyPadded(protoKey),
        jsonKeyCount: Int32(jsonKey.count), protoKeyCount: Int32(protoKey.count),
        message: isMessage ? UnsafePointer(messageLayouts + Int(field.type)) : nil,
        enumeration: field.kind == .enumeration ? UnsafePointer(enumLayouts + Int(field.type)) : nil,
        index: Int32(index)))
  }

  /// For each oneof its number among those that are not synthetic, or -1.
  private static func realOneofs(_ message: LinkedMessage) -> [Int32] {
    var next: Int32 = 0
    return message.oneofs.map { oneof in
      if oneof.isSynthetic { return -1 }
      defer { next += 1 }
      return next
    }
  }

  /// Numbers that lie close together get a table; it may be up to four times as long as it has entries.
  private static func denseOrdinals(_ fields: [LinkedField]) -> [Int32] {
    let numbers = fields.map { Int($0.number) }.sorted()
    var count = 0
    for (place, number) in numbers.enumerated() where number < max(16, 4 * (place + 1)) { count = number + 1 }
    var table = [Int32](repeating: -1, count: count)
    for (ordinal, field) in fields.enumerated() where Int(field.number) < count {
      table[Int(field.number)] = Int32(ordinal)
    }
    return table
  }

  private static func varint(_ value: UInt32) -> (bytes: UInt64, count: UInt8) {
    var rest = value
    var bytes: UInt64 = 0
    var count: UInt8 = 0
    while rest >= 0x80 {
      bytes |= UInt64(rest & 0x7F | 0x80) << UInt64(8 * count)
      rest >>= 7
      count += 1
    }
    return (bytes | UInt64(rest) << UInt64(8 * count), count + 1)
  }

  private func layOut(enumeration index: Int) {
    let enumeration = linker.enums[index]
    var firstNames: [Int32: String] = [:]
    for value in enumeration.values where firstNames[value.number] == nil {
      firstNames[value.number] = value.element.name
    }
    let numbers = firstNames.keys.sorted()
    let values = numbers.map { number in
      let quoted = JSONNaming.quoted(firstNames[number] ?? "")
      return EnumLayout.Value(
        number: number, quotedCount: Int32(quoted.count), quoted: arena.copyPadded(quoted))
    }
    let places = Dictionary(uniqueKeysWithValues: zip(numbers, Int32(0)...))
    let names = enumeration.values.map { (Array($0.element.name.utf8), places[$0.number] ?? 0) }
    let span = Int(numbers.last ?? 0) - Int(numbers.first ?? 0)
    (enumLayouts + index).initialize(
      to: EnumLayout(
        values: arena.copy(values), valueCount: Int32(values.count), isContiguous: span == numbers.count - 1,
        isClosed: enumeration.features.closedEnums,
        isNullValue: enumeration.element.fullName == "google.protobuf.NullValue",
        names: NameTableBuilder.build(names, in: arena), index: Int32(index)))
  }
}
