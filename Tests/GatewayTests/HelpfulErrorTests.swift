import Gateway
import Testing

/// What is wrong with a request is told with its place, whatever the size of the request.
@Suite struct HelpfulErrorTests {
  @Test func aFaultInTheLastByteOfAMegabyte() async throws {
    try await withEchoGateway { gateway in
      let text = String(repeating: "x", count: 1 << 20)
      let answer = try await gateway.post("/v1/proto3", #"{"optionalString":"\#(text)"]"#)
      #expect(answer.status == 400)
      #expect(answer.body.contains("line 1, column \((1 << 20) + 21)"), "\(answer.body)")
      #expect(answer.body.utf8.count < 2048)
    }
  }

  @Test func nestingIsLimited() async throws {
    func nested(_ depth: Int) -> String {
      String(repeating: #"{"recursiveMessage":"#, count: depth - 1) + "{}" + String(repeating: "}", count: depth - 1)
    }
    try await withEchoGateway { gateway in
      let allowed = try await gateway.post("/v1/proto3", nested(100))
      #expect(allowed.status == 200)
      let refused = try await gateway.post("/v1/proto3", nested(101))
      #expect(refused.status == 400)
      #expect(refused.body.contains("NESTED_TOO_DEEP"))
    }
  }

  @Test func aBodyOfFiveMegabytesIsRefusedAtOnce() async throws {
    try await withEchoGateway { gateway in
      // The head alone decides.
      let answer = try await gateway.request(
        "POST /v1/proto3 HTTP/1.1\r\nHost: a\r\nContent-Length: 5242880\r\n\r\n")
      #expect(answer.status == 413)
      #expect(answer.body.contains("REQUEST_TOO_LARGE"))
      // Without a declared length, its growth does.
      let connection = try await gateway.connect()
      try await connection.send("POST /v1/proto3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      let piece = "100000\r\n" + String(repeating: " ", count: 1 << 20) + "\r\n"
      for _ in 0..<5 { try? await connection.send(piece) }
      let grown = try await connection.answer()
      #expect(grown.status == 413)
      await connection.close()
    }
  }

  @Test func tenThousandParametersAreTooLongATarget() async throws {
    try await withEchoGateway { gateway in
      func many(_ count: Int) -> String { (0..<count).map { "p\($0)=1" }.joined(separator: "&") }
      // More than a whole head may have, and more than a target may have.
      let longest = try await gateway.get("/v1/proto3?\(many(10_000))")
      #expect(longest.status == 431)
      let long = try await gateway.get("/v1/proto3?\(many(1200))")
      #expect(long.status == 414)
      // As many as a target holds.
      let fitting = (0..<2_000).map { _ in "p=1" }.joined(separator: "&")
      let unknown = try await gateway.get("/v1/proto3?\(fitting)")
      #expect(unknown.status == 400)
      #expect(unknown.body.contains("UNKNOWN_PARAMETER"))
      #expect(unknown.body.utf8.count < 2048)
    }
  }

  /// A target, its status, and what its answer says.
  private static let targets: [(String, Int, String)] = [
    ("/v1/path/%00", 200, #""optionalString":"\u0000""#), ("/v1/path/%zz", 400, "INVALID_ENCODING"),
    ("/v1/path/%", 400, "the % at byte 9 is not followed by two hexadecimal digits"),
    ("/v1/path/%C0%AF", 400, "INVALID_ENCODING"),
    ("/v1/path/%ED%A0%80", 400, "INVALID_ENCODING"), ("/v1/path/a%2Fb", 200, #""optionalString":"a/b""#),
    ("/v1/proto3?optionalString=%00", 200, #""optionalString":"\u0000""#),
    ("/v1/proto3?optionalString=%zz", 400, "INVALID_ENCODING"),
    ("/v1/proto3?optionalString=%C0%AF", 400, "INVALID_ENCODING"),
    ("/v1/proto3?%zz=1", 400, "INVALID_ENCODING"), ("/v1/proto3?%FF=1", 400, "INVALID_ENCODING"),
    ("/v1/proto3?optionalDouble=1e400", 400, "OUT_OF_RANGE"),
    ("/v1/proto3?optionalUint64=18446744073709551616", 400, "OUT_OF_RANGE"),
    ("/v1/proto3?optionalUint64=18446744073709551615", 200, #""optionalUint64":"18446744073709551615""#),
    ("/v1/proto3?optionalInt32=1&optional_int32=2", 400, "SET_TWICE"),
    ("/v1/proto3?oneofUint32=1&oneofString=a", 400, "ONEOF_CONFLICT"),
    ("/v1/proto3?optionalInt23=1", 400, "did you mean \\\"optionalInt32\\\"?"),
    ("/v1/proto3?optionalNestedMessage=1", 400, "NOT_A_PARAMETER"),
    ("/v1/proto3?repeatedInt32=1&repeatedInt32=2", 200, #""repeatedInt32":[1,2]"#),
    ("/v1/proto3?mapStringString[a]=b+c", 200, #""mapStringString":{"a":"b c"}"#),
    ("/v1/proto3?optionalNestedEnum=BAR&optionalBool=true", 200, #""optionalNestedEnum":"BAR""#),
    ("/v1/proto3?optionalBytes=-_8&optionalTimestamp=1970-01-01T00:00:00Z", 200, #""optionalBytes":"+/8=""#),
    ("/v1/proto3?optionalDuration=1.5s&optionalFieldMask=a,bC", 200, #""optionalDuration":"1.500s""#),
    ("/v1/proto3?optionalNestedMessage.a=7", 200, #""optionalNestedMessage":{"a":7"#),
    ("/v1/proto3?optionalInt64Wrapper=7", 200, #""optionalInt64Wrapper":"7""#),
  ]

  @Test func pathsAndQueries() async throws {
    try await withEchoGateway { gateway in
      for (target, status, text) in Self.targets {
        let answer = try await gateway.get(target)
        #expect(answer.status == status, "\(target)")
        #expect(answer.body.contains(text), "\(target): \(answer.body.prefix(600))")
      }
    }
  }

  /// What is wrong with a header, and a body where none is taken, is told by name as well.
  @Test(arguments: [
    ("Grpc-Timeout: 5\r\n", "Grpc-Timeout", "INVALID_VALUE"),
    ("X-Server-Timeout: soon\r\n", "X-Server-Timeout", "INVALID_VALUE"),
    ("X-Trace-Bin: !\r\n", "X-Trace-Bin", "INVALID_VALUE"),
    ("Content-Length: 2\r\n", "", "UNEXPECTED_BODY"),
  ]) func everyRefusalHasItsViolation(header: String, field: String, reason: String) async throws {
    try await withEchoGateway { gateway in
      let body = header.hasPrefix("Content-Length") ? "{}" : ""
      let answer = try await gateway.request("GET /v1/proto3 HTTP/1.1\r\nHost: a\r\n\(header)\r\n\(body)")
      #expect(answer.status == 400)
      #expect(answer.body.contains("google.rpc.BadRequest"), "\(answer.body)")
      #expect(answer.body.contains(#""fieldViolations":[{"field":"\#(field)""#), "\(answer.body)")
      #expect(answer.body.contains(#""reason":"\#(reason)""#), "\(answer.body)")
    }
  }

  /// A body of bytes, and the field, place and reason that its error gives.
  private static let wrongBodies: [([UInt8], String, String)] = [
    ([UInt8](#"{"optionalString":""#.utf8) + [0xC0, 0xAF, 0x22, 0x7D], "optionalString", "INVALID_ENCODING"),
    ([UInt8](#"{"optionalString":""#.utf8) + [0xED, 0xA0, 0x80, 0x22, 0x7D], "optionalString", "INVALID_ENCODING"),
    ([UInt8](#"{"optionalString":"\ud83d"}"#.utf8), "optionalString", "MALFORMED_JSON"),
    ([UInt8](#"{"optionalString":"a","optionalString":"b"}"#.utf8), "optionalString", "DUPLICATE_KEY"),
    ([UInt8](#"{"optionalDouble":1e400}"#.utf8), "optionalDouble", "OUT_OF_RANGE"),
    ([UInt8](#"{"optionalUint64":18446744073709551616}"#.utf8), "optionalUint64", "OUT_OF_RANGE"),
    ([UInt8](#"{"repeatedNestedMessage":[{},{"a":"x"}]}"#.utf8), "repeatedNestedMessage[1].a", "line 1, column"),
    ([UInt8]("{\n \"optionalInt32\": tru\n}".utf8), "optionalInt32", "line 2, column 19"),
    ([UInt8](#"{"optionalInt23":1}"#.utf8), "optionalInt23", #"did you mean \"optionalInt32\"?"#),
    ([UInt8](#"{"optionalNestedEnum":"BRA"}"#.utf8), "optionalNestedEnum", #"did you mean \"BAR\"?"#),
    ([UInt8](#"{} x"#.utf8), "", "MALFORMED_JSON"),
  ]

  @Test func bodies() async throws {
    try await withEchoGateway { gateway in
      let connection = try await gateway.connect()
      for (body, field, text) in Self.wrongBodies {
        try await connection.send(
          Array("POST /v1/proto3 HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
        let answer = try await connection.answer()
        #expect(answer.status == 400)
        #expect(answer.body.contains(#""field":"\#(field)""#), "\(answer.body)")
        #expect(answer.body.contains(text), "\(answer.body)")
      }
      await connection.close()
    }
  }
}
