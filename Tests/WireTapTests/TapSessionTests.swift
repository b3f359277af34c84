import Compression
import GRPCWire
import HTTP2
import NIOCore
import NIOHPACK
import Testing

@testable import WireTap

struct TapSessionTests {
  private static func opened(_ limits: TapLimits = TapLimits(), filter: [String] = []) throws -> TapBench {
    var bench = try TapBench(limits: limits, filter: filter)
    bench.feed(Wire.preface, from: .client)
    bench.feed(Wire.settings(), from: .client)
    bench.feed(Wire.settings(), from: .server)
    return bench
  }

  // MARK: Messages

  @Test func messageOverFramesFramesOverReadsAndPaddingAreOneMessage() throws {
    var bench = try Self.opened()
    bench.feed(Wire.request(), from: .client)
    let message = Wire.message(Wire.order)
    var bytes = Wire.data(1, Array(message[..<2]), padding: 7)
    bytes.writeImmutableBuffer(Wire.data(1, Array(message[2...]) + message, endStream: true, padding: 0))
    bench.feed(bytes, from: .client, sizes: Array(repeating: 3, count: 100))
    let frames = bench.frames.filter { $0.observed.header.type == .data }
    #expect(frames.map(\.messages.count) == [0, 2])
    #expect(frames[1].messages.allSatisfy { $0.message.bytes == ByteBuffer(bytes: Wire.order) })
    #expect(FrameLabel.text(of: frames[0].observed) == "data stream:1 len:2 padding:8")
    let text = bench.text(try TestSchema.orders())
    #expect(text.components(of: "\nid: \"101\"\n") == 2)
  }

  @Test func compressedMessageIsInflated() throws {
    let plain = Array(repeating: Wire.order, count: 40).flatMap { $0 }
    var framer = MessageFramer(encoding: .gzip, minimumCompressedBytes: 1)
    var framed = ByteBuffer()
    try framer.write(plain.span.bytes, into: &framed)
    var bench = try Self.opened()
    bench.feed(Wire.request(encoding: "gzip"), from: .client)
    bench.feed(Wire.data(1, Array(framed.readableBytesView), endStream: true), from: .client)
    let text = bench.text(try TestSchema.orders())
    #expect(text.contains("-> 200 bytes\nid: \"101\"\n"))
  }

  @Test(arguments: [(nil, "grpc-encoding is missing"), ("br", "grpc-encoding is br"), ("gzip", "is not gzip")])
  func compressedMessageThatCannotBeReadSaysWhy(_ encoding: String?, _ reason: String) throws {
    var bench = try Self.opened()
    bench.feed(Wire.request(encoding: encoding), from: .client)
    bench.feed(Wire.data(1, Wire.message([1, 2, 3], isCompressed: true), endStream: true), from: .client)
    #expect(bench.text(try TestSchema.none()).contains(reason))
  }

  @Test(arguments: [(100, true), (101, false)])
  func longestMessageIsKeptAndALongerOneCounted(_ length: Int, _ isKept: Bool) throws {
    var limits = TapLimits()
    limits.maximumMessageBytes = 100
    var bench = try Self.opened(limits)
    bench.feed(Wire.request(), from: .client)
    let long = Wire.message(Array(repeating: 0x20, count: length))
    bench.feed(Wire.data(1, long + Wire.message(Wire.order), endStream: true), from: .client)
    let messages = try #require(bench.frames.last).messages
    #expect(messages.map(\.message.length) == [length, 5])
    #expect((messages[0].message.bytes != nil) == isKept)
    #expect(messages[1].message.bytes != nil)
  }

  @Test(arguments: [(200, true), (199, false)])
  func incompleteMessagesOfAConnectionShareTheirRoom(_ room: Int, _ isKept: Bool) throws {
    var limits = TapLimits()
    limits.maximumMessageBytes = 100
    limits.maximumPartialBytes = room
    var bench = try Self.opened(limits)
    let long = Wire.message(Array(repeating: 0x20, count: 100))
    for stream: UInt32 in [1, 3] {
      bench.feed(Wire.request(stream), from: .client)
      bench.feed(Wire.data(stream, Array(long[..<50])), from: .client)
    }
    #expect(bench.session.bufferedBytes <= room)
    for stream: UInt32 in [1, 3] { bench.feed(Wire.data(stream, Array(long[50...])), from: .client) }
    let messages = bench.frames.flatMap(\.messages)
    #expect(messages.count == 2)
    #expect((messages[1].message.bytes != nil) == isKept)
    #expect(bench.session.bufferedBytes == 0)
  }

  // MARK: Frames

