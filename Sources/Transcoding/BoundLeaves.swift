internal import ProtobufSchema

/// The single values that a request has set so far outside of its body, to find those that are set twice.
struct BoundLeaves: Sendable {
  enum Conflict: Equatable {
    /// The same field, or the same key of a map.
    case setTwice
    /// Another member of this oneof.
    case oneof(String, other: String)
  }

  private struct Leaf: Hashable {
    let numbers: [Int]
    let mapKey: String?
  }

  private struct OneofPlace: Hashable {
    let numbers: [Int]
    let oneof: Int
  }

  private var leaves: Set<Leaf> = []
  private var members: [OneofPlace: FieldSchema] = [:]

  /// Notes a value of the last field; returns what it collides with.
  mutating func insert(_ path: [FieldSchema], mapKey: String? = nil) -> Conflict? {
    var numbers: [Int] = []
    for field in path {
      if let oneof = field.oneof, let index = field.oneofIndex {
        let place = OneofPlace(numbers: numbers, oneof: index)
        if let member = members[place], member != field { return .oneof(oneof.name, other: member.name) }
        members[place] = field
      }
      numbers.append(field.number)
    }
    if path.last?.cardinality == .repeated { return nil }
    return leaves.insert(Leaf(numbers: numbers, mapKey: mapKey)).inserted ? nil : .setTwice
  }

  /// Notes that a field of the message itself comes with the body, which rules out its oneof's other members.
  mutating func reserve(_ field: FieldSchema) {
    guard let index = field.oneofIndex, field.oneof != nil else { return }
    members[OneofPlace(numbers: [], oneof: index)] = field
  }
}
