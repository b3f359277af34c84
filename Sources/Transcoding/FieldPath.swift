public import ProtobufSchema

/// A field of a message, or a field of a message in it, and so on; never empty.
///
/// Every field but the last is a message that occurs once and has no JSON form of its own, so that setting the last
/// one is the same as sending each message on the way with one field.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  public let fields: [FieldSchema]

  /// The names from the `.proto` file, joined by dots.
  public var description: String { fields.map(\.name).joined(separator: ".") }

  /// Says which part of a path leads nowhere, and why.
  struct Fault: Error, Hashable {
    /// The parts up to the one that is wrong.
    let part: String
    let message: String
    /// The whole path with the part that was probably meant.
    let suggestion: String?
    let isUnknown: Bool
  }

  init(fields: [FieldSchema]) { self.fields = fields }

  /// Follows proto or JSON names from `message`.
  init(resolving names: [String], in message: MessageSchema) throws(Fault) {
    var fields: [FieldSchema] = []
    var message = message
    for (index, name) in names.enumerated() {
      let part = names[...index].joined(separator: ".")
      guard let field = message.field(jsonOrProtoName: name) else {
        let nearest = message.nearestFieldName(to: name)
        throw Fault(
          part: part, message: "\(message.fullName) has no field \"\(name)\"",
          suggestion: nearest.map { (names[..<index] + [$0] + names[(index + 1)...]).joined(separator: ".") },
          isUnknown: true)
      }
      fields.append(field)
      guard index < names.count - 1 else { break }
      message = try Self.enter(field, as: part)
    }
    self.fields = fields
  }

  /// The message whose fields a further part of the path may name.
  static func enter(_ field: FieldSchema, as part: String) throws(Fault) -> MessageSchema {
    func fault(_ message: String) -> Fault {
      Fault(part: part, message: message, suggestion: nil, isUnknown: false)
    }
    switch field.cardinality {
    case .singular: break
    case .repeated: throw fault("\"\(part)\" is repeated, so its elements' fields cannot be set one by one")
    case .map: throw fault("\"\(part)\" is a map, so its values' fields cannot be set one by one")
    }
    guard let message = field.message else {
      throw fault("\"\(part)\" is of type \(field.kind.protoName) and has no fields")
    }
    if let wellKnown = message.wellKnown, wellKnown != .empty {
      throw fault("\"\(part)\" is a \(message.fullName), which is set as a whole")
    }
    return message
  }
}

extension FieldSchema {
  /// The type for texts: a kind, or the name of a message or an enum.
  var typeName: String { message?.fullName ?? enumeration?.fullName ?? kind.protoName }

  /// Whether one value of the field can be written as one text in a path or a query.
  var isTextual: Bool {
    guard let message else { return true }
    guard let wellKnown = message.wellKnown else { return false }
    switch wellKnown {
    case .timestamp, .duration, .fieldMask: return true
    case .any, .structure, .value, .listValue, .empty: return false
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .stringValue, .uint32Value,
      .uint64Value:
      return true
    }
  }
}
