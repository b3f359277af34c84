import Compression
import HTTPNegotiation
import NIOCore
import ProtobufJSON
import Testing

@testable import HTTPFrontEnd

@Suite struct ContentCodingTests {
  @Test(arguments: [
    ("application/json", true), ("application/json; charset=utf-8", true), ("application/problem+json", true),
    ("application/x-ndjson", true), ("application/json-seq", true), ("text/html", true), ("text/csv", true),
    ("application/atom+xml", true), ("image/svg+xml", true), ("font/ttf", true), ("application/wasm", true),
    ("text/event-stream", false), ("image/jpeg", false), ("video/mp4", false), ("application/gzip", false),
    ("application/zip", false), ("font/woff2", false), ("application/octet-stream", false), ("", false), ("x", false),
  ])
  func typesWorthCompressing(type: String, expected: Bool) {
    #expect(CompressionPolicy.isCompressible(contentType: type) == expected)
  }

  @Test(arguments: [
    ("gzip", ContentCoding.gzip, true), ("deflate, gzip", .gzip, true), ("gzip;q=0.1, deflate;q=0.2", .deflate, true),
    ("identity", .identity, true), ("", .identity, true), ("gzip, identity;q=0", .gzip, false),
    ("identity;q=0", nil, false), ("*;q=0", nil, false), ("br, *;q=0", nil, false), ("br", .identity, true),
  ])
  func acceptedCodings(text: String, best: ContentCoding?, identity: Bool) {
    #expect(AcceptedCodings(parsing: text) == AcceptedCodings(best: best, identity: identity))
  }

  @Test func openStreamsAreCountedAndTheirStateIsKept() throws {
    var policy = CompressionPolicy()
    policy.maximumStreams = 2
    let compression = AnswerCompression(policy: policy)
    let gzip = compression.accepted(by: "gzip")
    let only = compression.accepted(by: "gzip, identity;q=0")
    let first = try #require(compression.beginStream(gzip, contentType: nil))
    let second = try #require(compression.beginStream(gzip, contentType: "text/plain"))
    #expect(compression.beginStream(gzip, contentType: nil) == nil)
    let third = try #require(compression.beginStream(only, contentType: "image/png"))
    #expect(compression.openStreams == 3)
    for stream in [first, second, third] { compression.endStream(stream) }
    #expect(compression.openStreams == 0)
    let again = try #require(compression.beginStream(gzip, contentType: nil))
    #expect(again === third)
    #expect(compression.beginStream(gzip, contentType: "image/png") == nil)
  }

  /// A state that is used again starts a stream of its own.
  @Test func keptStateRemembersNothing() throws {
    let compression = AnswerCompression(policy: CompressionPolicy())
    let accepted = compression.accepted(by: "deflate")
    var chunks: [ByteBuffer] = []
    for _ in 0..<2 {
      let stream = try #require(compression.beginStream(accepted, contentType: nil))
      var data = OutputBuffer(minimumCapacity: 64)
      data.append(contentsOf: "the same words")
      chunks.append(stream.chunk(data, ends: false, allocator: ByteBufferAllocator()))
      compression.endStream(stream)
    }
    #expect(chunks[0] == chunks[1])
  }

  @Test func bodiesThatDoNotGetShorterStayAsTheyAre() {
    let compression = AnswerCompression(policy: CompressionPolicy())
    var body = OutputBuffer(minimumCapacity: 64)
    body.append(contentsOf: "abc")
    var output = ByteBuffer(string: "head")
    let isDeflated = compression.deflate(body, .gzip, mustBeShorter: true, into: &output)
    #expect(!isDeflated)
    #expect(String(buffer: output) == "head")
    let isForced = compression.deflate(body, .gzip, mustBeShorter: false, into: &output)
    #expect(isForced)
    #expect(output.readableBytes > 4)
  }

  // MARK: Requests

  private static let text = String(repeating: "order after order, ", count: 20_000)

  private func deflated(_ text: String) throws -> [UInt8] {
    var deflater = try Deflater(.gzip)
    var bytes: [UInt8] = []
    deflater.deflate(Array(text.utf8).span.bytes, flush: .finish, appendingTo: &bytes)
    return bytes
  }

  /// The same text however it is cut, never more than a step at a time.
  @Test(arguments: [1, 7, 100, 1_000_000]) func inflatedInBoundedSteps(piece: Int) throws {
    var rest = try deflated(Self.text)[...]
    var body = try InflatingBody(.gzip)
    var inflated = ByteBuffer()
    while !rest.isEmpty {
      body.append(ByteBuffer(bytes: rest.prefix(piece)))
      rest = rest.dropFirst(piece)
      let isFull = !body.isDrained
      #expect(isFull)
      while let step = try body.next() {
        // A buffer may be somewhat larger than what was asked for.
        #expect(step.readableBytes <= 2 * InflatingBody.maximumStep)
        inflated.writeImmutableBuffer(step)
      }
      let isDrained = body.isDrained
      #expect(isDrained)
    }
    try body.finish()
    #expect(String(buffer: inflated) == Self.text)
  }

  @Test func whatEndsTooEarlyIsTruncated() throws {
    let bytes = try deflated("text")
    for count in 1..<bytes.count {
      var body = try InflatingBody(.gzip)
      body.append(ByteBuffer(bytes: bytes.prefix(count)))
      while try body.next() != nil {}
      var isTruncated = false
      do { try body.finish() } catch { isTruncated = error.code == .truncated }
      #expect(isTruncated, "\(count)")
    }
    var empty = try InflatingBody(.gzip)
    empty.append(ByteBuffer())
    let nothing = try empty.next()
    #expect(nothing == nil)
    try empty.finish()
  }
}
