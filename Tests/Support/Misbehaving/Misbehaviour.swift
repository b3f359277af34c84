internal import HTTP2
internal import ScriptedUpstream

/// One way in which a gRPC server breaks a call, a stream or its connection, and what the gateway's caller must get.
///
/// The catalogue is that of the hostile upstream: lifecycle, status, sizes and encodings, attacks, death. Tests drive a
/// gateway against each, and `HostileUpstream` plays them to any gateway.
public struct Misbehaviour: Sendable, CustomStringConvertible {
  /// What is called.
  public enum Call: String, Sendable {
    /// `GET /v1/orders/{value}`.
    case unary
    /// `POST /v1/orders:update`, whose body does not end.
    case upload
  }

  /// What the caller gets.
  public struct Answer: Sendable, Equatable {
    public var status: Int
    /// gRPC's name of the error; empty for none.
    public var name: String
    /// Why the gateway made the error; empty when the upstream did.
    public var reason: String

    init(_ status: Int, _ name: String = "", _ reason: String = "") {
      self.status = status
      self.name = name
      self.reason = reason
    }

    static let ok = Answer(200)
    static let lost = Answer(503, "UNAVAILABLE", "UPSTREAM_CONNECTION_LOST")
    static let unreachable = Answer(503, "UNAVAILABLE", "UPSTREAM_UNREACHABLE")
    static let late = Answer(504, "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")
    static let tooLarge = Answer(429, "RESOURCE_EXHAUSTED", "UPSTREAM_MESSAGE_TOO_LARGE")
    /// The answer is not gRPC, and the code is left to the gateway.
    static func bad(_ name: String = "INTERNAL", _ status: Int = 500) -> Answer {
      Answer(status, name, "UPSTREAM_BAD_RESPONSE")
    }
  }

  /// What happens to the other calls on the connection.
  public enum Others: String, Sendable {
    /// They go on: the fault is one of the stream.
    case go
    /// They end, each telling its caller: the fault is one of the connection.
    case end
    /// There are none, since no connection has come about.
    case none
  }

  /// How every connection of a server behaves, whatever is called.
  public struct Connection: Sendable {
    var options = ScriptedConnection.Options()
    /// Runs when a connection is there.
    var connected: @Sendable (ScriptedConnection) -> Void = { _ in }
    /// Runs for each request's head, before it is answered.
    var requested: @Sendable (ScriptedConnection, StreamID) -> Void = { _, _ in }
    /// Makes a connection sound, where its server has been told to be.
    var heal: @Sendable (ScriptedConnection) -> Void = { _ in }
  }

  public let name: String
  public let answer: Answer
  public var others = Others.go
  public var call = Call.unary
  /// `Grpc-Timeout` of the call, where nothing else would end it.
  public var timeout: String?
  /// How often it is worth trying in a row; what takes its time is tried less often.
  public var repeats = 100
  /// Behaves like this on every connection, not only on being called.
  public var connection: Connection?
  /// Answers the call; `attempt` counts from 1 when the gateway tries again.
  var play: @Sendable (ScriptedConnection, StreamID, _ attempt: Int) -> Void = { connection, id, _ in
    connection.answerSoundly(id)
  }
  /// The gateway has reset the stream.
  var resetReceived: @Sendable (ScriptedConnection, StreamID) -> Void = { _, _ in }
  /// More of the request has come.
  var dataReceived: @Sendable (ScriptedConnection, StreamID) -> Void = { _, _ in }
  /// Plays when the request's head is there, not its end.
  var startsWithTheHead = false

  public var description: String { name }

  init(_ name: String, _ answer: Answer, others: Others = .go) {
    self.name = name
    self.answer = answer
    self.others = others
  }

  /// The same with changes.
  func with(_ change: (inout Misbehaviour) -> Void) -> Misbehaviour {
    var changed = self
    change(&changed)
    return changed
  }

  /// One that answers in its own way.
  static func plays(
    _ name: String, _ answer: Answer, others: Others = .go,
    _ play: @escaping @Sendable (ScriptedConnection, StreamID) -> Void
  ) -> Misbehaviour {
    Misbehaviour(name, answer, others: others).with { $0.play = { connection, id, _ in play(connection, id) } }
  }

  public static let all = lifecycle + status + sizes + attacks + death

  /// Those that a call can ask for by name, on a connection that is sound otherwise.
  public static let byCall = all.filter { $0.connection == nil }

  static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })

  public static func named(_ name: String) -> Misbehaviour? { byName[name] }
}

extension ScriptedConnection {
  /// `StringValue{"a"}`; as an `Order` it is the one with this id.
  static let soundMessage: [UInt8] = [0x0A, 0x01, 0x61]

  /// One message and status 0.
  func answerSoundly(_ id: StreamID) {
    respond(id)
    message(id, Self.soundMessage)
    trailers(id)
  }
}
