import Foundation
import SwiftProtobuf

/// Finds the file that declares a name, and everything that file imports.
struct DescriptorIndex: Sendable {
  private struct Extension: Hashable {
    let extendee: String
    let number: Int32
  }

  private struct File {
    var serialized: Data
    var imports: [String]
  }

  private var files: [String: File] = [:]
  private var fileOfSymbol: [String: String] = [:]
  private var fileOfExtension: [Extension: String] = [:]
  private var messages: Set<String> = []
  /// Full names, in the order of the files.
  private(set) var services: [String] = []

  init(_ set: Google_Protobuf_FileDescriptorSet) throws {
    for file in set.file {
      files[file.name] = File(serialized: try file.serializedBytes(), imports: file.dependency)
      for service in file.service {
        let name = Self.join(file.package, service.name)
        services.append(name)
        fileOfSymbol[name] = file.name
        for method in service.method {
          fileOfSymbol["\(name).\(method.name)"] = file.name
        }
      }
      for message in file.messageType { add(message, in: file.package, file: file.name) }
      for enumeration in file.enumType { add(enumeration, in: file.package, file: file.name) }
      for field in file.extension { add(extension: field, in: file.package, file: file.name) }
    }
  }

  /// The serialized file and, after it, each file it imports, directly or not, once; `nil` when unknown.
  func fileWithImports(named name: String) -> [Data]? {
    guard files[name] != nil else { return nil }
    var names = [name]
    var next = 0
    var serialized: [Data] = []
    while next < names.count {
      if let file = files[names[next]] {
        serialized.append(file.serialized)
        for imported in file.imports where !names.contains(imported) { names.append(imported) }
      }
      next += 1
    }
    return serialized
  }

  func file(containingSymbol symbol: String) -> String? {
    fileOfSymbol[Self.withoutLeadingDot(symbol)]
  }

  func file(containingExtension number: Int32, of type: String) -> String? {
    fileOfExtension[Extension(extendee: Self.withoutLeadingDot(type), number: number)]
  }

  /// In ascending order; `nil` when there is no message of that name.
  func extensionNumbers(of type: String) -> [Int32]? {
    let type = Self.withoutLeadingDot(type)
    guard messages.contains(type) else { return nil }
    return fileOfExtension.keys.filter { $0.extendee == type }.map(\.number).sorted()
  }

  private mutating func add(_ message: Google_Protobuf_DescriptorProto, in scope: String, file: String) {
    let name = Self.join(scope, message.name)
    fileOfSymbol[name] = file
    messages.insert(name)
    for field in message.field { fileOfSymbol["\(name).\(field.name)"] = file }
    for oneof in message.oneofDecl { fileOfSymbol["\(name).\(oneof.name)"] = file }
    for nested in message.nestedType { add(nested, in: name, file: file) }
    for enumeration in message.enumType { add(enumeration, in: name, file: file) }
    for field in message.extension { add(extension: field, in: name, file: file) }
  }

  /// The values of an enum are siblings of the enum, not its children.
  private mutating func add(_ enumeration: Google_Protobuf_EnumDescriptorProto, in scope: String, file: String) {
    fileOfSymbol[Self.join(scope, enumeration.name)] = file
    for value in enumeration.value { fileOfSymbol[Self.join(scope, value.name)] = file }
  }

  private mutating func add(
    extension field: Google_Protobuf_FieldDescriptorProto, in scope: String, file: String
  ) {
    fileOfSymbol[Self.join(scope, field.name)] = file
    fileOfExtension[Extension(extendee: Self.withoutLeadingDot(field.extendee), number: field.number)] = file
  }

  private static func join(_ scope: String, _ name: String) -> String {
    scope.isEmpty ? name : "\(scope).\(name)"
  }

  private static func withoutLeadingDot(_ name: String) -> String {
    name.hasPrefix(".") ? String(name.dropFirst()) : name
  }
}
