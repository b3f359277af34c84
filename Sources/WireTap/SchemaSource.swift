import NIOConcurrencyHelpers
public import ProtobufSchema

/// The schema that messages are shown by; one that comes from the upstream can come later than the first call.
public final class SchemaSource: Sendable {
  private let schema: NIOLockedValueBox<Schema>

  public init(_ schema: Schema) { self.schema = NIOLockedValueBox(schema) }

  /// Knows no service.
  public static func empty() throws(SchemaErrors) -> SchemaSource { SchemaSource(try SchemaBuilder().build()) }

  public var current: Schema { schema.withLockedValue { $0 } }

  public func replace(with schema: Schema) { self.schema.withLockedValue { $0 = schema } }
}
