import NIOHPACK
import Testing

@testable import OrderService

@Suite struct ResponseEncodingHandlerTests {
  @Test(
    arguments: [
      (nil, "gzip", nil), ("identity", "identity,gzip", nil), ("gzip", "identity, deflate ,gzip", "gzip"),
      ("deflate", "deflate", "deflate"), ("gzip", "deflate", nil), ("gzip", nil, nil), ("br", "br", "br"),
    ] as [(String?, String?, String?)])
  func acceptsOnlyWhatTheRequestUses(used: String?, accepted: String?, narrowed: String?) {
    var headers = HPACKHeaders([("te", "trailers")])
    if let used { headers.add(name: "grpc-encoding", value: used) }
    if let accepted { headers.add(name: "grpc-accept-encoding", value: accepted) }
    ResponseEncodingHandler.narrow(&headers)
    #expect(headers["grpc-accept-encoding"] == (narrowed.map { [$0] } ?? []))
    #expect(headers["te"] == ["trailers"])
  }
}
