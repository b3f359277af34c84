internal import SwiftProtobuf

/// Field numbers of `descriptor.proto` by which source info finds elements.
enum DescriptorPath {
  static let fileMessage: Int32 = 4
  static let fileEnum: Int32 = 5
  static let fileService: Int32 = 6
  static let fileExtension: Int32 = 7
  static let messageField: Int32 = 2
  static let messageNested: Int32 = 3
  static let messageEnum: Int32 = 4
  static let messageExtension: Int32 = 6
  static let messageOneof: Int32 = 8
  static let enumValue: Int32 = 2
  static let serviceMethod: Int32 = 2
}

extension SchemaLinker {
  /// Enters every name of the file; types get their numbers.
  mutating func declare(file index: Int32) {
    let file = files[Int(index)]
    let package = file.descriptor.package
    if !package.isEmpty {
      for part in package.split(separator: ".", omittingEmptySubsequences: false) where !Self.isIdentifier(part) {
        fail(.invalid, file: index, "", "the package \(package.quoted) is not a dotted name")
        break
      }
    }
    for (i, message) in file.descriptor.messageType.enumerated() {
      _ = declare(
        message, scope: package, file: index, features: file.features, path: [DescriptorPath.fileMessage, Int32(i)])
    }
    for (i, enumeration) in file.descriptor.enumType.enumerated() {
      _ = declare(
        enumeration, scope: package, file: index, features: file.features, path: [DescriptorPath.fileEnum, Int32(i)])
    }
    for (i, field) in file.descriptor.extension.enumerated() {
      declare(
        extension: field, scope: package, file: index, features: file.features,
        path: [DescriptorPath.fileExtension, Int32(i)])
    }
  }

  private mutating func declare(
    _ message: Google_Protobuf_DescriptorProto, scope: String, file: Int32, features: ResolvedFeatures, path: [Int32]
  ) -> Int32 {
    let index = Int32(messages.count)
    let element = element(
      message.name, scope: scope, file: file, path: path, symbol: .message(index),
      options: message.hasOptions ? bytes(of: message.options) : [], isDeprecated: message.options.deprecated)
    let features = features.applying(message.options.features)
    messages.append(LinkedMessage(descriptor: message, element: element, features: features, path: path))
    let inner = element.fullName
    for field in message.field { declare(member: field.name, scope: inner, file: file) }
    for (i, oneof) in message.oneofDecl.enumerated() {
      declare(member: oneof.name, scope: inner, file: file)
      let comments = files[Int(file)].comments.comment(path + [DescriptorPath.messageOneof, Int32(i)])
      messages[Int(index)].oneofs.append(
        OneofRecord(name: oneof.name, comments: comments, isSynthetic: false, members: []))
    }
    for (i, nested) in message.nestedType.enumerated() {
      let child = declare(
        nested, scope: inner, file: file, features: features, path: path + [DescriptorPath.messageNested, Int32(i)])
      messages[Int(index)].nestedMessages.append(child)
    }
    for (i, nested) in message.enumType.enumerated() {
      let child = declare(
        nested, scope: inner, file: file, features: features, path: path + [DescriptorPath.messageEnum, Int32(i)])
      messages[Int(index)].nestedEnums.append(child)
    }
    for (i, field) in message.extension.enumerated() {
      declare(
        extension: field, scope: inner, file: file, features: features,
        path: path + [DescriptorPath.messageExtension, Int32(i)])
    }
    return index
  }

  private mutating func declare(
    _ enumeration: Google_Protobuf_EnumDescriptorProto, scope: String, file: Int32, features: ResolvedFeatures,
    path: [Int32]
  ) -> Int32 {
    let index = Int32(enums.count)
    let declared = element(
      enumeration.name, scope: scope, file: file, path: path, symbol: .enumeration(index),
      options: enumeration.hasOptions ? bytes(of: enumeration.options) : [],
      isDeprecated: enumeration.options.deprecated)
    // Values live beside their enum, not inside it (as in C++).
    var values: [EnumValueRecord] = []
    for (i, value) in enumeration.value.enumerated() {
      let record = element(
        value.name, scope: scope, file: file, path: path + [DescriptorPath.enumValue, Int32(i)], symbol: .member,
        options: value.hasOptions ? bytes(of: value.options) : [], isDeprecated: value.options.deprecated)
      values.append(EnumValueRecord(element: record, number: value.number))
    }
    enums.append(
      LinkedEnum(
        descriptor: enumeration, element: declared, features: features.applying(enumeration.options.features),
        values: values))
    return index
  }

  private mutating func declare(
    extension field: Google_Protobuf_FieldDescriptorProto, scope: String, file: Int32, features: ResolvedFeatures,
    path: [Int32]
  ) {
    let element = element(
      field.name, scope: scope, file: file, path: path, symbol: .member,
      options: field.hasOptions ? bytes(of: field.options) : [], isDeprecated: field.options.deprecated)
    extensions.append(
      LinkedExtension(
        descriptor: field, element: element, scope: scope, features: features.applying(field.options.features)))
  }

  mutating func declare(member name: String, scope: String, file: Int32) {
    _ = element(name, scope: scope, file: file, path: nil, symbol: .member, options: [], isDeprecated: false)
  }

  /// Checks a name, enters it and describes the element.
  mutating func element(
    _ name: String, scope: String, file: Int32, path: [Int32]?, symbol: SymbolTable.Symbol, options: [UInt8],
    isDeprecated: Bool
  ) -> ElementRecord {
    let fullName = scope.isEmpty ? name : "\(scope).\(name)"
    if !Self.isIdentifier(name[...]) {
      fail(.invalid, file: file, scope, "\(name.quoted) is not a name")
    } else if let other = symbols.declare(fullName, symbol, file: file) {
      let place = other == file ? "twice in this file" : "in \(files[Int(other)].descriptor.name.quoted) too"
      fail(.duplicate, file: file, fullName, "the name is declared \(place)")
    }
    return ElementRecord(
      name: name, fullName: fullName, file: file,
      comments: path.map { files[Int(file)].comments.comment($0) } ?? "", optionsBytes: options,
      isDeprecated: isDeprecated)
  }

  /// Options are kept serialized: extensions of ours and of others are in there as unknown fields.
  func bytes(of options: some SwiftProtobuf.Message) -> [UInt8] {
    (try? options.serializedBytes(partial: true)) ?? []
  }

  static func isIdentifier(_ name: Substring) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
    }
  }
}
