public import ProtobufSchema

/// The fields that the path and the query have set already, which the body may therefore not set.
///
/// A tree by message: `order.id` bound leaves the rest of `order` to the body, which is written as a further
/// occurrence of the field and merged by whoever parses it.
public struct BoundFields: Sendable {
  private struct Node {
    /// Bit numbers: a field's ordinal, or the count of fields plus the number of a oneof.
    var bits: Set<Int> = []
    var children: [Int: Int32] = [:]
  }

  enum Binding {
    case free
    case bound
    /// Some fields inside are bound; the number of the tree's node that knows which.
    case inside(Int32)
  }

  private var nodes: [Node] = [Node()]

  public init() {}

  public var isEmpty: Bool { nodes[0].bits.isEmpty && nodes[0].children.isEmpty }

  /// Notes that the field at the end of the path is set. Each field of the path but the last is a message field.
  public mutating func insert(_ path: [FieldSchema]) {
    var node = 0
    for (depth, field) in path.enumerated() {
      let ordinal = Int(field.layout.pointee.ordinal)
      if let oneof = Self.oneofBit(field.layout, in: field.containingMessage.layout) {
        nodes[node].bits.insert(oneof)
      }
      if depth == path.count - 1 {
        nodes[node].bits.insert(ordinal)
      } else if let child = nodes[node].children[ordinal] {
        node = Int(child)
      } else {
        nodes.append(Node())
        nodes[node].children[ordinal] = Int32(nodes.count - 1)
        node = nodes.count - 1
      }
    }
  }

  /// Whether exactly this field, or one that contains it, is set.
  public func contains(_ path: [FieldSchema]) -> Bool {
    var node: Int32 = 0
    for field in path {
      switch binding(of: field.layout, at: node) {
      case .free: return false
      case .bound: return true
      case .inside(let child): node = child
      }
    }
    return false
  }

  func binding(of field: UnsafePointer<FieldLayout>, at node: Int32) -> Binding {
    let ordinal = Int(field.pointee.ordinal)
    if nodes[Int(node)].bits.contains(ordinal) { return .bound }
    return nodes[Int(node)].children[ordinal].map { .inside($0) } ?? .free
  }

  /// Whether a field of the same oneof, or something in one, is set.
  func bindsOneof(
    of field: UnsafePointer<FieldLayout>, in message: UnsafePointer<MessageLayout>, at node: Int32
  ) -> Bool {
    guard let bit = Self.oneofBit(field, in: message) else { return false }
    return nodes[Int(node)].bits.contains(bit)
  }

  private static func oneofBit(
    _ field: UnsafePointer<FieldLayout>, in message: UnsafePointer<MessageLayout>
  ) -> Int? {
    field.pointee.oneof < 0 ? nil : message.pointee.totalCount + Int(field.pointee.oneof)
  }
}
