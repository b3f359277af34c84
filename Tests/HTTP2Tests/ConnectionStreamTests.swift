import NIOCore
import NIOHPACK
import Testing

@testable import HTTP2

struct ConnectionStreamTests {
  @Test
  func unaryCallFromBeginningToEnd() throws {
    var machine = Machine.ready()
    let id = machine.opened()
    #expect(machine.send([1, 2], endStream: true, on: id) == .proceed)
    #expect(
      try machine.takeFrames() == [.data(DataFrame(streamID: id, payload: ByteBuffer(bytes: [1, 2]), endStream: true))])
    #expect(machine.headersReceived(headers(id, ok)) == .response(id, HeaderList(HPACKHeaders(ok)), endStream: false))
    #expect(machine.dataReceived(data(id, 7)) == .deliver(endStream: false))
    let end = [("grpc-status", "0")]
    #expect(machine.headersReceived(headers(id, end, endStream: true)) == .trailers(id, HeaderList(HPACKHeaders(end))))
    #expect(machine.openStreamCount == 0)
    #expect(machine.outbound.readableBytes == 0)
  }

  @Test
  func earlyEndOfThePeerResetsWhatWeStillSend() throws {
    var machine = Machine.ready()
    let id = machine.opened()
    _ = machine.headersReceived(headers(id, ok + [("grpc-status", "3")], endStream: true))
    #expect(try machine.takeFrames() == [.resetStream(ResetStreamFrame(streamID: id, code: .noError))])
    #expect(machine.send([1], on: id) == .streamGone)
  }

  @Test
  func interimResponsesAreSkipped() {
    var machine = Machine.ready()
    let id = machine.opened()
    for _ in 0..<100 { #expect(machine.headersReceived(headers(id, [(":status", "103")])) == .none) }
    guard case .response = machine.headersReceived(headers(id, ok)) else { return #expect(Bool(false)) }
  }

  @Test
  func interimResponsesAreBounded() {
    var machine = Machine.ready()
    let id = machine.opened()
    for _ in 0..<100 { _ = machine.headersReceived(headers(id, [(":status", "100")])) }
    #expect(machine.headersReceived(headers(id, [(":status", "100")])) == .streamFault(id, .informational))
  }

  static let streamFaults: [(String, [HeadersFrame], StreamFault)] = {
    let id = StreamID(1)
    return [
      ("interim response that ends", [headers(id, [(":status", "100")], endStream: true)], .informational),
      ("second response", [headers(id, ok), headers(id, ok)], .unexpectedHeaders),
      ("second response that ends", [headers(id, ok), headers(id, ok, endStream: true)], .unexpectedHeaders),
      ("interim after final", [headers(id, ok), headers(id, [(":status", "100")])], .unexpectedHeaders),
      ("trailers that do not end", [headers(id, ok), headers(id, [("grpc-status", "0")])], .unexpectedHeaders),
      ("trailers first", [headers(id, [("grpc-status", "0")], endStream: true)], .unexpectedHeaders),
      ("request", [headers(id, [(":method", "GET"), (":path", "/")])], .unexpectedHeaders),
      ("CR LF in a value", [headers(id, ok + [("a", "b\r\nc: d")])], .malformedHeaders(.value)),
      ("upper case", [headers(id, ok + [("A", "b")])], .malformedHeaders(.name)),
      ("connection", [headers(id, ok + [("connection", "close")])], .malformedHeaders(.connectionSpecific)),
      ("no :status", [headers(id, [("content-type", "x")])], .unexpectedHeaders),
    ]
  }()

  @Test(arguments: streamFaults)
  func malformedResponseResetsOnlyItsStream(_ name: String, _ frames: [HeadersFrame], _ fault: StreamFault) throws {
    var machine = Machine.ready()
    let id = machine.opened()
    let bystander = machine.opened()
    for frame in frames.dropLast() { _ = machine.headersReceived(frame) }
    #expect(machine.headersReceived(frames[frames.count - 1]) == .streamFault(id, fault))
    #expect(try machine.takeFrames() == [.resetStream(ResetStreamFrame(streamID: id, code: .protocolError))])
    guard case .response = machine.headersReceived(headers(bystander, ok)) else { return #expect(Bool(false)) }
  }

  @Test
  func dataBeforeHeadersResetsTheStream() {
    var machine = Machine.ready()
    let id = machine.opened()
    #expect(machine.dataReceived(data(id, 1)) == .streamFault(.dataBeforeHeaders))
  }

  @Test
  func lateFramesOfStreamsThatAreGoneAreIgnored() throws {
    var machine = Machine.ready()
    let id = machine.opened()
    machine.reset(id, .cancel)
    _ = try machine.takeFrames()
    var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
    var late = ByteBuffer()
    try encoder.encode(headers: HPACKHeaders(ok + [("x-late", "1")]), to: &late)
    #expect(machine.headersReceived(HeadersFrame(streamID: id, fragment: late, endStream: false)) == .none)
    #expect(machine.dataReceived(data(id, 1000)) == .discard)
    #expect(machine.resetReceived(ResetStreamFrame(streamID: id, code: .cancel), at: now) == .none)
    #expect(machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 0), at: now) == .none)
    #expect(machine.outbound.readableBytes == 0)
    // Its header block counts nevertheless: the next one refers to it.
    let next = machine.opened()
    var block = ByteBuffer()
    try encoder.encode(headers: HPACKHeaders(ok + [("x-late", "1")]), to: &block)
    let action = machine.headersReceived(HeadersFrame(streamID: next, fragment: block, endStream: false))
    #expect(action == .response(next, HeaderList(HPACKHeaders(ok + [("x-late", "1")])), endStream: false))
  }

  @Test
  func idleStreamsAreFaults() {
    for id in [StreamID(3), StreamID(2), StreamID(4), .maximum] {
      var machine = Machine.ready()
      _ = machine.opened()
      #expect(machine.headersReceived(headers(id, ok)) == .connectionFault(.idleStream(.headers)))
      machine = Machine.ready()
      _ = machine.opened()
      #expect(machine.dataReceived(data(id, 1)) == .connectionFault(.idleStream(.data)))
      machine = Machine.ready()
      _ = machine.opened()
      #expect(
        machine.resetReceived(ResetStreamFrame(streamID: id, code: .cancel), at: now)
          == .connectionFault(.idleStream(.resetStream)))
      machine = Machine.ready()
      _ = machine.opened()
      #expect(
        machine.windowUpdateReceived(WindowUpdateFrame(streamID: id, increment: 1), at: now)
          == .connectionFault(.idleStream(.windowUpdate)))
    }
  }

  @Test
  func continuationsBelongToTheirHeaders() {
    var machine = Machine.ready()
    let id = machine.opened()
    var whole = block(ok)
    let first = whole.readSlice(length: 3) ?? ByteBuffer()
    #expect(
      machine.headersReceived(HeadersFrame(streamID: id, fragment: first, endStream: true, endHeaders: false)) == .none)
    #expect(
      machine.continuationReceived(ContinuationFrame(streamID: id, fragment: whole, endHeaders: true))
        == .response(id, HeaderList(HPACKHeaders(ok)), endStream: true))
  }

  @Test
  func streamNumbersRunOut() {
    var machine = Machine.ready()
    machine.nextStreamID = .maximum
    #expect(machine.open(testHead) == .opened(.maximum))
    #expect(machine.freeStreams == 0)
    #expect(machine.open(testHead) == .unavailable)
    #expect(machine.resetReceived(ResetStreamFrame(streamID: .maximum, code: .cancel), at: now) == .reset(.cancel))
  }

  @Test
  func longHeadersAreSplitByThePeersFrameSize() throws {
    var machine = Machine.ready()
    let value = String(repeating: "v", count: 40_000)
    guard case .opened(let id) = machine.open(testHead, metadata: LiteralFields([("x-long", value)])) else {
      return #expect(Bool(false))
    }
    var reader = HeaderBlockReader(
      limits: {
        var limits = ConnectionLimits(); limits.maximumHeaderListSize = 100_000; return limits
      }())
    var list: HeaderList?
    for frame in try machine.takeFrames() {
      switch frame {
      case .headers(let frame): list = try reader.headers(frame.fragment, isComplete: frame.endHeaders)
      case .continuation(let frame): list = try reader.continuation(frame.fragment, isComplete: frame.endHeaders)
      default: Issue.record("\(frame)")
      }
    }
    #expect(list?.headers.first(name: "x-long") == value)
    #expect(machine.send([1], on: id) == .proceed)
  }
}
