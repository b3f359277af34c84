import ErrorBody
import GRPCWire
import JSONTree
import ProtobufJSON
import ProtobufSchema
import Testing
import Transcoding

@Suite struct ErrorRendererTests {
  private func render(
    _ error: GatewayError, _ format: ErrorFormat = ErrorFormat(), pretty: Bool = false
  ) throws -> String {
    let renderer = ErrorRenderer(
      schema: try SchemaBuilder().build(), format: format, decoding: DecodingOptions(emitDefaults: false))
    var output = OutputBuffer()
    renderer.render(error, pretty: pretty, into: &output)
    return String(decoding: output.array, as: UTF8.self)
  }

  /// A serialized `google.rpc.Status` with these details.
  private func status(_ details: (type: String, value: [UInt8])..., message: String = "") throws -> [UInt8] {
    var bytes: [UInt8] = [0x08, 0x05]
    func append(_ tag: UInt8, _ content: [UInt8], to bytes: inout [UInt8]) {
      bytes += [tag, UInt8(content.count % 128 | 128), UInt8(content.count / 128)] + content
    }
    append(0x12, Array(message.utf8), to: &bytes)
    for detail in details {
      var any: [UInt8] = []
      append(0x0A, Array("type.googleapis.com/\(detail.type)".utf8), to: &any)
      append(0x12, detail.value, to: &any)
      append(0x1A, any, to: &bytes)
    }
    return bytes
  }

  // MARK: Shape

  @Test func anUpstreamsErrorIsItsOwn() throws {
    #expect(
      try render(GatewayError(upstream: GRPCStatus(code: .notFound, message: "Order does not exist. : 999")))
        == #"{"error":{"code":404,"message":"Order does not exist. : 999","status":"NOT_FOUND","details":[]}}"#)
  }

