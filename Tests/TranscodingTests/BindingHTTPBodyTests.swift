import ProtobufJSON
import Testing
import Transcoding

@Suite struct BindingHTTPBodyTests {
  private func binding(_ route: String) throws -> MethodBinding {
    try #require(try BindingSamples.set().bindings.first { $0.route == route })
  }

  @Test func piecesAreWrittenAsHTTPBodies() throws {
    var output = OutputBuffer()
    try binding("POST /v1/raw:echo").encodeRawBody(
      contentType: "a/b", data: ([0, 0xFF] as [UInt8]).span.bytes, into: &output)
    #expect(output.array == [0x0A, 3] + Array("a/b".utf8) + [0x12, 2, 0, 0xFF])
    output.removeAll()
    try binding("POST /v1/raw:echo").encodeRawBody(contentType: nil, data: [UInt8]().span.bytes, into: &output)
    #expect(output.array.isEmpty)
    try binding("POST /v1/raw/{name}").encodeRawBody(contentType: "x", data: ([7] as [UInt8]).span.bytes, into: &output)
    #expect(output.array == [0x12, 6, 0x0A, 1, 0x78, 0x12, 1, 7])
    output.removeAll()
    let large = [UInt8](repeating: 1, count: 300)
    try binding("POST /v1/raw/{name}").encodeRawBody(contentType: nil, data: large.span.bytes, into: &output)
    #expect(Array(output.array.prefix(6)) == [0x12, 0xAF, 0x02, 0x12, 0xAC, 0x02])
  }

  @Test func partsAreFoundWithoutCopying() throws {
    let wire: [UInt8] = [0x0A, 3] + Array("a/b".utf8) + [0x1A, 1, 0, 0x12, 2, 0, 0xFF]
    let body = try binding("GET /v1/raw/{name}").rawBody(in: wire.span.bytes)
    #expect(body.contentType == "a/b" && Array(wire[body.data]) == [0, 0xFF])
    let empty = try binding("GET /v1/raw/{name}").rawBody(in: [UInt8]().span.bytes)
    #expect(empty.contentType.isEmpty && empty.data.isEmpty)
    // The field occurs twice: its parts merge.
    let wrapped: [UInt8] = [0x0A, 1, 0x6E, 0x12, 6, 0x0A, 1, 0x78, 0x12, 1, 7, 0x12, 3, 0x12, 1, 8]
    let inner = try binding("POST /v1/wrapped/{name}").rawBody(in: wrapped.span.bytes)
    #expect(inner.contentType == "x" && Array(wrapped[inner.data]) == [8])
  }

  @Test func whatWasWrittenIsFound() throws {
    let binding = try binding("POST /v1/wrapped/{name}")
    for count in [0, 1, 127, 128, 129, 16_383, 16_384, 70_000] {
      let data = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      var output = OutputBuffer()
      binding.encodeRawBody(contentType: "image/png", data: data.span.bytes, into: &output)
      let wire = output.array
      let body = try binding.rawBody(in: wire.span.bytes)
      #expect(body.contentType == "image/png" && Array(wire[body.data]) == data)
    }
  }

  @Test(
    arguments: [
      [0x12], [0x12, 5, 1], [0x0A, 1, 0xFF], [0x00, 0], [0x07],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
      [0x0B], [0x0C], [0x0B, 0x14], [0x0D, 1, 2, 3], [0x09, 1, 2, 3, 4, 5, 6, 7],
      [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
      [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ] as [[UInt8]])
  func brokenMessagesAreFaults(_ wire: [UInt8]) throws {
    let binding = try binding("GET /v1/raw/{name}")
    #expect(throws: WireFault.self) { try binding.rawBody(in: wire.span.bytes) }
  }

  @Test func anyBytesAreAnswered() throws {
    let bindings = try [binding("GET /v1/raw/{name}"), binding("POST /v1/wrapped/{name}")]
    for seed in 0..<20_000 {
      var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15
      let wire = (0..<(seed % 24)).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let byte = UInt8(truncatingIfNeeded: state >> 33)
        return byte & 1 == 0 ? byte & 0x1F : byte
      }
      for binding in bindings {
        guard let body = try? binding.rawBody(in: wire.span.bytes) else { continue }
        #expect(body.data.upperBound <= wire.count)
      }
    }
  }
}
