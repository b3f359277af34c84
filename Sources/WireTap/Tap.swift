import NIOConcurrencyHelpers
public import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a tap shows what it sees.
public struct TapOptions: Sendable {
  public enum Format: Sendable {
    case text
    case json
  }

  public var format = Format.text
  /// Of the text form.
  public var hasColours = false
  public var filter = TapFilter()
  /// Only connections and calls.
  public var isQuiet = false
  public var limits = TapLimits()

  public init() {}
}

/// Shows what goes over connections, which it only watches.
public final class Tap: Sendable {
  public struct Totals: Sendable, Equatable {
    public var connections = 0
    public var calls = 0
    /// Octets from clients, and from servers.
    public var up = 0
    public var down = 0
    /// Frames that were not shown since the output was too slow.
    public var dropped = 0
  }

  let options: TapOptions
  private let queue: DumpQueue
  private let counts = NIOLockedValueBox(Totals())

  /// - Parameter descriptor: where the text goes; 1 is standard output.
  public init(options: TapOptions, schema: SchemaSource, descriptor: CInt = 1) {
    self.options = options
    // Whoever stops reading ends a pipe, not the traffic.
    signal(SIGPIPE, SIG_IGN)
    let messages = MessageReading(schema: schema, maximumMessageBytes: options.limits.maximumMessageBytes)
    let renderer: any RecordRenderer =
      switch options.format {
      case .text: TextRenderer(clock: TapClock(), colours: TapColours(isOn: options.hasColours), messages: messages)
      case .json: JSONRenderer(clock: TapClock(), messages: messages)
      }
    queue = DumpQueue(maximumBytes: options.limits.maximumQueuedBytes, renderer: renderer, descriptor: descriptor)
  }

  public var totals: Totals {
    var totals = counts.withLockedValue { $0 }
    totals.dropped = queue.dropped
    return totals
  }

  /// Follows one more connection.
  public func connectionOpened(number: Int, place: TapPlace, proto: TapProtocol) -> TappedConnection {
    counts.withLockedValue { $0.connections += 1 }
    return TappedConnection(tap: self, connection: TapConnection(place, number, proto))
  }

  /// Says something that is of no connection.
  public func say(_ notice: String) {
    queue.offer(
      TapRecord(
        connection: TapConnection(.proxy, 0, .text), side: nil, time: .now(), read: 0, content: .notice(notice)))
  }

  /// Writes what waits, for so many seconds at most.
  public func finish(within seconds: Double = 1) { queue.finish(within: seconds) }

  var isCongested: Bool { queue.isCongested }

  func tell(_ record: TapRecord) { queue.offer(record) }

  func count(calls: Int, up: Int, down: Int) {
    counts.withLockedValue {
      $0.calls += calls
      $0.up += up
      $0.down += down
    }
  }
}

/// One connection that is watched; used on its event loop only.
public final class TappedConnection {
  private let tap: Tap
  public let connection: TapConnection
  private var session: TapSession
  private(set) var up = 0
  private(set) var down = 0
  private var isClosed = false

  init(tap: Tap, connection: TapConnection) {
    self.tap = tap
    self.connection = connection
    session = TapSession(
      connection: connection, limits: tap.options.limits, filter: tap.options.filter,
      showsFrames: !tap.options.isQuiet)
  }

  public func received(_ bytes: ByteBuffer, from side: TapSide) {
    if side == .client { up += bytes.readableBytes } else { down += bytes.readableBytes }
    session.received(bytes, from: side, at: .now(), keepsOctets: !tap.isCongested) { tap.tell($0) }
  }

  public func say(_ notice: String) {
    tap.tell(TapRecord(connection: connection, side: nil, time: .now(), read: 0, content: .notice(notice)))
  }

  public func closed() {
    guard !isClosed else { return }
    isClosed = true
    session.closed(at: .now()) { tap.tell($0) }
    tap.count(calls: session.endedCalls, up: up, down: down)
  }
}
