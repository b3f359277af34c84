internal import SwiftProtobuf

extension SchemaLinker {
  /// Numbers and JSON names once each; map entries and well-known types in the shape the transcoder relies on.
  mutating func checkMessage(_ index: Int) {
    let message = messages[index]
    var numbers: [Int32: String] = [:]
    for field in message.fields {
      if let other = numbers.updateValue(field.element.fullName, forKey: field.number) {
        fail(
          .duplicate, file: field.element.file, field.element.fullName, "the number \(field.number) is also \(other)'s")
      }
    }
    checkJSONNames(message)
    if message.descriptor.options.mapEntry { checkMapEntry(message) }
    if let known = WellKnownType.byFullName[message.element.fullName], !known.matches(message) {
      fail(
        .invalid, file: message.file, message.element.fullName,
        "the type has not the fields that its JSON form stands on")
    }
  }

  private mutating func checkJSONNames(_ message: LinkedMessage) {
    if message.descriptor.options.deprecatedLegacyJsonFieldConflicts { return }
    var names: [String: LinkedField] = [:]
    for field in message.fields.prefix(Int(message.fieldCount)) {
      guard let other = names.updateValue(field, forKey: field.jsonName) else { continue }
      // Where the old rules hold, two derived names may clash: the first field keeps the name.
      if !message.features.strictJSON, !field.hasCustomJSONName, !other.hasCustomJSONName { continue }
      fail(
        .jsonNameConflict, file: message.file, field.element.fullName,
        "its JSON name \(field.jsonName.quoted) is also \(other.element.name)'s")
    }
  }

  private mutating func checkMapEntry(_ message: LinkedMessage) {
    let fields = message.fields
    let isEntry =
      fields.count == 2 && message.fieldCount == 2 && message.oneofs.isEmpty
      && fields[0].number == 1 && fields[0].element.name == "key" && fields[0].kind.isMapKey
      && fields[1].number == 2 && fields[1].element.name == "value" && fields[1].kind != .group
      && fields.allSatisfy { !$0.flags.contains(.repeated) && !$0.flags.contains(.required) }
    if !isEntry {
      fail(.invalid, file: message.file, message.element.fullName, "the map entry is not {key = 1, value = 2}")
    }
  }

  /// At least one value, zero first where the enum is open, no number twice unless aliases are allowed.
  mutating func checkEnum(_ index: Int) {
    let enumeration = enums[index]
    let file = enumeration.element.file
    let name = enumeration.element.fullName
    guard let first = enumeration.values.first else {
      fail(.invalid, file: file, name, "the enum has no values")
      return
    }
    if !enumeration.features.closedEnums, first.number != 0 {
      fail(.invalid, file: file, name, "the first value of an open enum is 0, not \(first.number)")
    }
    if enumeration.descriptor.options.allowAlias { return }
    var names: [Int32: String] = [:]
    for value in enumeration.values {
      if let other = names.updateValue(value.element.name, forKey: value.number) {
        fail(
          .duplicate, file: file, value.element.fullName,
          "the number \(value.number) is also \(other)'s, and allow_alias is not set")
      }
    }
  }
}
