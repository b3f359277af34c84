public import ProtobufSchema

/// A field of a message, or a field of a message in it, and so on; never empty.
///
/// Every field but the last is a message that occurs once and has no JSON form of its own, so that setting the last
/// one is the same as sending each message on the way with one field.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  public let fields: [FieldSchema]

  /// As many messages inside each other as parsers of protobuf accept.
  static let maximumDepth = 100

  /// The names from the `.proto` file, joined by dots.
  public var description: String { fields.map(\.name).joined(separator: ".") }

  /// Says why a path leads nowhere.
  struct Fault: Error, Hashable {
    let message: String
    /// The whole path with the part that was probably meant.
    let suggestion: String?
    let isUnknown: Bool
  }

  init(fields: [FieldSchema]) { self.fields = fields }

  /// Follows proto or JSON names from `message`.
  init(resolving names: [String], in message: MessageSchema) throws(Fault) {
    guard names.count <= Self.maximumDepth else {
      let message = "the path has \(names.count) parts, more than \(Self.maximumDepth)"
      throw Fault(message: message, suggestion: nil, isUnknown: false)
    }
    var fields: [FieldSchema] = []
    fields.reserveCapacity(names.count)
    var message = message
    for (index, name) in names.enumerated() {
      guard let field = message.field(jsonOrProtoName: name) else {
        let nearest = message.nearestFieldName(to: name)
        throw Fault(
          message: "\(message.fullName) has no field \"\(name)\"",
          suggestion: nearest.map { (names[..<index] + [$0] + names[(index + 1)...]).joined(separator: ".") },
          isUnknown: true)
      }
      fields.append(field)
      guard index < names.count - 1 else { break }
      message = try Self.enter(field, names[...index])
    }
    self.fields = fields
  }

  /// The message whose fields a further part of the path may name.
  private static func enter(_ field: FieldSchema, _ names: ArraySlice<String>) throws(Fault) -> MessageSchema {
    func fault(_ message: String) -> Fault {
      let part = names.joined(separator: ".")
      return Fault(message: "\"\(part)\" \(message)", suggestion: nil, isUnknown: false)
    }
    switch field.cardinality {
    case .singular: break
    case .repeated: throw fault("is repeated, so its elements' fields cannot be set one by one")
    case .map: throw fault("is a map, so its values' fields cannot be set one by one")
    }
    guard let message = field.message else {
      throw fault("is of type \(field.kind.protoName) and has no fields")
    }
    if let wellKnown = message.wellKnown, wellKnown != .empty {
      throw fault("is a \(message.fullName), which is set as a whole")
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
