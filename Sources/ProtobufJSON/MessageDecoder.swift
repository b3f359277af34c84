public import ProtobufSchema

/// Turns protobuf wire bytes into canonical ProtoJSON, by schema and in one pass.
///
/// No message object is built: text goes from the wire straight into the output. Fields are printed in declaration
/// order. A message whose fields come in that order, as serializers write them where numbers follow declarations, is
/// written as it is read; any other is indexed first, so that fields are ordered, repeated fields grouped, occurrences
/// of a message merged, and of scalars and of the members of a oneof the last one is taken.
///
/// Unknown fields are skipped. Nothing that an upstream sends traps: every fault is thrown with its byte and its field.
public struct MessageDecoder: Sendable {
  public let schema: Schema
  public let options: DecodingOptions

  public init(schema: Schema, options: DecodingOptions = DecodingOptions()) {
    self.schema = schema
    self.options = options
  }

  /// Appends one message as JSON to `output`.
  ///
  /// - Parameter message: the message's type, of this decoder's schema.
  /// - Throws: `WireFault`; `output` is then as it was.
  public func decode(
    _ wire: RawSpan, as message: MessageSchema, into output: inout OutputBuffer
  ) throws(WireFault) {
    var pass = DecodingPass(schema: schema, options: options, output: output)
    let failure = wire.withUnsafeBytes { pass.run($0, as: message.layout, path: []) }
    let offset = pass.faultOffset
    let fieldPath = pass.faultPath
    output = pass.finish(keep: failure == nil)
    if let failure { throw WireFault(code: failure, offset: offset, fieldPath: fieldPath) }
  }

  /// Appends the value of one field as JSON to `output`: the `response_body` of an HTTP rule.
  ///
  /// A field that is not there is printed as its default, and as `null` when it has presence.
  ///
  /// - Parameters:
  ///   - path: the field, or the message fields on the way and then the field; none of those on the way is repeated.
  ///   - message: the type of `wire`.
  /// - Throws: `WireFault`; `output` is then as it was.
  public func decodeField(
    _ wire: RawSpan, path: [FieldSchema], of message: MessageSchema, into output: inout OutputBuffer
  ) throws(WireFault) {
    var pass = DecodingPass(schema: schema, options: options, output: output)
    let failure = wire.withUnsafeBytes { pass.run($0, as: message.layout, path: path.map(\.layout)) }
    let offset = pass.faultOffset
    let fieldPath = pass.faultPath
    output = pass.finish(keep: failure == nil)
    if let failure { throw WireFault(code: failure, offset: offset, fieldPath: fieldPath) }
  }
}
