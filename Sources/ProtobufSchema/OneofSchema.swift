/// A group of fields of which at most one is set.
public struct OneofSchema: Sendable, Hashable {
  public let message: MessageSchema
  let index: Int

  private var record: OneofRecord { message.record.oneofs[index] }

  public var name: String { record.name }
  public var comments: String { record.comments }
  /// Made by the compiler for a single proto3 `optional` field.
  public var isSynthetic: Bool { record.isSynthetic }
  public var fields: [FieldSchema] {
    let first = message.record.firstField
    return record.members.map { FieldSchema(schema: message.schema, index: first + $0) }
  }
}
