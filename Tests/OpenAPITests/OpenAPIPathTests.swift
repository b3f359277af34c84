import HTTPRule
import ProtobufSchema
import Testing

@testable import OpenAPI

@Suite struct OpenAPIPathTests {
  @Test(arguments: [
    ("/v1/books/{name}", "/v1/books/{name}", ["name"]),
    ("/v1/{name=shelves/*/books/*}", "/v1/shelves/{shelf}/books/{book}", ["shelf", "book"]),
    ("/v1/{name=shelves/*/books/*}:search", "/v1/shelves/{shelf}/books/{book}:search", ["shelf", "book"]),
    ("/v1/{name=categories/*}", "/v1/categories/{category}", ["category"]),
    ("/v1/{name=*}", "/v1/{name}", ["name"]),
    ("/v1/{name=files/**}", "/v1/files/{name}", ["name"]),
    ("/v1/{name=**}:read", "/v1/{name}:read", ["name"]),
    ("/v1/{name=items/*/items/*}", "/v1/items/{item}/items/{item2}", ["item", "item2"]),
    ("/v1/{name=*/*}", "/v1/{name}/{name2}", ["name", "name2"]),
    ("/v1/*/x/*", "/v1/{segment}/x/{segment2}", ["segment", "segment2"]),
    ("/v1/books:search", "/v1/books:search", []),
    ("/v1/a%2Fb/c%7Bd", "/v1/a%2Fb/c%7Bd", []),
    ("/", "/", []),
  ])
  func templatesBecomePaths(template: String, text: String, names: [String]) throws {
    let path = try Self.path(template)
    #expect(path.text == text)
    #expect(path.parameters.map(\.name) == names)
  }

  @Test(arguments: [
    ("/v1/books/{name}", "/v1/{name=books/*}", true),
    ("/v1/books/*", "/v1/{name=books/**}", true),
    ("/v1/books/{name}", "/v1/books/{name}:move", false),
    ("/v1/books/{name}", "/v1/shelves/{name}", false),
  ])
  func pathsThatDifferInNamesAloneAreOne(first: String, second: String, same: Bool) throws {
    #expect(try (Self.path(first).key == Self.path(second).key) == same)
  }

  @Test func partsOfAVariableSayHowItIsPutTogether() throws {
    let path = try Self.path("/v1/{name=shelves/*/books/*}")
    let other = try Self.path("/v1/shelves/{name}/books/*")
    #expect(path.parameters.map(\.composition) == ["shelves/{shelf}/books/{book}", "shelves/{shelf}/books/{book}"])
    let renamed = path.renamed(like: other)
    #expect(renamed.text == "/v1/shelves/{name}/books/{segment}")
    #expect(renamed.parameters.map(\.composition)[0] == "shelves/{name}/books/{segment}")
  }

  private static func path(_ template: String) throws -> OpenAPIPath {
    let declaration = HTTPRuleDeclaration(
      selector: "catalog.v1.Catalog.GetBook", method: .get, template: template, origin: .file("test", line: 1))
    let route = try #require(try OpenAPIRoute.resolve([declaration], in: Golden.catalog.schema).first)
    return OpenAPIPath(route)
  }
}
