/// A gRPC service of a schema.
public struct ServiceSchema: SchemaElement, RecordedElement {
  public let schema: Schema
  package let index: Int32

  package init(schema: Schema, index: Int32) {
    self.schema = schema
    self.index = index
  }

  var record: ServiceRecord { schema.serviceRecords[Int(index)] }
  var element: ElementRecord { schema.serviceRecords[Int(index)].element }

  /// The methods in declaration order.
  public var methods: [MethodSchema] {
    (record.firstMethod..<record.firstMethod + record.methodCount).map { MethodSchema(schema: schema, index: $0) }
  }
}
