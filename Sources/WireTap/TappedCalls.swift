import GRPCWire
import HTTP2
import NIOCore
import NIOHPACK

/// The calls of one tapped connection: finds their messages, and tells how each of them ended.
///
/// What it keeps is bounded: `maximumCalls` calls are followed at a time, and incomplete messages share
/// `maximumPartialBytes`. A message that finds no room is counted and passed by.
struct TappedCalls: ~Copyable {
  private let limits: TapLimits
  private let expectsGRPC: Bool
  private var calls: [StreamID: TappedCall] = [:]
  private(set) var partialBytes = 0
  /// Calls whose end has been told, for the totals.
  private(set) var ended = 0

  init(limits: TapLimits, expectsGRPC: Bool) {
    self.limits = limits
    self.expectsGRPC = expectsGRPC
  }

  var count: Int { calls.count }

  func path(of stream: StreamID) -> String? { calls[stream]?.path }

  // MARK: What is received

  /// - Returns: how the call went, if this was its end.
  mutating func headersReceived(
    _ block: TapDirection.CompleteBlock, from side: TapSide, at time: NIODeadline, _ frame: inout TappedFrame
  ) -> CallSummary? {
    let headers = block.list.headers
    if side == .client { begin(headers, on: block.stream, at: time) }
    guard let call = calls[block.stream] else { return nil }
    frame.path = call.path
    if side == .server, let status = headers.first(name: ":status").flatMap({ Int($0) }) {
      call.httpStatus = status
      call.server.encoding = headers.first(name: "grpc-encoding")
    }
    guard block.endStream else { return nil }
    return streamEnded(call, block.stream, by: side, trailers: headers, at: time, &frame)
  }

  private mutating func begin(_ headers: HPACKHeaders, on stream: StreamID, at time: NIODeadline) {
    guard calls[stream] == nil, calls.count < limits.maximumCalls, let path = headers.first(name: ":path") else {
      return
    }
    let isGRPC = headers.first(name: "content-type")?.hasPrefix("application/grpc") ?? false
    let call = TappedCall(
      method: headers.first(name: ":method") ?? "", path: path, startedAt: time, isGRPC: isGRPC && expectsGRPC)
    call.client.encoding = headers.first(name: "grpc-encoding")
    calls[stream] = call
  }

  /// Takes a piece of a DATA frame; the messages that end in it are shown with the frame, once it is complete.
  mutating func dataReceived(_ piece: ByteBuffer, on stream: StreamID, from side: TapSide, keepsOctets: Bool) {
    guard let call = calls[stream], call.isGRPC else { return }
    let before = call.reservedBytes
    var piece = piece
    while true {
      let free = limits.maximumPartialBytes - partialBytes
      let room = keepsOctets ? min(limits.maximumMessageBytes, free) : -1
      guard let message = call[side].observer.next(from: &piece, keepingUpTo: room) else { break }
      call[side].messages += 1
      if keepsOctets, call[side].inFrame.count < Self.maximumMessagesShown {
        call[side].inFrame.append(TappedMessage(message: message, encoding: call[side].encoding))
      }
    }
    partialBytes += call.reservedBytes - before
  }

  /// Of one frame; a frame of 16 KiB can hold 3,276 empty messages.
  private static let maximumMessagesShown = 1000

  /// - Returns: how the call went, if this was its end.
  mutating func dataEnded(_ frame: inout TappedFrame, from side: TapSide, at time: NIODeadline) -> CallSummary? {
    let header = frame.observed.header
    guard let call = calls[header.streamID] else { return nil }
    if call.isGRPC {
      frame.messages = call[side].inFrame
      call[side].inFrame = []
      if call[side].observer.isLost { frame.remarks.append("no gRPC message: the compressed flag is neither 0 nor 1") }
      if frame.messages.count == Self.maximumMessagesShown { frame.remarks.append("further messages are not shown") }
    }
    guard header.flags.contains(.endStream) else { return nil }
    return streamEnded(call, header.streamID, by: side, trailers: nil, at: time, &frame)
  }

  /// - Returns: how the call went, unless that has been told.
  mutating func reset(_ reset: ResetStreamFrame, by side: TapSide, at time: NIODeadline) -> CallSummary? {
    guard let call = calls[reset.streamID] else { return nil }
    defer { forget(reset.streamID) }
    // A server that has answered resets what it does not want to read any more; the call has ended before.
    guard !call.server.hasEnded else { return nil }
    return summary(of: call, on: reset.streamID, .reset(by: side, reset.code), at: time)
  }

  /// The calls that the connection's end has cut.
  mutating func connectionClosed(at time: NIODeadline) -> [CallSummary] {
    var cut: [CallSummary] = []
    for (stream, call) in calls.sorted(by: { $0.key < $1.key }) where !call.server.hasEnded {
      cut.append(summary(of: call, on: stream, .connectionClosed, at: time))
    }
    calls = [:]
    partialBytes = 0
    return cut
  }

  // MARK: How they end

  private mutating func streamEnded(
    _ call: TappedCall, _ stream: StreamID, by side: TapSide, trailers: HPACKHeaders?, at time: NIODeadline,
    _ frame: inout TappedFrame
  ) -> CallSummary? {
    if call.isGRPC, call[side].observer.isInsideMessage { frame.remarks.append("the stream ends inside a message") }
    call[side].hasEnded = true
    var end: CallSummary?
    if side == .server {
      let httpStatus = call.httpStatus
      if let trailers, trailers.contains(name: "grpc-status") || call.isGRPC {
        end = summary(of: call, on: stream, .status(GRPCStatus(trailers: trailers, httpStatus: httpStatus)), at: time)
      } else {
        end = summary(of: call, on: stream, .http(status: httpStatus ?? 0), at: time)
      }
    }
    if call[side.other].hasEnded { forget(stream) }
    return end
  }

  private mutating func forget(_ stream: StreamID) {
    guard let call = calls.removeValue(forKey: stream) else { return }
    partialBytes -= call.reservedBytes
  }

  private mutating func summary(
    of call: TappedCall, on stream: StreamID, _ end: CallSummary.End, at time: NIODeadline
  ) -> CallSummary {
    ended += 1
    return CallSummary(
      streamID: stream, method: call.method, path: call.path, end: end, duration: time - call.startedAt,
      up: call.client.messages, down: call.server.messages)
  }
}
