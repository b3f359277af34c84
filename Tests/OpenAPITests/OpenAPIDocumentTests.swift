import JSONTree
import OpenAPI
import ProtobufSchema
import Testing

@Suite struct OpenAPIDocumentTests {
  @Test(arguments: [Golden.order, .catalog])
  func everyReferenceLeadsSomewhere(golden: Golden) throws {
    let tree = try JSONTree(parsing: golden.document().json())
    var references: Set<String> = []
    collect("$ref", in: tree, into: &references)
    #expect(references.count > 5)
    for reference in references {
      let path = reference.split(separator: "/").dropFirst().map(String.init)
      try #require(path.count == 3)
      let isThere = !tree.at(path[...]).isNull
      #expect(isThere, "\(reference)")
    }
  }

  @Test func everyComponentIsReferredTo() throws {
    let tree = try JSONTree(parsing: Golden.catalog.document().json())
    var references: Set<String> = []
    collect("$ref", in: tree, into: &references)
    let names = tree.at("components", "schemas").keys
    #expect(names.count > 15)
    for name in names {
      #expect(references.contains("#/components/schemas/\(name)"))
    }
  }

  @Test func operationIDsAreUnique() throws {
    let tree = try JSONTree(parsing: Golden.catalog.document().json())
    let paths = tree.at("paths")
    var ids: [String] = []
    for path in paths.keys {
      for method in paths.at(path).keys {
        if let id = paths.at(path, method, "operationId").string { ids.append(id) }
      }
    }
    #expect(ids.count == 15)
    #expect(Set(ids).count == ids.count)
  }

  @Test func rulesThatNameNothingAreAllReported() throws {
    let schema = try Golden.order.schema
    func rule(_ selector: String, _ template: String, body: String = "", response: String? = nil, line: Int)
      -> HTTPRuleDeclaration
    {
      HTTPRuleDeclaration(
        selector: selector, method: .post, template: template, body: .init(body), responseBody: response,
        origin: .file("r.yaml", line: line))
    }
    let rules = [
      rule("order.OrderManagement.addOrder", "/v1/orders", body: "*", line: 1),
      rule("order.OrderManagement.drop", "/v1/orders", line: 2),
      rule("order.OrderManagement.addOrder", "/v1/{ids}", line: 3),
      rule("order.OrderManagement.addOrder", "/v1/{", line: 4),
      rule("order.OrderManagement.addOrder", "/v1", body: "address", line: 5),
      rule("order.OrderManagement.getOrder", "/v1", response: "idd", line: 6),
    ]
    do {
      _ = try OpenAPIDocument(schema: schema, declarations: rules)
      Issue.record("the rules were taken")
    } catch {
      #expect(error.errors.map(\.origin) == (2...6).map { .file("r.yaml", line: $0) })
    }
  }

  @Test func automaticRoutesAreDescribedWhereThereIsNoOther() throws {
    let schema = try Golden.order.schema
    let automatic = Golden.order.automatic(schema)
    let alone = try JSONTree(parsing: OpenAPIDocument(schema: schema, declarations: automatic).json())
    let first = alone.at("paths").keys.first
    #expect(first == "/order.OrderManagement/addOrder")
    let beside = try JSONTree(parsing: Golden.order.document().json())
    let isThere = beside.at("paths").keys.contains { $0.contains("OrderManagement") }
    #expect(!isThere)
  }

  @Test func switchesShowInTheSchemas() throws {
    let options = OpenAPIOptions(protoFieldNames: true, enumsAsNumbers: true, ignoresUnknownFields: true)
    let tree = try JSONTree(parsing: Golden.order.document(options: options).json())
    let order = tree.at("components", "schemas", "order.Order")
    let last = order.at("properties").keys.last
    #expect(last == "last_updated")
    let isOpen = order.at("additionalProperties").isNull
    #expect(isOpen)
    let choices = tree.at("components", "schemas", "order.Order.AddressType", "anyOf")
    let type = choices.element(at: 0)?.member("type")?.string
    #expect(type == "integer")
  }

  private func collect(_ key: String, in tree: borrowing JSONTree, into found: inout Set<String>) {
    for member in tree.keys {
      guard let value = tree.member(member) else { continue }
      if member == key, let text = value.string { found.insert(text) }
      collect(key, in: value, into: &found)
    }
    if tree.kind == .array {
      for index in 0..<tree.count {
        if let value = tree.element(at: index) { collect(key, in: value, into: &found) }
      }
    }
  }
}
