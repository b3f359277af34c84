import NIOCore
import NIOHPACK
import Testing

@testable import HTTP2

struct HeaderListTests {
  static let kinds: [([(String, String)], HeaderList.Kind)] = [
    ([(":status", "200"), ("a", "b")], .response(status: 200)),
    ([(":status", "599")], .response(status: 599)),
    ([(":status", "999")], .response(status: 999)),
    ([(":status", "100")], .informational(status: 100)),
    ([(":status", "199")], .informational(status: 199)),
    ([("grpc-status", "0")], .trailers),
    ([], .trailers),
    ([(":method", "POST"), (":path", "/"), (":scheme", "http")], .request),
    ([(":status", "99")], .malformed(.pseudoMissing)),
    ([(":status", "099")], .malformed(.pseudoMissing)),
    ([(":status", "2000")], .malformed(.pseudoMissing)),
    ([(":status", "+20")], .malformed(.pseudoMissing)),
    ([(":status", "")], .malformed(.pseudoMissing)),
    ([(":status", "200"), (":status", "200")], .malformed(.pseudoRepeated)),
    ([("a", "b"), (":status", "200")], .malformed(.pseudoAfterRegular)),
    ([(":status", "200"), (":path", "/")], .malformed(.pseudoUnknown)),
    ([(":status", "200"), (":new", "/")], .malformed(.pseudoUnknown)),
    ([(":path", "/")], .malformed(.pseudoMissing)),
    ([(":status", "200"), ("Upper", "b")], .malformed(.name)),
    ([(":status", "200"), ("a b", "b")], .malformed(.name)),
    ([(":status", "200"), ("a:b", "b")], .malformed(.name)),
    ([(":status", "200"), ("é", "b")], .malformed(.name)),
    ([(":status", "200"), ("a", "b\r\nx: y")], .malformed(.value)),
    ([(":status", "200"), ("a", "b\ny")], .malformed(.value)),
    ([(":status", "200"), ("a", "\0")], .malformed(.value)),
    ([(":status", "200"), ("connection", "close")], .malformed(.connectionSpecific)),
    ([(":status", "200"), ("transfer-encoding", "chunked")], .malformed(.connectionSpecific)),
  ]

  @Test(arguments: kinds)
  func kindIsFoundByThePseudoFields(_ fields: [(String, String)], _ kind: HeaderList.Kind) {
    // `HPACKHeaders` itself refuses names that are not ASCII by a trap; a decoder hands them on.
    let block = LiteralFields(fields).block
    var reader = HeaderBlockReader(limits: ConnectionLimits())
    #expect(throws: Never.self) {
      let list = try reader.headers(block, isComplete: true)
      #expect(list?.kind == kind)
    }
  }
}
