import Foundation
import Testing

@testable import ProtobufSchema

@Suite struct HTTPRuleAnnotationsTests {
  /// `Tests/TranscodingTests/Protos/binding.proto`, compiled.
  static func schema() throws -> Schema {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../TranscodingTests/Protos/binding.binpb")
    var builder = SchemaBuilder()
    builder.add(descriptorSet: try [UInt8](Data(contentsOf: file)), origin: "binding.binpb")
    return try builder.build()
  }

  @Test func everyBindingOfAMethodIsADeclaration() throws {
    let annotated = try Self.schema().annotatedHTTPRules()
    #expect(annotated.errors.isEmpty)
    let rules = annotated.declarations
    let book = rules.filter { $0.selector == "binding.test.Library.GetBook" }
    let origin = HTTPRuleDeclaration.Origin.annotation(
      file: "binding.proto", method: "binding.test.Library.GetBook")
    #expect(
      book == [
        .init(
          selector: "binding.test.Library.GetBook", method: .get, template: "/v1/{name=shelves/*/books/*}",
          origin: origin),
        .init(
          selector: "binding.test.Library.GetBook", method: .get, template: "/v1/books/{name}", isAdditional: true,
          origin: origin),
        .init(
          selector: "binding.test.Library.GetBook", method: .custom("*"), template: "/v1/any/{name=**}",
          isAdditional: true, origin: origin),
      ])
    #expect(origin.description == "binding.proto: google.api.http of binding.test.Library.GetBook")
    let update = rules.first { $0.selector == "binding.test.Library.UpdateBook" }
    #expect(update?.method == .patch && update?.body == .field("book"))
    #expect(rules.first { $0.selector == "binding.test.Library.ReplaceBook" }?.body == .whole)
    #expect(rules.first { $0.selector == "binding.test.Library.ListBooks" }?.responseBody == "books")
    #expect(!rules.contains { $0.selector == "binding.test.Library.Plain" })
  }

  static let tag: [UInt8] = [0x82, 0xD3, 0xE4, 0x93, 0x02]
  static let origin = HTTPRuleDeclaration.Origin.annotation(file: "f.proto", method: "a.B.C")

  static func option(_ rule: [UInt8]) -> [UInt8] { tag + [UInt8(rule.count)] + rule }

  @Test func occurrencesMergeAndTheLastPatternWins() throws {
    let first: [UInt8] = [0x12, 2] + Array("/a".utf8) + [0x3A, 1] + Array("x".utf8)
    let second: [UInt8] = [0x22, 2] + Array("/b".utf8)
    let options = [0x98, 0x02, 0x01] + Self.option(first) + Self.option(second)
    let rule = try #require(try HTTPRuleWireReader.rule(inOptions: options, origin: Self.origin))
    var errors: [HTTPRuleError] = []
    #expect(
      rule.declarations(errors: &errors) == [
        .init(selector: "", method: .post, template: "/b", body: .field("x"), origin: Self.origin)
      ])
    #expect(errors.count == 1)
  }

  /// Every prefix, and every single changed byte, is an answer or an error; no rule is made up from nothing.
  @Test func brokenOptionsAreErrors() throws {
    let rule: [UInt8] =
      [0x12, 2] + Array("/a".utf8) + [0x42, 6, 0x0A, 1, 0x2A, 0x12, 1, 0x2F] + [0x5A, 4, 0x12, 2, 0x2F, 0x62]
    let options = Self.option(rule)
    for count in 1..<options.count where count != 0 {
      #expect(throws: HTTPRuleWireReader.Malformed.self) {
        try HTTPRuleWireReader.rule(inOptions: Array(options.prefix(count)), origin: Self.origin)
      }
    }
    for index in options.indices {
      for value in UInt8.min...UInt8.max {
        var broken = options
        broken[index] = value
        _ = try? HTTPRuleWireReader.rule(inOptions: broken, origin: Self.origin)
      }
    }
    #expect(throws: HTTPRuleWireReader.Malformed.self) {
      try HTTPRuleWireReader.rule(inOptions: Self.option([0x12, 1, 0xFF]), origin: Self.origin)
    }
    #expect(throws: HTTPRuleWireReader.Malformed.self) {
      try HTTPRuleWireReader.rule(
        inOptions: Self.tag + [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], origin: Self.origin)
    }
    #expect(try HTTPRuleWireReader.rule(inOptions: [], origin: Self.origin) == nil)
  }

  @Test func nestingIsBounded() {
    var rule: [UInt8] = [0x12, 2] + Array("/a".utf8)
    for _ in 0..<20 { rule = [0x5A, UInt8(rule.count)] + rule }
    #expect(throws: HTTPRuleWireReader.Malformed.self) {
      try HTTPRuleWireReader.rule(inOptions: Self.option(rule), origin: Self.origin)
    }
    let groups = [UInt8](repeating: 0x0B, count: 1_000_000)
    #expect(throws: Never.self) { try HTTPRuleWireReader.rule(inOptions: groups, origin: Self.origin) }
  }
}
