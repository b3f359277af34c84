/// Why a JSON text could not become a message: what, where, and what would have been right.
public struct JSONFault: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Hashable, CaseIterable {
    // The text is not JSON (RFC 8259).
    case unexpectedEnd
    case syntax
    case controlCharacter
    case invalidEscape
    case loneSurrogate
    case invalidUTF8
    case invalidNumber
    case trailingData
    case tooDeep
    case duplicateKey
    // It is JSON, but not the JSON of this message (ProtoJSON).
    case unknownField
    case wrongType
    case outOfRange
    case notAnInteger
    case invalidBase64
    case unknownEnumValue
    case nullElement
    case oneofConflict
    case missingRequired
    case invalidValue
    case unknownType
    /// The path or the query has already set the field.
    case alreadyBound
  }

  public let code: Code
  /// Bytes in front of the fault.
  public let offset: Int
  /// From 1; a line ends with LF.
  public let line: Int
  /// From 1, in characters (Unicode scalars), not bytes.
  public let column: Int
  /// The keys as they stand in the text: `addresses[2].type`; empty for the outermost value.
  public let fieldPath: String
  /// What stood there.
  public let found: String
  public let expected: String
  /// The name that was probably meant.
  public let suggestion: String?

  public init(
    code: Code, offset: Int, line: Int, column: Int, fieldPath: String, found: String, expected: String,
    suggestion: String? = nil
  ) {
    self.code = code
    self.offset = offset
    self.line = line
    self.column = column
    self.fieldPath = fieldPath
    self.found = found
    self.expected = expected
    self.suggestion = suggestion
  }

  /// What is wrong, without the place: `found "HOEM", expected a value of order.Order.AddressType; did you mean "HOME"?`
  public var reason: String {
    let hint = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
    return "found \(found), expected \(expected)\(hint)"
  }

  /// One sentence for people: where, what was found, what was expected.
  public var message: String {
    let place = "line \(line), column \(column)"
    return fieldPath.isEmpty ? "\(place): \(reason)" : "\(fieldPath) (\(place)): \(reason)"
  }

  public var description: String { message }
}
