/// One fault of a descriptor set: which file, which element, what is wrong.
public struct SchemaError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// The bytes are no `FileDescriptorSet`.
    case malformed
    /// A file imports one that is in no set.
    case missingImport
    case importCycle
    /// Two different files of one name, or one full name used twice.
    case duplicate
    /// A type is named that is in no file, or is of the wrong sort.
    case unresolvedType
    /// A name, number, label or option that the language does not allow.
    case invalid
    /// Two fields of one message share a JSON name.
    case jsonNameConflict
    case unsupportedEdition
  }

  public let code: Code
  /// The `.proto` file, or what the caller called the set when no file is known.
  public let file: String
  /// The full name of the element, empty when the file itself is meant.
  public let element: String
  public let message: String

  public init(code: Code, file: String, element: String, message: String) {
    self.code = code
    self.file = file
    self.element = element
    self.message = message
  }

  public var description: String {
    element.isEmpty ? "\(file): \(message)" : "\(file): \(element): \(message)"
  }
}

/// All faults of the given sets, in the order in which they were found; never empty.
public struct SchemaErrors: Error, Equatable, Sendable, CustomStringConvertible {
  public let errors: [SchemaError]

  public var description: String { errors.map(\.description).joined(separator: "\n") }
}
