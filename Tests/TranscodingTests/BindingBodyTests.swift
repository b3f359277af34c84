import ProtobufJSON
import Testing
import Transcoding

@Suite struct BindingBodyTests {
  @Test(arguments: [
    ("PUT", "/v1/shelves/1/books/2", #"{"title":"t"}"#, #"{"name":"shelves/1/books/2","title":"t"}"#),
    ("PUT", "/v1/shelves/1/books/2", "", #"{"name":"shelves/1/books/2"}"#),
    ("POST", "/v1/everything", #"{"int32":1,"inner":{"text":"a"}}"#, #"{"int32":1,"inner":{"text":"a"}}"#),
    ("POST", "/v1/everything", "", "{}"),
    ("POST", "/v1/strings", #"["a","b"]"#, #"{"strings":["a","b"]}"#),
    ("POST", "/v1/number", #""7""#, #"{"int64":"7"}"#),
    ("POST", "/v1/number?int32=5", "7", #"{"int64":"7","int32":5}"#),
    ("POST", "/v1/choice/a", #"{"int32":1}"#, #"{"int32":1,"choice_text":"a"}"#),
    (
      "POST", "/v1/shelves/1/books:import?overwrite=true", #"{"title":"t"}"#,
      #"{"parent":"shelves/1","book":{"title":"t"},"overwrite":true}"#
    ),
  ])
  func theBodyJoinsPathAndQuery(_ method: String, _ target: String, _ body: String, _ expected: String) throws {
    #expect(try BindingRequest().message(method, target, body: body) == expected)
  }

  @Test(arguments: [
    ("PUT", "/v1/shelves/1/books/2", #"{"name":"x"}"#, "name", "SET_TWICE"),
    ("PATCH", "/v1/shelves/1/books/2", #"{"title":"t","name":"x"}"#, "name", "SET_TWICE"),
    ("POST", "/v1/choice/a", #"{"choiceText":"b"}"#, "choiceText", "SET_TWICE"),
    ("POST", "/v1/choice/a", #"{"choiceNumber":1}"#, "choiceNumber", nil),
    ("POST", "/v1/everything", #"{"int32":"x"}"#, "int32", nil),
    ("POST", "/v1/everything", #"{"inner":{"txet":1}}"#, "inner.txet", "UNKNOWN_FIELD"),
    ("POST", "/v1/everything", #"{"int32":1"#, "int32", "MALFORMED_JSON"),
    ("POST", "/v1/everything", #"{"int32":1} x"#, "", "MALFORMED_JSON"),
    ("POST", "/v1/everything", #"{"int32":1,"int32":2}"#, "int32", "DUPLICATE_KEY"),
    ("GET", "/v1/everything", "{}", "", "UNEXPECTED_BODY"),
  ])
  func faultsOfTheBodyNameTheField(
    _ method: String, _ target: String, _ body: String, _ field: String, _ reason: String?
  ) throws {
    let fault = try #require(try BindingRequest().fault(method, target, body: body))
    #expect(fault.violations.count == 1)
    #expect(fault.violations.first?.field == field, "\(fault)")
    if let reason { #expect(fault.violations.first?.reason == reason, "\(fault)") }
  }

  @Test func itemsOfAStreamAreNumbered() throws {
    let request = try BindingRequest()
    let fault = try #require(request.fault("POST", "/v1/everything", body: #"{"int32":"x"}"#, itemIndex: 2))
    #expect(fault.violations.first?.field == "[2].int32")
    #expect(fault.message.hasPrefix("[2].int32 (item 2, line 1, column 10): "))
    let whole = try #require(request.fault("POST", "/v1/everything", body: "7", itemIndex: 0))
    #expect(whole.violations.first?.field == "[0]")
  }

  static let masks: [(target: String, body: String, mask: String?)] = [
    ("", #"{"title":"t"}"#, "title"),
    ("", #"{"title":"t","mainAuthor":{"name":"n","born":1}}"#, "title,mainAuthor.name,mainAuthor.born"),
    ("", #"{"main_author":{}}"#, "mainAuthor"),
    ("", #"{"mainAuthor":null,"title":null}"#, "mainAuthor,title"),
    ("", #"{"authors":[{"name":"a"}],"labels":{"a":"b"},"tags":[]}"#, "authors,labels,tags"),
    ("", #"{"published":"1970-01-01T00:00:00Z","extra":{"a":{"b":[1,{}]}}}"#, "published,extra"),
    ("", #" { "title" : "a\"}{" , "pages" : 12 } "#, "title,pages"),
    ("", #"{"t\u0069tle":"t","p\u0061ges":1}"#, "title,pages"),
    ("", "{}", nil),
    ("", "", nil),
    ("?update_mask=", #"{"title":"t"}"#, "title"),
    ("?updateMask=pages", #"{"title":"t"}"#, "pages"),
    ("?allow_missing=true", #"{"title":"t"}"#, "title"),
  ]

  @Test(arguments: masks)
  func aPatchFillsItsMask(_ target: String, _ body: String, _ mask: String?) throws {
    let answer = try BindingRequest().message("PATCH", "/v1/shelves/1/books/2\(target)", body: body)
    if let mask {
      #expect(answer.contains("\"update_mask\":\"\(mask)\""), "\(answer)")
    } else {
      #expect(!answer.contains("update_mask"), "\(answer)")
    }
    #expect(answer.contains(#""name":"shelves/1/books/2""#))
  }

  /// The first message of a stream carries what the path binds; the others are the caller's own.
  @Test func onlyTheFirstItemMayNotSetWhatThePathBinds() throws {
    let request = try BindingRequest()
    let target = "/v1/shelves/1/books/2"
    #expect(request.fault("PATCH", target, body: #"{"name":"x"}"#) != nil)
    #expect(request.fault("PATCH", target, body: #"{"name":"x"}"#, itemIndex: 0) != nil)
    #expect(request.fault("PATCH", target, body: #"{"name":"x"}"#, itemIndex: 1) == nil)
  }

  @Test func onlyAPatchOfABodyFieldFillsAMask() throws {
    let rules = """
        - selector: binding.test.Library.UpdateBook
          put: "/v2/a"
          body: book
          additional_bindings:
          - { patch: /v2/b, body: "*" }
          - { patch: /v2/c, body: update_mask }
      """
    let request = try BindingRequest(rules)
    #expect(try request.message("PUT", "/v2/a", body: #"{"title":"t"}"#) == #"{"book":{"title":"t"}}"#)
    #expect(try request.message("PATCH", "/v2/b", body: #"{"book":{"title":"t"}}"#) == #"{"book":{"title":"t"}}"#)
    #expect(try request.message("PATCH", "/v2/c", body: #""title""#) == #"{"update_mask":"title"}"#)
  }

  @Test func aResponseBodyIsOneField() throws {
    let request = try BindingRequest()
    var output = OutputBuffer()
    let binding = try request.bound("GET", "/v1/shelves/1/books", into: &output).binding
    // books { title: "t" }, next_page_token: "x"
    let wire: [UInt8] = [0x0A, 3, 0x12, 1, 0x74, 0x12, 1, 0x78]
    output.removeAll()
    try binding.decodeResponse(wire.span.bytes, into: &output)
    #expect(String(decoding: output.array, as: UTF8.self).hasPrefix(#"[{"name":"","title":"t""#))
    output.removeAll()
    try binding.decodeResponse(([0x12, 1, 0x78] as [UInt8]).span.bytes, into: &output)
    #expect(output.array == Array("[]".utf8))
    #expect(throws: WireFault.self) { try binding.decodeResponse(([0x0A, 9] as [UInt8]).span.bytes, into: &output) }
  }

  @Test func layoutsDiffer() throws {
    let request = try BindingRequest(
      options: TranscodingOptions(decoding: DecodingOptions(emitDefaults: false, indent: 4)))
    var output = OutputBuffer()
    let binding = try request.bound("GET", "/v1/books/1", into: &output).binding
    func text(_ layout: ResponseLayout) throws -> String {
      output.removeAll()
      try binding.decodeResponse(([0x12, 1, 0x74] as [UInt8]).span.bytes, layout: layout, into: &output)
      return String(decoding: output.array, as: UTF8.self)
    }
    #expect(try text(.line) == #"{"title":"t"}"#)
    #expect(try text(.configured) == "{\n    \"title\": \"t\"\n}")
    #expect(try text(.pretty) == "{\n    \"title\": \"t\"\n}")
  }
}
