import Foundation
import HTTPRule
import ProtobufJSON
import ProtobufSchema
import Testing
import Transcoding

/// Schemas that the suites share: `Protos/binding.proto`, and the orders of the repository itself.
enum BindingSamples {
  private static let sharedSchema = Result {
    var builder = SchemaBuilder()
    builder.add(descriptorSet: try bytes("Protos/binding.binpb"), origin: "binding.binpb")
    return try builder.build()
  }

  static func schema() throws -> Schema { try sharedSchema.get() }

  static func orderSchema() throws -> Schema {
    var builder = SchemaBuilder()
    builder.add(descriptorSet: try bytes("../../proto/order.binpb"), origin: "order.binpb")
    return try builder.build()
  }

  static func orderConfiguration() throws -> ServiceConfiguration {
    let yaml = String(decoding: try bytes("../../proto/order.http.yaml"), as: UTF8.self)
    return try ServiceConfiguration(yaml: yaml, file: "order.http.yaml")
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    let directory = URL(filePath: #filePath).deletingLastPathComponent()
    return try [UInt8](Data(contentsOf: directory.appending(path: path)))
  }

  /// The bindings of `binding.proto` with rules in YAML, each `- selector: …` at the indentation of a list.
  static func set(
    _ rules: String = "", options: TranscodingOptions = TranscodingOptions()
  ) throws -> BindingSet {
    if rules.isEmpty { return try BindingSet(schema: schema(), options: options) }
    let configuration = try ServiceConfiguration(yaml: "http:\n  rules:\n" + rules, file: "r.yaml")
    return try BindingSet(schema: schema(), configurations: [configuration], options: options)
  }
}
