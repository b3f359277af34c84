import HTTPRule
import ProtobufJSON
import ProtobufSchema
import Testing
import Transcoding

/// Sends requests through a set of bindings and says what the upstream would be sent.
struct BindingRequest {
  let set: BindingSet

  init(_ rules: String = "", options: TranscodingOptions = TranscodingOptions()) throws {
    set = try BindingSamples.set(rules, options: options)
  }

  init(_ set: BindingSet) { self.set = set }

  /// The binding, the path's and the query's bytes, and what came of them.
  func bound(
    _ method: String, _ target: String, into output: inout OutputBuffer
  ) throws -> (binding: MethodBinding, result: RequestBinding) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = Array(parts[0].utf8)
    let query = parts.count > 1 ? Array(parts[1].utf8) : []
    guard case .matched(let binding, let variables) = set.table.match(method: method, path: path.span.bytes) else {
      throw NoRoute(target: "\(method) \(target)")
    }
    let result = try binding.bindRequest(
      path: path.span.bytes, variables: variables, query: query.span.bytes, into: &output)
    return (binding, result)
  }

  struct NoRoute: Error { let target: String }

  /// The request message as JSON without defaults, or the fault's words behind `400 `.
  func message(_ method: String, _ target: String, body: String = "", itemIndex: Int? = nil) throws -> String {
    var output = OutputBuffer()
    let binding: MethodBinding
    do {
      let bound = try bound(method, target, into: &output)
      binding = bound.binding
      try binding.encodeBody(Array(body.utf8).span.bytes, after: bound.result, itemIndex: itemIndex, into: &output)
    } catch let fault as RequestFault {
      #expect(output.array.isEmpty || !body.isEmpty, "a fault leaves nothing behind")
      return "400 \(fault.message)"
    }
    return try json(output.array, of: binding.method.input)
  }

  func fault(_ method: String, _ target: String, body: String = "", itemIndex: Int? = nil) -> RequestFault? {
    var output = OutputBuffer()
    do {
      let bound = try bound(method, target, into: &output)
      try bound.binding.encodeBody(
        Array(body.utf8).span.bytes, after: bound.result, itemIndex: itemIndex, into: &output)
      return nil
    } catch {
      return error as? RequestFault
    }
  }

  func json(_ wire: [UInt8], of message: MessageSchema) throws -> String {
    var text = OutputBuffer()
    let options = DecodingOptions(emitDefaults: false, protoFieldNames: true)
    try MessageDecoder(schema: set.schema, options: options).decode(wire.span.bytes, as: message, into: &text)
    return String(decoding: text.array, as: UTF8.self)
  }
}
