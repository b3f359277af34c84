import Foundation
import Gateway
import ProtobufJSON
import Testing
import Transcoding

/// ProtoJSON through the running gateway, and back: the values of protobuf's conformance tests over real sockets.
@Suite struct ValueTests {
  private static let terse = TranscodingOptions(decoding: DecodingOptions(emitDefaults: false))

  /// What is sent, and what comes back when defaults are left out.
  static let echoes: [(String, String)] = [
    (#"{"optionalInt32":-2147483648}"#, #"{"optionalInt32":-2147483648}"#),
    (#"{"optionalInt32":"12"}"#, #"{"optionalInt32":12}"#), (#"{"optionalInt32":1.2e1}"#, #"{"optionalInt32":12}"#),
    (#"{"optionalInt64":9007199254740993}"#, #"{"optionalInt64":"9007199254740993"}"#),
    (#"{"optionalUint64":"18446744073709551615"}"#, #"{"optionalUint64":"18446744073709551615"}"#),
    (#"{"optionalFloat":"Infinity"}"#, #"{"optionalFloat":"Infinity"}"#),
    (#"{"optionalDouble":"NaN"}"#, #"{"optionalDouble":"NaN"}"#),
    (#"{"optionalDouble":1e308}"#, #"{"optionalDouble":1e+308}"#),
    (#"{"optionalBool":true}"#, #"{"optionalBool":true}"#),
    (#"{"optionalString":"\ud83d\ude00\u0000"}"#, #"{"optionalString":"😀\u0000"}"#),
    (#"{"optionalBytes":"-_8"}"#, #"{"optionalBytes":"+/8="}"#),
    (#"{"optional_nested_message":{"a":1,"corecursive":{}}}"#, #"{"optionalNestedMessage":{"a":1,"corecursive":{}}}"#),
    (#"{"optionalNestedEnum":"BAR"}"#, #"{"optionalNestedEnum":"BAR"}"#),
    (#"{"optionalNestedEnum":123}"#, #"{"optionalNestedEnum":123}"#),
    (#"{"repeatedInt32":[1,"2",3.0]}"#, #"{"repeatedInt32":[1,2,3]}"#), (#"{"repeatedInt32":null}"#, "{}"),
    (#"{"mapStringString":{"a":"b"}}"#, #"{"mapStringString":{"a":"b"}}"#),
    (#"{"mapBoolBool":{"true":true}}"#, #"{"mapBoolBool":{"true":true}}"#),
    (#"{"mapInt64Int64":{"-1":"2"}}"#, #"{"mapInt64Int64":{"-1":"2"}}"#),
    (#"{"oneofUint32":0}"#, #"{"oneofUint32":0}"#), (#"{"oneofNullValue":null}"#, #"{"oneofNullValue":null}"#),
    (#"{"optionalBoolWrapper":false}"#, #"{"optionalBoolWrapper":false}"#),
    (#"{"optionalInt64Wrapper":"0"}"#, #"{"optionalInt64Wrapper":"0"}"#),
    (#"{"optionalTimestamp":"1970-01-01T00:00:00.010+01:00"}"#, #"{"optionalTimestamp":"1969-12-31T23:00:00.010Z"}"#),
    (#"{"optionalDuration":"-0.5s"}"#, #"{"optionalDuration":"-0.500s"}"#),
    (#"{"optionalFieldMask":"foo,barBaz"}"#, #"{"optionalFieldMask":"foo,barBaz"}"#),
    (#"{"optionalStruct":{"a":[null,1,{"b":"c"}]}}"#, #"{"optionalStruct":{"a":[null,1,{"b":"c"}]}}"#),
    (#"{"optionalValue":null}"#, #"{"optionalValue":null}"#),
    (
      #"{"optionalAny":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}"#,
      #"{"optionalAny":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}"#
    ),
    (
      #"{"optionalAny":{"optionalInt32":1,"@type":"type.googleapis.com/protobuf_test_messages.proto3.TestAllTypesProto3"}}"#,
      #"{"optionalAny":{"@type":"type.googleapis.com/protobuf_test_messages.proto3.TestAllTypesProto3","optionalInt32":1}}"#
    ),
  ]

  @Test func valuesComeBackAsTheyAre() async throws {
    try await withEchoGateway(options: Self.terse) { gateway in
      for (sent, expected) in Self.echoes {
        let answer = try await gateway.post("/v1/proto3", sent)
        #expect(answer.status == 200, "\(sent)")
        #expect(answer.body == expected, "\(sent)")
      }
    }
  }

  static let refused = [
    #"{"optionalInt32":2147483648}"#, #"{"optionalInt32":0.5}"#, #"{"optionalInt32":" 1"}"#,
    #"{"optionalUint64":18446744073709551616}"#, #"{"optionalUint32":-1}"#, #"{"optionalFloat":3.5e38}"#,
    #"{"optionalDouble":1e400}"#, #"{"optionalBool":"true"}"#, #"{"optionalString":1}"#,
    #"{"optionalString":"\ud800"}"#,
    #"{"optionalBytes":"!"}"#, #"{"optionalNestedEnum":"NOPE"}"#, #"{"repeatedInt32":[1,null]}"#,
    #"{"oneofUint32":1,"oneofString":"a"}"#, #"{"optionalTimestamp":"0000-01-01T00:00:00Z"}"#,
    #"{"optionalTimestamp":"1970-01-01t00:00:00Z"}"#, #"{"optionalDuration":"1"}"#,
    #"{"optionalDuration":"315576000001s"}"#, #"{"optionalFieldMask":"foo_bar"}"#, #"{"unknown":1}"#,
    #"{"optionalInt32":1,"optional_int32":2}"#, #"{"optionalAny":{"@type":"type.googleapis.com/no.Such"}}"#,
    #"{"mapInt32Int32":{"a":1}}"#, #"{'optionalInt32':1}"#, #"{"optionalInt32":1,}"#, #"{"optionalInt32":01}"#,
  ]

  @Test func whatIsNoValueIsRefusedWithItsPlace() async throws {
    try await withEchoGateway { gateway in
      for sent in Self.refused {
        let answer = try await gateway.post("/v1/proto3", sent)
        #expect(answer.status == 400, "\(sent): \(answer.body)")
        #expect(answer.body.contains("google.rpc.BadRequest"), "\(sent)")
        #expect(answer.body.contains("line 1, column "), "\(sent): \(answer.body)")
      }
    }
  }

  // MARK: Switches

  private func echo(_ options: TranscodingOptions, _ body: String, path: String = "/v1/proto3") async throws
    -> HTTPAnswer
  {
    var answer: HTTPAnswer?
    try await withEchoGateway(options: options) { answer = try await $0.post(path, body) }
    return try #require(answer)
  }

  @Test func outputSwitches() async throws {
    var options = Self.terse
    options.decoding.protoFieldNames = true
    options.decoding.enumsAsNumbers = true
    options.decoding.indent = 3
    let answer = try await echo(options, #"{"optionalNestedEnum":"BAR"}"#)
    #expect(answer.body == "{\n   \"optional_nested_enum\": 1\n}")
    // Without switches every field without presence is there.
    let whole = try await echo(TranscodingOptions(), "{}")
    #expect(whole.body.contains(#""optionalInt32":0,"#))
    #expect(!whole.body.contains("\n"))
    let pretty = try await echo(Self.terse, #"{"optionalInt32":1}"#, path: "/v1/proto3?pretty")
    #expect(pretty.body == "{\n  \"optionalInt32\": 1\n}")
  }

  @Test func inputSwitches() async throws {
    var options = Self.terse
    options.encoding.ignoreUnknownFields = true
    options.ignoreUnknownParameters = true
    let answer = try await echo(options, #"{"nope":{"a":[1]},"optionalInt32":1,"optionalNestedEnum":"NOPE"}"#)
    #expect(answer.body == #"{"optionalInt32":1}"#)
    try await withEchoGateway(options: options) { gateway in
      let query = try await gateway.get("/v1/proto3?nope=1&optionalInt32=2")
      #expect(query.body == #"{"optionalInt32":2}"#)
    }
  }

  // MARK: JSONTestSuite

  private static let suite: [(name: String, bytes: [UInt8])] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ProtobufJSONTests/Vectors/JSONTestSuite.txt")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      guard !line.hasPrefix("#"), let space = line.firstIndex(of: " ") else { return nil }
      let bytes = unescaped(line[line.index(after: space)...])
      // An HTTP request without a body says nothing, rather than something that is no JSON.
      return bytes.isEmpty ? nil : (String(line[..<space]), bytes)
    }
  }()

  private static func unescaped(_ text: Substring) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%"), rest.count >= 2 else {
        bytes.append(byte)
        continue
      }
      bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  /// What must be accepted is, what must be refused is, and nothing at all is a server error.
  @Test func jsonTestSuite() async throws {
    #expect(Self.suite.count { $0.name.hasPrefix("y_") } == 95)
    #expect(Self.suite.count { $0.name.hasPrefix("n_") } >= 185)
    #expect(Self.suite.count { $0.name.hasPrefix("i_") } == 35)
    try await withEchoGateway { gateway in
      let connection = try await gateway.connect()
      for (name, bytes) in Self.suite {
        try await connection.send(
          Array("POST /v1/value HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes.count)\r\n\r\n".utf8) + bytes)
        let answer = try await connection.answer()
        let expected = name.hasPrefix("y_") ? [200] : name.hasPrefix("n_") ? [400] : [200, 400]
        #expect(expected.contains(answer.status), "\(name): \(answer.body)")
      }
      await connection.close()
    }
  }
}
