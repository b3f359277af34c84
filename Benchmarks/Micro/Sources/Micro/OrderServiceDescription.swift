import Foundation
import ProtobufSchema
import Transcoding

/// The order service's schema and routes, from the repository's own files.
struct OrderServiceDescription {
  let schema: Schema
  let order: MessageSchema
  let bindings: BindingSet

  init() throws {
    var builder = SchemaBuilder()
    let descriptors = "proto/order.binpb"
    builder.add(descriptorSet: Array(try Self.contents(of: descriptors)), origin: descriptors)
    let schema = try builder.build()
    guard let order = schema.message(named: "order.Order") else {
      throw SubjectError("\(descriptors) has no order.Order")
    }
    self.schema = schema
    self.order = order
    let rules = "proto/order.http.yaml"
    let text = String(decoding: try Self.contents(of: rules), as: UTF8.self)
    bindings = try BindingSet(schema: schema, configurations: [ServiceConfiguration(yaml: text, file: rules)])
  }

  private static func contents(of path: String) throws -> Data {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SubjectError("\(path) is not there: run this at the top of the repository")
    }
    return data
  }
}
