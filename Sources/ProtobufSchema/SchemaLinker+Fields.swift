internal import SwiftProtobuf

extension SchemaLinker {
  mutating func linkFields() {
    for index in messages.indices {
      let message = messages[index]
      for (i, field) in message.descriptor.field.enumerated() {
        let path = message.path + [DescriptorPath.messageField, Int32(i)]
        let element = ElementRecord(
          name: field.name, fullName: "\(message.element.fullName).\(field.name)", file: message.file,
          comments: files[Int(message.file)].comments.comment(path),
          optionsBytes: field.hasOptions ? bytes(of: field.options) : [], isDeprecated: field.options.deprecated)
        if field.hasExtendee {
          fail(.invalid, file: message.file, element.fullName, "an extension stands among the fields of a message")
        }
        let linked = link(
          field, element: element, scope: message.element.fullName,
          features: fieldFeatures(field, in: message), message: index)
        guard let linked else { continue }
        if linked.oneof >= 0 {
          messages[index].oneofs[Int(linked.oneof)].members.append(Int32(messages[index].fields.count))
          if field.proto3Optional { messages[index].oneofs[Int(linked.oneof)].isSynthetic = true }
        }
        messages[index].fields.append(linked)
      }
      messages[index].fieldCount = Int32(messages[index].fields.count)
      checkOneofs(index)
    }
  }

  /// A oneof's features stand between the message's and the field's.
  private func fieldFeatures(
    _ field: Google_Protobuf_FieldDescriptorProto, in message: LinkedMessage
  ) -> ResolvedFeatures {
    var features = message.features
    let oneofs = message.descriptor.oneofDecl
    if field.hasOneofIndex, oneofs.indices.contains(Int(field.oneofIndex)) {
      features = features.applying(oneofs[Int(field.oneofIndex)].options.features)
    }
    return features.applying(field.options.features)
  }

  private mutating func checkOneofs(_ index: Int) {
    let message = messages[index]
    for oneof in message.oneofs {
      let name = "\(message.element.fullName).\(oneof.name)"
      if oneof.members.isEmpty {
        fail(.invalid, file: message.file, name, "the oneof has no fields")
      } else if oneof.isSynthetic, oneof.members.count > 1 {
        fail(.invalid, file: message.file, name, "a proto3 optional field shares its oneof")
      }
      for member in oneof.members where message.fields[Int(member)].flags.contains(.repeated) {
        fail(.invalid, file: message.file, name, "a repeated field stands in a oneof")
      }
    }
  }

  mutating func linkExtensions() {
    for linking in extensions {
      let file = linking.element.file
      let name = linking.element.fullName
      guard case .message(let target)? = symbols.type(linking.descriptor.extendee, scope: linking.scope) else {
        let extendee = linking.descriptor.extendee
        fail(.unresolvedType, file: file, name, "extends \(extendee.quoted), which is no message of any given file")
        continue
      }
      guard
        var field = link(
          linking.descriptor, element: linking.element, scope: linking.scope, features: linking.features, message: nil)
      else { continue }
      field.flags.insert(.isExtension)
      field.jsonName = "[\(name)]"
      if field.flags.contains(.required) {
        fail(.invalid, file: file, name, "an extension cannot be required")
      }
      let ranges = messages[Int(target)].descriptor.extensionRange
      if !ranges.contains(where: { $0.start <= field.number && field.number < $0.end }) {
        let extended = messages[Int(target)].element.fullName
        fail(.invalid, file: file, name, "\(extended) does not set the number \(field.number) aside for extensions")
      }
      messages[Int(target)].fields.append(field)
    }
    for index in messages.indices {
      let count = Int(messages[index].fieldCount)
      messages[index].fields[count...].sort { $0.number < $1.number }
    }
  }

