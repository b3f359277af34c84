import JSONTree
import Testing
import Yams

@testable import OpenAPI

@Suite struct YAMLEmitterTests {
  @Test(arguments: [
    ("a b", "a b"), ("order.Order", "order.Order"), ("/v1/{name}:x", "/v1/{name}:x"), ("", "\"\""), ("1.0", "\"1.0\""),
    ("200", "\"200\""), ("true", "\"true\""), ("No", "\"No\""), ("null", "\"null\""), ("~", "\"~\""), ("-", "\"-\""),
    ("a: b", "\"a: b\""), ("a #b", "\"a #b\""), ("a:", "\"a:\""), (" a", "\" a\""), ("a ", "\"a \""),
    ("#/x", "\"#/x\""), ("@type", "\"@type\""), ("a\tb", "\"a\\tb\""), ("a\nb", "|-\n  a\n  b"),
    ("a\n\n b", "|-\n  a\n\n   b"), ("a\n", "\"a\\n\""), ("\u{FEFF}x", "\"\\ufeffx\""), ("a\u{7F}", "\"a\\u007f\""),
    ("äö", "\"äö\""),
  ])
  func stringsAreQuotedWhereTheyMustBe(text: String, written: String) {
    #expect(emit(.string(text)) == "\(written)\n".replacing("\n  ", with: "\n"))
  }

  @Test func containersAreBlocks() {
    var inner = JSONTree.object()
    inner.set("a", to: 1)
    inner.set("b", to: .array())
    var list = JSONTree.array()
    list.append(inner)
    list.append(.object())
    list.append(.double(1.5))
    list.append(.null())
    var tree = JSONTree.object()
    tree.set("list", to: list)
    tree.set("404", to: true)
    #expect(
      emit(tree) == """
        list:
          - a: 1
            b: []
          - {}
          - 1.5
          - null
        "404": true

        """)
  }

  /// Another reader gets back every string, wherever it stands.
  @Test func stringsSurvive() throws {
    var generator = SeededGenerator(seed: 7)
    let alphabet = Array("aN1-:# \n\"'\\{}[],&*!|>%@`?~./\u{E9}\u{85}\u{2028}\u{1F600}\u{7F}\t=<y0x_e+")
    for _ in 0..<2_000 {
      let text = String(
        (0..<Int.random(in: 0...9, using: &generator)).map { _ in
          alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        })
      var list = JSONTree.array()
      list.append(text)
      var tree = JSONTree.object()
      tree.set("value", to: text)
      tree.set("key " + text, to: list)
      let yaml = emit(tree)
      let node = try #require(try Yams.compose(yaml: yaml), "\(yaml)")
      #expect(node.mapping?["value"]?.string == text)
      let pair = try #require(node.mapping.map(Array.init)?.last)
      #expect(pair.key.string == "key " + text)
      #expect(pair.value.sequence?.first?.string == text)
      #expect(pair.value.sequence?.first?.tag.description == "tag:yaml.org,2002:str", "\(yaml)")
    }
  }

  private func emit(_ tree: consuming JSONTree) -> String {
    var emitter = YAMLEmitter()
    emitter.emit(tree)
    return String(decoding: emitter.output, as: UTF8.self)
  }
}
