import NIOCore
import Testing

@testable import HTTP2

struct FrameReaderTests {
  /// A frame's bytes from its parts.
  static func frame(
    _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, length: Int? = nil, _ payload: [UInt8] = []
  ) -> [UInt8] {
    let length = length ?? payload.count
    return [UInt8(length >> 16), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags]
      + (0..<4).map { UInt8(stream >> (24 - 8 * $0) & 0xff) } + payload
  }

  static func read(_ bytes: [UInt8], expecting opening: FrameReader.Opening = .anything) throws(ConnectionFault)
    -> [Frame]
  {
    try FrameReader.frames(in: ByteBuffer(bytes: bytes), expecting: opening)
  }

  /// One frame of each kind, with everything a kind can have.
  static let everyFrame: [Frame] = [
    .settings(SettingsFrame([.init(.maxFrameSize, 20_000), .init(SettingID(rawValue: 0xabcd), .max)])),
    .headers(
      HeadersFrame(
        streamID: StreamID(1), fragment: ByteBuffer(bytes: [0x88]), endStream: false, endHeaders: false,
        priority: StreamPriority(isExclusive: true, dependency: StreamID(7), weight: 200))),
    .continuation(
      ContinuationFrame(streamID: StreamID(1), fragment: ByteBuffer(bytes: [0x88, 0x88]), endHeaders: true)),
    .data(DataFrame(streamID: StreamID(1), payload: ByteBuffer(bytes: Array(0..<100)), endStream: true)),
    .data(DataFrame(streamID: StreamID(3), payload: ByteBuffer(), endStream: false)),
    .priority(
      PriorityFrame(
        streamID: StreamID(5), priority: StreamPriority(isExclusive: false, dependency: .maximum, weight: 0))),
    .resetStream(ResetStreamFrame(streamID: StreamID(3), code: .cancel)),
    .pushPromise(
      PushPromiseFrame(
        streamID: StreamID(1), promisedStreamID: StreamID(2), fragment: ByteBuffer(bytes: [0x82]))),
    .ping(PingFrame(payload: 0x0123_4567_89ab_cdef, isAcknowledgement: true)),
    .windowUpdate(WindowUpdateFrame(streamID: .maximum, increment: 0x7fff_ffff)),
    .settings(.acknowledgement),
    .goAway(
      GoAwayFrame(lastStreamID: StreamID(9), code: ErrorCode(rawValue: 77), debugData: ByteBuffer(string: "why"))),
  ]

  static func write(_ frames: [Frame]) -> ByteBuffer {
    var buffer = ByteBuffer()
    for frame in frames {
      switch frame {
      case .data(let frame): frame.write(into: &buffer)
      case .headers(let frame): frame.write(into: &buffer)
      case .priority(let frame): frame.write(into: &buffer)
      case .resetStream(let frame): frame.write(into: &buffer)
      case .settings(let frame): frame.write(into: &buffer)
      case .pushPromise(let frame): frame.write(into: &buffer)
      case .ping(let frame): frame.write(into: &buffer)
      case .goAway(let frame): frame.write(into: &buffer)
      case .windowUpdate(let frame): frame.write(into: &buffer)
      case .continuation(let frame): frame.write(into: &buffer)
      case .unknown: break
      }
    }
    return buffer
  }