  /// Settles one field's type, cardinality and features; nil when it cannot be described.
  private mutating func link(
    _ field: Google_Protobuf_FieldDescriptorProto, element: ElementRecord, scope: String, features: ResolvedFeatures,
    message index: Int?
  ) -> LinkedField? {
    let file = element.file
    if !Self.isFieldNumber(field.number) {
      fail(
        .invalid, file: file, element.fullName,
        "\(field.number) is no field number (1 to 536870911, not 19000 to 19999)")
    }
    guard let type = linkType(field, element: element, scope: scope) else { return nil }
    var result = LinkedField(
      element: element, number: field.number, kind: type.kind, flags: [],
      jsonName: field.jsonName.isEmpty ? JSONNaming.camelCase(field.name) : field.jsonName,
      hasCustomJSONName: field.hasJsonName && field.jsonName != JSONNaming.camelCase(field.name), type: type.index,
      defaultText: field.hasDefaultValue ? field.defaultValue : nil)
    if index != nil, result.jsonName.first == "[", result.jsonName.last == "]" {
      fail(.invalid, file: file, element.fullName, "a JSON name in brackets would be taken for an extension")
    }
    if let index, field.hasOneofIndex {
      if messages[index].oneofs.indices.contains(Int(field.oneofIndex)) {
        result.oneof = field.oneofIndex
      } else {
        fail(.invalid, file: file, element.fullName, "its oneof (\(field.oneofIndex)) does not exist")
      }
    } else if field.proto3Optional, index != nil {
      fail(.invalid, file: file, element.fullName, "a proto3 optional field has no oneof of its own")
    }
    settle(&result, field, features, message: index)
    return result
  }

  /// Cardinality, presence, packing and delimiting.
  private mutating func settle(
    _ result: inout LinkedField, _ field: Google_Protobuf_FieldDescriptorProto, _ features: ResolvedFeatures,
    message index: Int?
  ) {
    let isExtension = index == nil
    // Entries of maps and what they hold are always length-prefixed.
    let isMapEntry = index.map { messages[$0].descriptor.options.mapEntry } ?? false
    let isEntry = result.kind == .message && messages[Int(result.type)].descriptor.options.mapEntry
    if isEntry {
      result.flags.insert(.map)
      if field.label != .repeated {
        fail(
          .invalid, file: result.element.file, result.element.fullName, "a map entry stands in a field that is no map")
      }
    } else if result.kind == .message, features.delimited, !isMapEntry {
      result.kind = .group
    }
    if result.kind == .string, features.validatesUTF8 { result.flags.insert(.validatesUTF8) }
    if field.label == .repeated {
      result.flags.insert(.repeated)
      let packed = field.options.hasPacked ? field.options.packed : features.packed
      if packed, result.kind.isPackable { result.flags.insert(.packed) }
      return
    }
    if field.label == .required || features.presence == .legacyRequired && !isExtension && result.oneof < 0 {
      result.flags.insert(.required)
    }
    let isMessage = result.kind == .message || result.kind == .group
    if isMessage || isExtension || result.oneof >= 0 || features.presence != .implicit {
      result.flags.insert(.presence)
    }
  }

  /// The field's kind, and the index of its message or enum.
  private mutating func linkType(
    _ field: Google_Protobuf_FieldDescriptorProto, element: ElementRecord, scope: String
  ) -> (kind: FieldKind, index: Int32)? {
    let file = element.file
    guard field.hasType else { return linkNamedType(field, element: element, scope: scope) }
    guard let kind = FieldKind(rawValue: UInt8(truncatingIfNeeded: field.type.rawValue)) else {
      fail(.invalid, file: file, element.fullName, "\(field.type.rawValue) is no field type")
      return nil
    }
    guard kind == .message || kind == .group || kind == .enumeration else { return (kind, -1) }
    guard let named = linkNamedType(field, element: element, scope: scope) else { return nil }
    if (named.kind == .enumeration) != (kind == .enumeration) {
      fail(
        .unresolvedType, file: file, element.fullName,
        "its type \(field.typeName.quoted) is \(named.kind == .enumeration ? "an enum, not a message" : "a message, not an enum")"
      )
      return nil
    }
    return (kind, named.index)
  }

  private mutating func linkNamedType(
    _ field: Google_Protobuf_FieldDescriptorProto, element: ElementRecord, scope: String
  ) -> (kind: FieldKind, index: Int32)? {
    switch symbols.type(field.typeName, scope: scope) {
    case .message(let index): return (.message, index)
    case .enumeration(let index): return (.enumeration, index)
    case .service, .member, nil:
      fail(
        .unresolvedType, file: element.file, element.fullName,
        field.typeName.isEmpty
          ? "it has no type" : "its type \(field.typeName.quoted) is no message or enum of any given file")
      return nil
    }
  }

  static func isFieldNumber(_ number: Int32) -> Bool {
    number >= 1 && number <= 536_870_911 && !(19_000...19_999).contains(number)
  }
}
