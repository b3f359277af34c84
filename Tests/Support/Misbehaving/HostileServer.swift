internal import HTTP2
public import NIOCore
internal import NIOHPACK
internal import ScriptedUpstream

/// Plays misbehaviours to a gateway: those that calls name, or one on every connection.
///
/// What a call is for is told by its metadata:
///
///     role: victim        answered by the misbehaviour that `misbehaviour` names
///     role: bystander     answered by one message, and kept open
///     role: release       lets every bystander have a second message and its status, then is answered itself
///     (none)              answered soundly
public final class HostileServer: Sendable {
  private let upstream: ScriptedUpstream
  private let script: NIOLoopBound<HostileScript>
  private let eventLoop: any EventLoop

  public var port: Int { upstream.port }

  /// - Parameter misbehaviour: one that is a connection's; any other is played to victims that name none.
  public init(_ misbehaviour: Misbehaviour?, on eventLoop: any EventLoop, port: Int = 0) async throws {
    let script = try await eventLoop.submit {
      NIOLoopBound(HostileScript(misbehaviour), eventLoop: eventLoop)
    }.get()
    self.script = script
    self.eventLoop = eventLoop
    upstream = try await ScriptedUpstream.start(
      on: eventLoop, port: port, options: misbehaviour?.connection?.options ?? .init()
    ) { connection, event in script.value.handle(event, on: connection) }
  }

  /// Behaves from now on.
  public func heal() async throws {
    let script = script
    try await eventLoop.submit { script.value.heal() }.get()
  }

  /// Misbehaves again; what is connected stays.
  public func hurt() async throws {
    let script = script
    try await eventLoop.submit { script.value.isHealed = false }.get()
  }

  /// Returns once the gateway has reset a victim's stream.
  public func victimReset() async throws {
    let script = script
    try await eventLoop.flatSubmit { [eventLoop] in
      if script.value.victimWasReset { return eventLoop.makeSucceededVoidFuture() }
      let promise = eventLoop.makePromise(of: Void.self)
      script.value.victimReset = { promise.succeed() }
      return promise.futureResult
    }.get()
  }

  public func openConnections() async throws -> Int { try await upstream.openConnections() }

  /// Ends at once, with every connection.
  public func kill() async throws { try await upstream.kill() }
}

/// The server's side of all connections; used on one event loop.
final class HostileScript {
  private enum Role {
    case victim(Misbehaviour, attempt: Int)
    case bystander, release, sound
  }

  private struct Place: Hashable {
    var connection: ObjectIdentifier
    var stream: StreamID
  }

  private let misbehaviour: Misbehaviour?
  private var roles: [Place: Role] = [:]
  private var bystanders: [(connection: ScriptedConnection, id: StreamID)] = []
  private var connections: [ObjectIdentifier: ScriptedConnection] = [:]
  /// By the request's id, which a call keeps when it is tried again.
  private var attempts: [String: Int] = [:]
  var isHealed = false
  private(set) var victimWasReset = false
  /// Told once.
  var victimReset: (() -> Void)?

  init(_ misbehaviour: Misbehaviour?) { self.misbehaviour = misbehaviour }

  func heal() {
    isHealed = true
    for connection in Array(connections.values) { misbehaviour?.connection?.heal(connection) }
  }

  func handle(_ event: ScriptedEvent, on connection: ScriptedConnection) {
    let key = ObjectIdentifier(connection)
    switch event {
    case .connected:
      connections[key] = connection
      guard let own = misbehaviour?.connection else { return }
      if !isHealed {
        own.connected(connection)
      } else if !own.options.greets {
        connection.settings([])
      }
    case .request(let id, let headers, let endStream):
      begin(headers, Place(connection: key, stream: id), connection, endStream: endStream)
    case .data(let id, _, let endStream):
      let place = Place(connection: key, stream: id)
      if endStream {
        act(place, connection)
      } else if case .victim(let misbehaviour, _) = roles[place] {
        misbehaviour.dataReceived(connection, id)
      }
    case .frame(.resetStream(let reset)):
      if case .victim(let misbehaviour, _) = roles.removeValue(forKey: Place(connection: key, stream: reset.streamID)) {
        misbehaviour.resetReceived(connection, reset.streamID)
        victimWasReset = true
        victimReset?()
        victimReset = nil
      }
      bystanders.removeAll { $0.connection === connection && $0.id == reset.streamID }
    case .frame: break
    case .closed:
      connections[key] = nil
      roles = roles.filter { $0.key.connection != key }
      bystanders.removeAll { $0.connection === connection }
    }
  }

  private func begin(
    _ headers: HPACKHeaders, _ place: Place, _ connection: ScriptedConnection, endStream: Bool
  ) {
    let role = role(headers)
    roles[place] = role
    connection.notes["victim"] = nil
    if case .victim = role { connection.notes["victim"] = Int(place.stream.rawValue) }
    misbehaviour?.connection?.requested(connection, place.stream)
    if case .victim(let misbehaviour, _) = role, misbehaviour.startsWithTheHead { return act(place, connection) }
    if endStream { act(place, connection) }
  }

  private func role(_ headers: HPACKHeaders) -> Role {
    switch headers.first(name: "role") {
    case "victim":
      let named = headers.first(name: "misbehaviour").flatMap(Misbehaviour.named) ?? misbehaviour
      guard let named, !isHealed else { return .sound }
      let call = headers.first(name: "x-request-id") ?? ""
      if attempts.count > 10_000 { attempts.removeAll() }
      attempts[call, default: 0] += 1
      return .victim(named, attempt: attempts[call, default: 1])
    case "bystander": return .bystander
    case "release": return .release
    default: return .sound
    }
  }

  private func act(_ place: Place, _ connection: ScriptedConnection) {
    guard let role = roles[place] else { return }
    let id = place.stream
    switch role {
    case .victim(let misbehaviour, let attempt):
      // A reset that comes of it is still of interest; the place goes with it, or with the connection.
      misbehaviour.play(connection, id, attempt)
      return
    case .bystander:
      bystanders.append((connection, id))
      connection.respond(id)
      connection.message(id, ScriptedConnection.soundMessage)
    case .release:
      let released = bystanders
      bystanders.removeAll()
      for (connection, id) in released {
        connection.message(id, ScriptedConnection.soundMessage)
        connection.trailers(id)
      }
      connection.answerSoundly(id)
    case .sound: connection.answerSoundly(id)
    }
    roles[place] = nil
  }
}