  @Test
  func everyFrameSurvivesWritingAndReadingAtEverySplit() throws {
    let bytes = Self.write(Self.everyFrame)
    #expect(try FrameReader.frames(in: bytes) == Self.everyFrame)
    #expect(
      try FrameReader.frames(in: bytes, chunks: Array(repeating: 1, count: bytes.readableBytes)) == Self.everyFrame)
    for cut in 0...bytes.readableBytes {
      #expect(try FrameReader.frames(in: bytes, chunks: [cut, bytes.readableBytes - cut]) == Self.everyFrame)
    }
  }

  @Test
  func paddingIsTakenOffButCounted() throws {
    var bytes = ByteBuffer()
    DataFrame(streamID: StreamID(1), payload: ByteBuffer(bytes: [1, 2, 3]), endStream: true).write(
      into: &bytes, padding: 9)
    HeadersFrame(streamID: StreamID(1), fragment: ByteBuffer(bytes: [0x88]), endStream: false)
      .write(into: &bytes, padding: 255)
    for size in [1, 2, 5, 13, 22, 1000] {
      let chunks = Array(repeating: size, count: bytes.readableBytes / size + 1)
      let frames = try FrameReader.frames(in: bytes, expecting: .anything, chunks: chunks)
      guard case .data(let data) = frames[0], case .headers(let headers) = frames[1] else {
        return #expect(Bool(false))
      }
      #expect(Array(data.payload.readableBytesView) == [1, 2, 3])
      #expect(data.flowControlledBytes == 13)
      #expect(data.endStream)
      #expect(Array(headers.fragment.readableBytesView) == [0x88])
    }
  }

  @Test
  func dataIsHandedOnBeforeItsFrameIsComplete() throws {
    var reader = FrameReader(expecting: .anything)
    reader.append(ByteBuffer(bytes: Self.frame(0, flags: 1, stream: 1, length: 16_000, [1, 2, 3])))
    guard case .data(let piece) = try reader.next() else { return #expect(Bool(false)) }
    #expect(Array(piece.payload.readableBytesView) == [1, 2, 3])
    #expect(!piece.endStream && !piece.isLastPiece)
    #expect(try reader.next() == nil)
    #expect(reader.bufferedBytes == 0)
  }

  @Test
  func wholeFramesAreWaitedForOnRequest() throws {
    var reader = FrameReader(expecting: .anything, dataDelivery: .wholeFrames)
    reader.append(ByteBuffer(bytes: Self.frame(0, flags: 1, stream: 1, length: 4, [1, 2, 3])))
    #expect(try reader.next() == nil)
    reader.append(ByteBuffer(bytes: [4]))
    guard case .data(let whole) = try reader.next() else { return #expect(Bool(false)) }
    #expect(whole.payload.readableBytes == 4 && whole.endStream)
  }

  @Test
  func emptyDataIsOnlyWhatCarriesNothing() throws {
    let bytes =
      Self.frame(0, stream: 1) + Self.frame(0, flags: 8, stream: 1, [2, 0, 0]) + Self.frame(0, stream: 1, [7])
    for size in [1, 100] {
      let chunks = Array(repeating: size, count: bytes.count)
      let frames = try FrameReader.frames(in: ByteBuffer(bytes: bytes), expecting: .anything, chunks: chunks)
      let areEmpty = frames.map { if case .data(let data) = $0 { data.isEmptyFrame } else { false } }
      #expect(areEmpty == [true, true, false])
    }
  }

  @Test
  func extensionFramesAreSkippedWithoutBeingKept() throws {
    var reader = FrameReader(expecting: .anything)
    reader.append(ByteBuffer(bytes: Self.frame(0xee, flags: 0xff, stream: 77, length: 16_384)))
    #expect(
      try reader.next()
        == .unknown(
          FrameHeader(
            length: 16_384, type: FrameType(rawValue: 0xee), flags: FrameFlags(rawValue: 0xff), streamID: StreamID(77)))
    )
    for _ in 0..<16 {
      reader.append(ByteBuffer(repeating: 1, count: 1024))
      #expect(try reader.next() == nil)
      #expect(reader.bufferedBytes == 0)
    }
    reader.append(ByteBuffer(bytes: Self.frame(4, flags: 1)))
    #expect(try reader.next() == .settings(.acknowledgement))
  }

  @Test
  func priorityOfAWrongLengthIsSkipped() throws {
    let frames = try Self.read(Self.frame(2, stream: 1, [1, 2]) + Self.frame(4, flags: 1))
    #expect(frames.count == 2)
  }

  @Test
  func reservedBitOfAStreamIsIgnored() throws {
    let frames = try Self.read(Self.frame(3, stream: 0x8000_0001, [0, 0, 0, 8]))
    #expect(frames == [.resetStream(ResetStreamFrame(streamID: StreamID(1), code: .cancel))])
  }

  static let faults: [(String, [UInt8], ConnectionFault)] = [
    ("DATA without stream", frame(0, [1]), .streamForbidden(.data)),
    ("HEADERS without stream", frame(1, flags: 4), .streamForbidden(.headers)),
    ("PRIORITY without stream", frame(2, [0, 0, 0, 0, 0]), .streamForbidden(.priority)),
    ("RST_STREAM without stream", frame(3, [0, 0, 0, 0]), .streamForbidden(.resetStream)),
    ("SETTINGS on a stream", frame(4, stream: 1), .streamForbidden(.settings)),
    ("PUSH_PROMISE without stream", frame(5, [0, 0, 0, 2]), .streamForbidden(.pushPromise)),
    ("PING on a stream", frame(6, stream: 1, Array(repeating: 0, count: 8)), .streamForbidden(.ping)),
    ("GOAWAY on a stream", frame(7, stream: 1, Array(repeating: 0, count: 8)), .streamForbidden(.goAway)),
    ("CONTINUATION without stream", frame(9, flags: 4), .streamForbidden(.continuation)),
    ("RST_STREAM of 3", frame(3, stream: 1, [0, 0, 0]), .frameSize(.resetStream)),
    ("RST_STREAM of 5", frame(3, stream: 1, [0, 0, 0, 0, 0]), .frameSize(.resetStream)),
    ("SETTINGS of 5", frame(4, [0, 1, 0, 0, 0]), .frameSize(.settings)),
    ("SETTINGS acknowledged with payload", frame(4, flags: 1, [0, 1, 0, 0, 0, 0]), .frameSize(.settings)),
    ("PING of 7", frame(6, Array(repeating: 0, count: 7)), .frameSize(.ping)),
    ("PING of 9", frame(6, Array(repeating: 0, count: 9)), .frameSize(.ping)),
    ("GOAWAY of 7", frame(7, Array(repeating: 0, count: 7)), .frameSize(.goAway)),
    ("WINDOW_UPDATE of 3", frame(8, [0, 0, 1]), .frameSize(.windowUpdate)),
    ("padded DATA of 0", frame(0, flags: 8, stream: 1), .frameSize(.data)),
    ("DATA of padding alone and more", frame(0, flags: 8, stream: 1, [1]), .padding(.data)),
    ("DATA with more padding than room", frame(0, flags: 8, stream: 1, [3, 0, 0]), .padding(.data)),
    ("padded HEADERS of 0", frame(1, flags: 12, stream: 1), .frameSize(.headers)),
    ("HEADERS with more padding than room", frame(1, flags: 12, stream: 1, [2, 0]), .padding(.headers)),
    ("HEADERS without room for their priority", frame(1, flags: 0x24, stream: 1, [0, 0, 0, 0]), .frameSize(.headers)),
    ("PUSH_PROMISE of 3", frame(5, flags: 4, stream: 1, [0, 0, 2]), .frameSize(.pushPromise)),
    ("CONTINUATION of nothing", frame(9, flags: 4, stream: 1), .continuationUnexpected),
    ("DATA in a header block", frame(1, stream: 1) + frame(0, stream: 1), .continuationExpected),
    ("PING in a header block", frame(1, stream: 1) + frame(6, Array(repeating: 0, count: 8)), .continuationExpected),
    ("extension in a header block", frame(1, stream: 1) + frame(0xee), .continuationExpected),
    ("CONTINUATION of another stream", frame(1, stream: 1) + frame(9, flags: 4, stream: 3), .continuationExpected),
    (
      "CONTINUATION after the block", frame(1, flags: 4, stream: 1) + frame(9, flags: 4, stream: 1),
      .continuationUnexpected
    ),
    ("frame of 16385", frame(0, stream: 1, length: 16_385), .frameTooLarge(.data)),
    ("frame of 2^24-1", frame(1, stream: 1, length: 0xff_ffff), .frameTooLarge(.headers)),
    ("extension over the size", frame(0xee, length: 16_385), .frameTooLarge(FrameType(rawValue: 0xee))),
  ]

  @Test(arguments: faults)
  func whatBreaksTheRulesIsNamed(_ name: String, _ bytes: [UInt8], _ fault: ConnectionFault) {
    #expect(throws: fault) { try Self.read(bytes) }
    #expect(throws: fault) {
      try FrameReader.frames(
        in: ByteBuffer(bytes: bytes), expecting: .anything, chunks: Array(repeating: 1, count: bytes.count))
    }
  }

  @Test
  func sizeIsJudgedOnTheHeaderAlone() throws {
    var reader = FrameReader(expecting: .anything, maximumFrameSize: 20_000)
    reader.append(ByteBuffer(bytes: Self.frame(1, flags: 4, stream: 1, length: 20_000)))
    #expect(try reader.next() == nil)
    var other = FrameReader(expecting: .anything, maximumFrameSize: 20_000)
    other.append(ByteBuffer(bytes: Self.frame(1, flags: 4, stream: 1, length: 20_001)))
    #expect(throws: ConnectionFault.frameTooLarge(.headers)) { try other.next() }
  }

  @Test
  func faultIsFinal() throws {
    var reader = FrameReader(expecting: .anything)
    reader.append(ByteBuffer(bytes: Self.frame(4, stream: 1)))
    #expect(throws: ConnectionFault.streamForbidden(.settings)) { try reader.next() }
    reader.append(ByteBuffer(bytes: Self.frame(4)))
    #expect(throws: ConnectionFault.streamForbidden(.settings)) { try reader.next() }
  }

  @Test(arguments: [
    Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), frame(6, Array(repeating: 0, count: 8)), frame(4, flags: 1),
  ])
  func firstFrameHasToBeSettings(_ bytes: [UInt8]) {
    #expect(throws: ConnectionFault.notHTTP2) { try Self.read(bytes, expecting: .settings) }
  }

  @Test
  func prefaceIsJudgedAtItsFirstWrongByte() throws {
    var reader = FrameReader(expecting: .clientPreface)
    reader.append(ByteBuffer(string: "PRI * HT"))
    #expect(try reader.next() == nil)
    reader.append(ByteBuffer(string: "X"))
    #expect(throws: ConnectionFault.notHTTP2) { try reader.next() }
  }
}
