public import ProtobufJSON

/// Why a request is no message of its method: 400, INVALID_ARGUMENT.
public struct RequestFault: Error, Hashable, CustomStringConvertible {
  /// One sentence for people.
  public let message: String
  public let violations: [FieldViolation]

  public init(message: String, violations: [FieldViolation] = []) {
    self.message = message
    self.violations = violations
  }

  /// A fault of one field, path variable or parameter.
  init(field: String, reason: Reason, _ description: String) {
    self.init(
      message: description,
      violations: [FieldViolation(field: field, description: description, reason: reason.rawValue)])
  }

  /// A fault of a JSON body, or of the item with this index, from 0, of a stream of them.
  public init(_ fault: JSONFault, itemIndex: Int? = nil) {
    let field: String
    let place: String
    if let itemIndex {
      // The path of a fault at the top of an item has nothing behind its index.
      let separator = fault.fieldPath.isEmpty || fault.fieldPath.hasPrefix("[") ? "" : "."
      field = "[\(itemIndex)]\(separator)\(fault.fieldPath)"
      place = "item \(itemIndex), line \(fault.line), column \(fault.column)"
    } else {
      field = fault.fieldPath
      place = "line \(fault.line), column \(fault.column)"
    }
    let what = field.isEmpty ? "the body" : field
    self.init(
      message: "\(what) (\(place)): \(fault.reason)",
      violations: [
        FieldViolation(
          field: field, description: "\(place): \(fault.reason)", reason: Reason(fault.code).rawValue)
      ])
  }

  /// A fault of a value from the path or the query; `name` is the variable or the parameter as it was written.
  init(_ fault: TextFault, source: String, name: String) {
    self.init(
      message: "\(source) \"\(name)\": \(fault.reason)",
      violations: [FieldViolation(field: name, description: fault.reason, reason: Reason(fault.code).rawValue)])
  }

  public var description: String { message }
}

extension RequestFault {
  /// The closed list of `FieldViolation.reason`.
  enum Reason: String {
    case malformedJSON = "MALFORMED_JSON"
    case duplicateKey = "DUPLICATE_KEY"
    case nestedTooDeep = "NESTED_TOO_DEEP"
    case unknownField = "UNKNOWN_FIELD"
    case unknownParameter = "UNKNOWN_PARAMETER"
    case unknownEnumValue = "UNKNOWN_ENUM_VALUE"
    case unknownType = "UNKNOWN_TYPE"
    case wrongType = "WRONG_TYPE"
    case outOfRange = "OUT_OF_RANGE"
    case invalidValue = "INVALID_VALUE"
    case invalidEncoding = "INVALID_ENCODING"
    case missingField = "MISSING_FIELD"
    case oneofConflict = "ONEOF_CONFLICT"
    case setTwice = "SET_TWICE"
    case notAParameter = "NOT_A_PARAMETER"
    case unexpectedBody = "UNEXPECTED_BODY"

    init(_ code: JSONFault.Code) {
      self =
        switch code {
        case .unexpectedEnd, .syntax, .controlCharacter, .invalidEscape, .loneSurrogate, .invalidNumber, .trailingData:
          .malformedJSON
        case .invalidUTF8: .invalidEncoding
        case .tooDeep: .nestedTooDeep
        case .duplicateKey: .duplicateKey
        case .unknownField: .unknownField
        case .wrongType, .nullElement: .wrongType
        case .outOfRange, .notAnInteger: .outOfRange
        case .invalidBase64, .invalidValue: .invalidValue
        case .unknownEnumValue: .unknownEnumValue
        case .oneofConflict: .oneofConflict
        case .missingRequired: .missingField
        case .unknownType: .unknownType
        case .alreadyBound: .setTwice
        }
    }
  }
}
