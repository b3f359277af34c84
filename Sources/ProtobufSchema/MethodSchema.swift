/// A method of a gRPC service. `fullName` is `pkg.Service.Method`; `optionsBytes` hold the `google.api.http` rule.
public struct MethodSchema: SchemaElement, RecordedElement {
  public let schema: Schema
  package let index: Int32

  package init(schema: Schema, index: Int32) {
    self.schema = schema
    self.index = index
  }

  var record: MethodRecord { schema.methodRecords[Int(index)] }
  var element: ElementRecord { schema.methodRecords[Int(index)].element }

  /// The `:path` of a call, `/pkg.Service/Method`.
  public var path: String { record.path }
  public var service: ServiceSchema { ServiceSchema(schema: schema, index: record.service) }
  public var input: MessageSchema { MessageSchema(schema: schema, index: record.input) }
  public var output: MessageSchema { MessageSchema(schema: schema, index: record.output) }
  public var clientStreaming: Bool { record.clientStreaming }
  public var serverStreaming: Bool { record.serverStreaming }
}
