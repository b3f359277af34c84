import GRPCWire
import Testing

struct GRPCCodeTests {
  /// `google/rpc/code.proto`: number, name and the status of its "HTTP Mapping".
  @Test(arguments: [
    (0, "OK", 200), (1, "CANCELLED", 499), (2, "UNKNOWN", 500), (3, "INVALID_ARGUMENT", 400),
    (4, "DEADLINE_EXCEEDED", 504), (5, "NOT_FOUND", 404), (6, "ALREADY_EXISTS", 409), (7, "PERMISSION_DENIED", 403),
    (8, "RESOURCE_EXHAUSTED", 429), (9, "FAILED_PRECONDITION", 400), (10, "ABORTED", 409), (11, "OUT_OF_RANGE", 400),
    (12, "UNIMPLEMENTED", 501), (13, "INTERNAL", 500), (14, "UNAVAILABLE", 503), (15, "DATA_LOSS", 500),
    (16, "UNAUTHENTICATED", 401),
  ])
  func isAsInCodeProto(number: Int, name: String, httpStatus: Int) throws {
    let code = try #require(GRPCCode(rawValue: number))
    #expect(code.name == name)
    #expect(code.httpStatus == httpStatus)
    #expect(GRPCCode(name: name) == code)
  }

  @Test func thereAreSeventeen() {
    #expect(GRPCCode.allCases.map(\.rawValue) == Array(0...16))
    #expect(GRPCCode(rawValue: 17) == nil)
    #expect(GRPCCode(rawValue: -1) == nil)
    #expect(GRPCCode(name: "not_found") == nil)
  }

  /// gRPC's `doc/http-grpc-status-mapping.md`.
  @Test(
    arguments: [
      (400, .internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented), (429, .unavailable),
      (502, .unavailable), (503, .unavailable), (504, .unavailable), (200, .unknown), (204, .unknown), (302, .unknown),
      (402, .unknown), (418, .unknown), (500, .unknown), (501, .unknown), (505, .unknown), (0, .unknown),
      (-1, .unknown),
    ] as [(Int, GRPCCode)])
  func anHTTPStatusWithoutGRPCIsMapped(status: Int, code: GRPCCode) {
    #expect(GRPCCode(unexpectedHTTPStatus: status) == code)
  }

  /// gRPC's `PROTOCOL-HTTP2.md`, "Errors".
  @Test(
    arguments: [
      (0, .internal), (1, .internal), (2, .internal), (3, .internal), (4, .internal), (5, .internal), (6, .internal),
      (7, .unavailable), (8, .cancelled), (9, .internal), (10, .internal), (11, .resourceExhausted),
      (12, .permissionDenied), (13, .internal), (14, .unknown), (0xFFFF_FFFF, .unknown),
    ] as [(UInt32, GRPCCode)])
  func aResetIsMapped(error: UInt32, code: GRPCCode) {
    #expect(GRPCCode(http2ErrorCode: error) == code)
  }
}
