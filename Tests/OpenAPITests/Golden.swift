import Foundation
import OpenAPI
import ProtobufSchema
import Testing

/// A description that is compared with its committed file byte for byte.
///
/// `RENEW_OPENAPI=1 swift test --filter OpenAPIGoldenTests` writes the files anew; `make openapi` calls it.
struct Golden: Sendable, CustomTestStringConvertible {
  let descriptors: String
  let rules: String
  /// The file's path without `.json` or `.yaml`.
  let file: String
  var options = OpenAPIOptions()

  static let order = Golden(
    descriptors: "proto/order.binpb", rules: "proto/order.http.yaml", file: "openapi/order.openapi",
    options: OpenAPIOptions(servesWebSocket: true))
  static let catalog = Golden(
    descriptors: "Tests/OpenAPITests/Vectors/catalog.binpb", rules: "Tests/OpenAPITests/Vectors/catalog.http.yaml",
    file: "Tests/OpenAPITests/Vectors/catalog.openapi", options: OpenAPIOptions(servesWebSocket: true))

  var testDescription: String { file }

  static var isRenewing: Bool { ProcessInfo.processInfo.environment["RENEW_OPENAPI"] == "1" }

  /// A file of the repository by its path from the root.
  static func url(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: path)
  }

  static func contents(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: url(path))) }

  var schema: Schema {
    get throws {
      var builder = SchemaBuilder(options: SchemaOptions(keepsComments: true))
      builder.add(descriptorSet: try Self.contents(descriptors), origin: descriptors)
      return try builder.build()
    }
  }

  var declarations: [HTTPRuleDeclaration] {
    get throws {
      try ServiceConfiguration(yaml: String(decoding: Self.contents(rules), as: UTF8.self), file: rules).rules
    }
  }

  /// The automatic route of every method, as the gateway adds them.
  func automatic(_ schema: Schema) -> [HTTPRuleDeclaration] {
    schema.services.flatMap(\.methods).map {
      HTTPRuleDeclaration(selector: $0.fullName, method: .post, template: $0.path, body: .whole, origin: .automatic)
    }
  }

  func document(options: OpenAPIOptions = OpenAPIOptions()) throws -> OpenAPIDocument {
    let schema = try schema
    return try OpenAPIDocument(
      schema: schema, declarations: try declarations + automatic(schema), options: options)
  }
}