  @Test func theGatewaysErrorSaysSo() throws {
    let error = GatewayError(
      gateway: "the upstream cannot be reached", code: .unavailable, reason: .upstreamUnreachable,
      privateDetail: "connect to 10.0.0.1: refused")
    #expect(
      try render(error) == """
        {"error":{"code":503,"message":"the upstream cannot be reached","status":"UNAVAILABLE","details":[\
        {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"UPSTREAM_UNREACHABLE","domain":"grpc-json-gateway"}]}}
        """)
    #expect(error.description.contains("refused"))
  }

  @Test func aBadRequestNamesItsFields() throws {
    let error = GatewayError(
      downstream: "wrong type", httpStatus: 400,
      violations: [
        FieldViolation(field: "addresses[2].type", description: "found 5/6", reason: "WRONG_TYPE"),
        FieldViolation(field: "", description: "\"quoted\""),
      ])
    #expect(
      try render(error) == """
        {"error":{"code":400,"message":"wrong type","status":"INVALID_ARGUMENT","details":[\
        {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"INVALID_REQUEST","domain":"grpc-json-gateway"},\
        {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[\
        {"field":"addresses[2].type","description":"found 5/6","reason":"WRONG_TYPE"},\
        {"field":"","description":"\\"quoted\\""}]}]}}
        """)
  }

  @Test func theBareStatusHasTheGRPCCode() throws {
    #expect(
      try render(
        GatewayError(upstream: GRPCStatus(code: .notFound, message: "gone")), ErrorFormat(shape: .status))
        == #"{"code":5,"message":"gone","details":[]}"#)
  }

  @Test func theDomainCanBeSet() throws {
    let error = GatewayError(gateway: "late", code: .deadlineExceeded, reason: .deadlineExceeded)
    #expect(try render(error, ErrorFormat(domain: "api.example.com")).contains(#""domain":"api.example.com""#))
  }

  @Test func prettyIsForPeople() throws {
    let details = try status(("google.rpc.RequestInfo", [0x0A, 0x02, 0x72, 0x31]))
    #expect(
      try render(
        GatewayError(upstream: GRPCStatus(code: .internal, message: "m", detailsBin: details)), pretty: true) == """
          {
            "error": {
              "code": 500,
              "message": "m",
              "status": "INTERNAL",
              "details": [
                {
                  "@type": "type.googleapis.com/google.rpc.RequestInfo",
                  "requestId": "r1"
                }
              ]
            }
          }
          """)
  }

  // MARK: Codes

  @Test(arguments: GRPCCode.allCases)
  func everyUpstreamCodeHasItsStatus(code: GRPCCode) throws {
    let error = GatewayError(upstream: GRPCStatus(code: code, message: "m"))
    #expect(
      try render(error)
        == #"{"error":{"code":\#(code.httpStatus),"message":"m","status":"\#(code.name)","details":[]}}"#)
  }

  @Test(
    arguments: [
      (400, .invalidArgument), (406, .invalidArgument), (411, .invalidArgument), (414, .invalidArgument),
      (415, .invalidArgument), (417, .invalidArgument), (431, .invalidArgument), (404, .notFound),
      (405, .unimplemented),
      (501, .unimplemented), (505, .unimplemented), (403, .permissionDenied), (408, .deadlineExceeded),
      (504, .deadlineExceeded), (413, .resourceExhausted), (429, .resourceExhausted), (502, .unavailable),
      (503, .unavailable), (401, .unauthenticated), (500, .internal),
    ] as [(Int, GRPCCode)])
  func everyAnswerOfTheGatewayHasItsCode(httpStatus: Int, code: GRPCCode) throws {
    let error = GatewayError(downstream: "m", httpStatus: httpStatus)
    #expect(error.code == code)
    #expect(error.httpStatus == httpStatus)
    #expect(error.reason != nil)
    #expect(try render(error).hasPrefix(#"{"error":{"code":\#(httpStatus),"message":"m","status":"\#(code.name)""#))
  }

  @Test func reasonsAreConstantsForPrograms() {
    for reason in GatewayError.Reason.allCases {
      #expect(!reason.rawValue.isEmpty)
      #expect(
        reason.rawValue.utf8.allSatisfy { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 || $0 == UInt8(ascii: "_") })
    }
  }

  // MARK: Details

  @Test func detailsAreDecodedBySchema() throws {
    let badRequest: [UInt8] = [0x0A, 0x07, 0x0A, 0x01, 0x66, 0x12, 0x02, 0x6E, 0x6F]
    let details = try status(("google.rpc.BadRequest", badRequest), ("google.protobuf.Duration", [0x08, 0x03]))
    #expect(
      try render(GatewayError(upstream: GRPCStatus(code: .invalidArgument, message: "m", detailsBin: details))) == """
        {"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[\
        {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"f","description":"no"}]},\
        {"@type":"type.googleapis.com/google.protobuf.Duration","value":"3s"}]}}
        """)
  }

  @Test func whatTheSchemaDoesNotHoldIsShownInBase64() throws {
    let details = try status(("acme.Unknown", [0xFF, 0xEE]), ("google.rpc.RequestInfo", [0x0A, 0x01, 0x72]))
    #expect(
      try render(GatewayError(upstream: GRPCStatus(code: .aborted, message: "m", detailsBin: details))) == """
        {"error":{"code":409,"message":"m","status":"ABORTED","details":[\
        {"@type":"type.googleapis.com/acme.Unknown","value":"/+4="},\
        {"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"r"}]}}
        """)
  }

  /// A detail that is not what it says it is does not take the others with it.
  @Test func aBrokenDetailIsShownInBase64() throws {
    let details = try status(
      ("google.rpc.RequestInfo", [0x0A, 0x05, 0x72]), ("google.protobuf.Duration", [0x08, 0x03]))
    #expect(
      try render(GatewayError(upstream: GRPCStatus(code: .aborted, message: "m", detailsBin: details))) == """
        {"error":{"code":409,"message":"m","status":"ABORTED","details":[\
        {"@type":"type.googleapis.com/google.rpc.RequestInfo","value":"CgVy"},\
        {"@type":"type.googleapis.com/google.protobuf.Duration","value":"3s"}]}}
        """)
  }

  @Test(
    arguments: [
      [], [0xFF], [0x1A, 0x05, 0x0A], [0x1A, 0x02, 0x0A, 0x05], [0x00], [0x1B],
      [0x1A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
      Array("not a status at all".utf8),
    ] as [[UInt8]])
  func detailsThatAreNoStatusAreLeftOut(bytes: [UInt8]) throws {
    #expect(
      try render(GatewayError(upstream: GRPCStatus(code: .aborted, message: "m", detailsBin: bytes)))
        == #"{"error":{"code":409,"message":"m","status":"ABORTED","details":[]}}"#)
  }

  @Test func aMessageThatIsOnlyInTheDetailsIsUsed() throws {
    let details = try status(message: "from the details")
    #expect(
      try render(GatewayError(upstream: GRPCStatus(code: .aborted, detailsBin: details)))
        .contains(#""message":"from the details""#))
    #expect(
      try render(GatewayError(upstream: GRPCStatus(code: .aborted, message: "mine", detailsBin: details)))
        .contains(#""message":"mine""#))
  }

  @Test func everyMutationOfTheDetailsStillAnswersJSON() throws {
    let details = try status(("google.rpc.RequestInfo", [0x0A, 0x01, 0x72]), ("acme.Unknown", [1]), message: "m")
    let renderer = ErrorRenderer(schema: try SchemaBuilder().build())
    for place in details.indices {
      for value in stride(from: UInt8(0), through: 255, by: 5) {
        var damaged = details
        damaged[place] = value
        var output = OutputBuffer()
        renderer.render(
          GatewayError(upstream: GRPCStatus(code: .aborted, message: "m", detailsBin: damaged)), into: &output)
        _ = try JSONTree(parsing: output.array)
      }
    }
  }
}
