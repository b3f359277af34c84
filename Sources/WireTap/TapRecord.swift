public import GRPCWire
public import HTTP2
public import NIOCore
public import NIOHPACK

/// One thing that is told of a connection, as plain values: made beside the traffic, put into words elsewhere.
public struct TapRecord: Sendable {
  public enum Content: Sendable {
    /// Of the connection itself: accepted, closed.
    case notice(String)
    /// The client's connection preface.
    case preface(ByteBuffer)
    case frame(TappedFrame)
    /// Bytes that are not taken for HTTP/2.
    case bytes(ByteBuffer, omitted: Int)
    case call(CallSummary)
    /// Frames that were not kept, since nobody takes what is there.
    case dropped(records: Int, octets: Int)
  }

  public var connection: TapConnection
  /// Who sent it; nil for what nobody did.
  public var side: TapSide?
  public var time: NIODeadline
  /// Counts what was read from the connection; frames of one read are shown together.
  public var read: Int
  public var content: Content

  public init(connection: TapConnection, side: TapSide?, time: NIODeadline, read: Int, content: Content) {
    self.connection = connection
    self.side = side
    self.time = time
    self.read = read
    self.content = content
  }

  /// What it takes of the queue, octets.
  var cost: Int {
    switch content {
    case .notice, .call, .dropped: Self.overhead
    case .preface(let bytes), .bytes(let bytes, _): Self.overhead + bytes.readableBytes
    case .frame(let frame):
      Self.overhead + frame.observed.octets.readableBytes
        + frame.messages.reduce(0) { $0 + Self.overhead + ($1.message.bytes?.readableBytes ?? 0) }
        + (frame.headers?.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 64 } ?? 0)
    }
  }

  /// About what a record takes besides its bytes.
  private static let overhead = 256
}

/// A frame, and what the connection's earlier frames tell about it.
public struct TappedFrame: Sendable {
  public var observed: ObservedFrame
  /// The decoded list, with the frame that completes its block.
  public var headers: HPACKHeaders?
  /// The messages that end in this frame.
  public var messages: [TappedMessage] = []
  /// `:path` of the call.
  public var path: String?
  /// What is wrong, or cannot be told.
  public var remarks: [String] = []

  public init(_ observed: ObservedFrame) { self.observed = observed }

  var streamID: StreamID { observed.header.streamID }
}

public struct TappedMessage: Sendable, Equatable {
  public var message: MessageObserver.Observed
  /// `grpc-encoding` of its direction, as it was sent.
  public var encoding: String?
}

/// How a call went.
public struct CallSummary: Sendable {
  public enum End: Sendable, Equatable {
    case status(GRPCStatus)
    /// An answer that is not gRPC.
    case http(status: Int)
    case reset(by: TapSide, ErrorCode)
    case connectionClosed
  }

  public var streamID: StreamID
  public var method: String
  public var path: String
  public var end: End
  public var duration: TimeAmount
  /// Messages from the client and from the server.
  public var up: Int
  public var down: Int
}