  @Test func resetsAndGoAwaysNameTheirCodes() throws {
    var bench = try Self.opened()
    bench.feed(Wire.request(), from: .client)
    var bytes = ByteBuffer()
    ResetStreamFrame(streamID: StreamID(1), code: .cancel).write(into: &bytes)
    WindowUpdateFrame(streamID: StreamID(5), increment: 7).write(into: &bytes)
    GoAwayFrame(lastStreamID: StreamID(1), code: .enhanceYourCalm, debugData: ByteBuffer(string: "too_many_pings"))
      .write(into: &bytes)
    SettingsFrame([.init(SettingID(rawValue: 0x99), 5), .init(.maxFrameSize, 16_384)]).write(into: &bytes)
    bench.feed(bytes, from: .client)
    let labels = bench.frames.suffix(4).map { FrameLabel.text(of: $0.observed) }
    #expect(
      labels == [
        "rst_stream stream:1 error_code:CANCEL", "window_update stream:5 window_size_increment:7",
        "goaway last_stream:1 error_code:ENHANCE_YOUR_CALM debug:\"too_many_pings\"",
        "settings unknown_setting_153:5 max_frame_size:16384",
      ])
    #expect(bench.calls.map(\.end) == [.reset(by: .client, .cancel)])
  }

  @Test func continuationIsDecodedWithItsHeaders() throws {
    var bench = try Self.opened()
    let block = Wire.block([
      (":method", "POST"), (":scheme", "http"), (":path", "/a.B/c"), ("content-type", "application/grpc"),
    ])
    var bytes = ByteBuffer()
    var rest = block
    let first = rest.readSlice(length: 10) ?? ByteBuffer()
    HeadersFrame(streamID: StreamID(1), fragment: first, endStream: true, endHeaders: false).write(into: &bytes)
    ContinuationFrame(streamID: StreamID(1), fragment: rest, endHeaders: true).write(into: &bytes)
    bench.feed(bytes, from: .client, sizes: Array(repeating: 1, count: 200))
    let frames = bench.frames.suffix(2).map { ($0.headers?.count ?? 0, FrameLabel.text(of: $0.observed), $0.path) }
    #expect(frames.map(\.0) == [0, 4])
    #expect(frames.map(\.1) == ["headers stream:1 end_stream continued", "continuation stream:1 end_headers"])
    #expect(frames[1].2 == "/a.B/c")
  }

  @Test func brokenFrameIsNamedAndTheNextOneFound() throws {
    var bench = try Self.opened()
    var bytes = ByteBuffer()
    FrameHeader(length: 3, type: .ping, streamID: .connection).write(into: &bytes)
    bytes.writeBytes([1, 2, 3])
    FrameHeader(length: 1, type: .data, flags: .padded, streamID: StreamID(1)).write(into: &bytes)
    bytes.writeBytes([9])
    PingFrame(payload: 1, isAcknowledgement: false).write(into: &bytes)
    bench.feed(bytes, from: .server)
    let frames = bench.frames.suffix(3)
    #expect(frames.map(\.remarks.count) == [1, 1, 0])
    #expect(frames.last.map { FrameLabel.text(of: $0.observed) } == "ping 0000000000000001")
  }

  @Test(arguments: [(64 * 1024 - 9, 0), (64 * 1024 - 8, 1)])
  func frameIsDumpedUpToTheLimit(_ length: Int, _ omitted: Int) throws {
    var bench = try Self.opened()
    bench.feed(Wire.request(), from: .client)
    var bytes = ByteBuffer()
    FrameHeader(length: length, type: .data, streamID: StreamID(1)).write(into: &bytes)
    bytes.writeRepeatingByte(0x20, count: length)
    bench.feed(bytes, from: .client)
    let frame = try #require(bench.frames.last).observed
    #expect(frame.omittedOctets == omitted)
    #expect(frame.content == .data(length: length, padding: 0))
  }

  @Test func peerThatIsNotHTTP2IsShownAsItIs() throws {
    var bench = try TapBench()
    bench.feed(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), from: .client, sizes: [1, 2])
    bench.feed(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n"), from: .server)
    let text = bench.text(try TestSchema.none())
    #expect(text.contains("not HTTP/2\n"))
    #expect(text.contains("| / HTTP/1.1..Hos|"))
    #expect(text.contains("|HTTP/1.1 400 Bad|"))
  }

  @Test func largerHeaderTableIsFollowed() throws {
    var bench = try Self.opened()
    bench.feed(Wire.settings([.init(.headerTableSize, 8192)]), from: .server)
    // A size update to 8192 (RFC 7541 section 6.3), which 4096 would not allow, then two fields of the static table.
    var bytes = ByteBuffer()
    HeadersFrame(streamID: StreamID(1), fragment: ByteBuffer(bytes: [0x3F, 0xE1, 0x3F, 0x83, 0x86]), endStream: true)
      .write(into: &bytes)
    bench.feed(bytes, from: .client)
    #expect(bench.frames.last?.headers?.map(\.value) == ["POST", "http"])
    #expect(bench.frames.last?.remarks == [])
  }

  @Test func blockThatCannotBeDecodedIsSaidSoAndLaterOnesToo() throws {
    var bench = try Self.opened()
    var bytes = ByteBuffer()
    for stream: UInt32 in [1, 3] {
      HeadersFrame(streamID: StreamID(stream), fragment: ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0x7F]), endStream: true)
        .write(into: &bytes)
    }
    bench.feed(bytes, from: .client)
    #expect(bench.frames.suffix(2).map(\.remarks.count) == [1, 1])
    // The other direction has a table of its own.
    bench.feed(Wire.headers(1, [(":status", "200")]), from: .server)
    #expect(bench.frames.last?.headers?.count == 1)
  }

  @Test(arguments: [(2, ["/a.B/1", "/a.B/3"]), (1, ["/a.B/1"])])
  func callsAreFollowedUpToTheLimit(_ limit: Int, _ paths: [String]) throws {
    var limits = TapLimits()
    limits.maximumCalls = limit
    var bench = try Self.opened(limits)
    for stream: UInt32 in [1, 3] { bench.feed(Wire.request(stream, path: "/a.B/\(stream)"), from: .client) }
    bench.close()
    #expect(bench.calls.map(\.path) == paths)
    #expect(bench.calls.allSatisfy { $0.end == .connectionClosed })
  }

  // MARK: Calls

  @Test func statusAndMessageOfACallAreInItsSummary() throws {
    var bench = try Self.opened()
    bench.feed(Wire.request(endStream: true), from: .client)
    bench.feed(
      Wire.headers(
        1,
        [
          (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5"),
          ("grpc-message", "no%20\u{1B}[31m"),
        ],
        endStream: true), from: .server)
    let text = bench.text(try TestSchema.none())
    #expect(text.contains("-> 5 NOT_FOUND \"no \\u{1b}[31m\" 1.0 ms, 0 up 0 down\n"))
    #expect(!text.contains("\u{1B}"))
    #expect(bench.session.openCalls == 0)
  }

  @Test func whileThereIsNoRoomNothingIsKeptAndNothingIsLostOfTheCalls() throws {
    var bench = try Self.opened()
    bench.feed(Wire.request(), from: .client, keepsOctets: false)
    bench.feed(
      Wire.data(1, Wire.message(Wire.order) + Wire.message(Wire.order), endStream: true), from: .client,
      keepsOctets: false)
    bench.feed(Wire.headers(1, [(":status", "200")]), from: .server)
    bench.feed(Wire.data(1, Wire.message(Wire.order)), from: .server)
    bench.feed(Wire.headers(1, [("grpc-status", "0")], endStream: true), from: .server)
    #expect(bench.frames(from: .client).count == 1)
    let dropped = bench.records.filter { if case .dropped = $0.content { true } else { false } }
    #expect(dropped.count == 2)
    #expect(bench.calls.map { [$0.up, $0.down] } == [[2, 1]])
  }

  @Test func quietTellsOnlyOfCalls() throws {
    var bench = try TapBench(showsFrames: false)
    bench.feed(Wire.preface, from: .client)
    bench.feed(Wire.settings(), from: .client)
    bench.feed(Wire.settings(), from: .server)
    bench.feed(Wire.request(endStream: true), from: .client)
    bench.feed(Wire.headers(1, [(":status", "200"), ("grpc-status", "0")], endStream: true), from: .server)
    #expect(bench.records.count == 1)
    #expect(bench.calls.count == 1)
  }

  @Test func textIsShownAsTextWithoutCommandsToTheTerminal() throws {
    var bench = try TapBench(.text)
    bench.feed(ByteBuffer(string: "GET / HTTP/1.1\r\nX: \u{1B}]0;title\u{07}\r\n"), from: .client)
    let text = bench.text(try TestSchema.none())
    #expect(text.hasSuffix("from CLIENT [1]\nGET / HTTP/1.1\nX: \\u{1b}]0;title\\u{7}\n"))
  }
}

extension String {
  func components(of needle: String) -> Int {
    self.split(separator: needle, omittingEmptySubsequences: false).count - 1
  }
}
