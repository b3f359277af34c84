import Foundation
import OpenAPI
import Testing

@Suite struct OpenAPIGoldenTests {
  @Test(arguments: [Golden.order, .catalog])
  func descriptionsAreAsCommitted(golden: Golden) throws {
    let document = try golden.document(options: golden.options)
    for (bytes, file) in [(document.json(), "\(golden.file).json"), (document.yaml(), "\(golden.file).yaml")] {
      if Golden.isRenewing {
        try Data(bytes).write(to: Golden.url(file))
      } else {
        let committed = try Golden.contents(file)
        // Compared outside of the macro, which would print every byte.
        let isSame = committed == bytes
        #expect(isSame, "\(file) is not what would be written now; make openapi renews it")
      }
    }
  }

  @Test func theOrderOfRulesDoesNotMatter() throws {
    let schema = try Golden.catalog.schema
    let automatic = Golden.catalog.automatic(schema)
    let forward = try OpenAPIDocument(schema: schema, declarations: automatic)
    let backward = try OpenAPIDocument(schema: schema, declarations: automatic.reversed())
    #expect(forward.json() == backward.json())
    #expect(!automatic.isEmpty)
  }
}
