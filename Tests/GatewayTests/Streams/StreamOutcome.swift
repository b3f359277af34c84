import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import ScriptedUpstream

/// How a call goes: what the upstream of the outcome tests does with it.
enum StreamOutcome: String, CaseIterable, Sendable {
  case ok
  /// A status instead of an answer.
  case errorBefore
  /// Three messages, up or down, and then a status.
  case errorAfterThree
  /// Three messages, and then RST_STREAM.
  case reset
  /// Three messages, and then the connection is closed.
  case death
  /// The caller goes away when it has, or has sent, three messages.
  case callerLeaves
}

/// An upstream that does with each call what its `x-outcome` says.
///
/// Every message holds one string field of number 1: an order by its id, a `StringValue`, a shipment by its id. So the
/// same bytes serve in every place. Those of `FileService` are `google.api.HttpBody`, of which the data counts, not in
/// how many pieces it comes.
final class OutcomeScript: Sendable {
  private struct Call {
    var path: String
    var outcome: StreamOutcome
    var received: [UInt8] = []
    var echoed = 0
  }

  private let calls = NIOLockedValueBox<[StreamID: Call]>([:])

  /// - Parameter text: at most 16,383 bytes, whose length fits two bytes.
  static func message(_ text: String) -> [UInt8] {
    let count = text.utf8.count
    let length = count < 0x80 ? [UInt8(count)] : [UInt8(count & 0x7F | 0x80), UInt8(count >> 7)]
    return [0x0A] + length + Array(text.utf8)
  }

  /// A `google.api.HttpBody` with one byte of data; the first names its type.
  private static func piece(_ character: Character, isFirst: Bool) -> [UInt8] {
    (isFirst ? message(AnswerForm.raw.rawValue) : []) + [0x12, 1] + Array(String(character).utf8)
  }

  /// The data of a short `google.api.HttpBody`.
  private static func data(_ message: [UInt8]) -> ArraySlice<UInt8> {
    let isTyped = message.first == 0x0A
    return message.dropFirst(isTyped ? 2 + Int(message[1]) : 0).dropFirst(2)
  }

  func run(_ upstream: ScriptedConnection, _ event: ScriptedEvent) {
    switch event {
    case .connected: calls.withLockedValue { $0.removeAll() }
    case .request(let id, let headers, let endStream):
      let outcome = headers.first(name: "x-outcome").flatMap(StreamOutcome.init) ?? .ok
      let call = Call(path: headers.first(name: ":path") ?? "", outcome: outcome)
      calls.withLockedValue { $0[id] = call }
      if endStream { advance(upstream, id, ended: true) }
    case .data(let id, let bytes, let endStream):
      calls.withLockedValue { $0[id]?.received += Array(bytes.readableBytesView) }
      advance(upstream, id, ended: endStream)
    case .frame, .closed: break
    }
  }

  private func advance(_ upstream: ScriptedConnection, _ id: StreamID, ended: Bool) {
    guard let call = calls.withLockedValue({ $0[id] }) else { return }
    let method = call.path.split(separator: "/").last ?? ""
    let messages = Self.messages(call.received)
    let data = messages.flatMap(Self.data)
    switch method {
    case "Download" where ended:
      answer(upstream, id, call.outcome, zip("123", [true, false, false]).map(Self.piece), streams: true)
    case "Upload":
      guard call.outcome == .ok ? ended : data.count >= 3 else { return }
      calls.withLockedValue { _ = $0.removeValue(forKey: id) }
      answer(upstream, id, call.outcome, [Self.message(String(decoding: data, as: UTF8.self))], streams: false)
    case "Copy": echo(upstream, id, call, messages, hasThree: data.count >= 3, ended: ended)
    case "getOrder" where ended: answer(upstream, id, call.outcome, [Self.message("1")], streams: false)
    case "searchOrders" where ended:
      answer(upstream, id, call.outcome, ["1", "2", "3"].map(Self.message), streams: true)
    case "updateOrders":
      // Whatever but success comes while the upload is still open.
      guard call.outcome == .ok ? ended : messages.count >= 3 else { return }
      calls.withLockedValue { _ = $0.removeValue(forKey: id) }
      let received = messages.map { String(decoding: $0.dropFirst(2), as: UTF8.self) }.joined(separator: ",")
      answer(upstream, id, call.outcome, [Self.message(received)], streams: false)
    case "processOrders": echo(upstream, id, call, messages, hasThree: messages.count >= 3, ended: ended)
    default: break
    }
  }

  /// Answers each message with itself.
  private func echo(
    _ upstream: ScriptedConnection, _ id: StreamID, _ call: Call, _ messages: [[UInt8]], hasThree: Bool, ended: Bool
  ) {
    if call.outcome == .errorBefore {
      if ended { upstream.headers(id, Self.failure, endStream: true) }
      return
    }
    if call.echoed == 0, !messages.isEmpty { upstream.respond(id) }
    for message in messages.dropFirst(call.echoed) { upstream.message(id, message) }
    calls.withLockedValue { $0[id]?.echoed = messages.count }
    if ended || hasThree && call.outcome != .ok {
      end(upstream, id, call.outcome)
      calls.withLockedValue { _ = $0.removeValue(forKey: id) }
    }
  }

  private func answer(
    _ upstream: ScriptedConnection, _ id: StreamID, _ outcome: StreamOutcome, _ messages: [[UInt8]], streams: Bool
  ) {
    if outcome == .errorBefore || !streams && outcome == .errorAfterThree {
      return upstream.headers(id, Self.failure, endStream: true)
    }
    if streams || outcome == .ok {
      upstream.respond(id)
      for message in messages { upstream.message(id, message) }
    }
    end(upstream, id, outcome)
  }

  private func end(_ upstream: ScriptedConnection, _ id: StreamID, _ outcome: StreamOutcome) {
    switch outcome {
    case .ok: upstream.trailers(id)
    case .errorBefore, .errorAfterThree: upstream.trailers(id, status: 13, [("grpc-message", "broke")])
    case .reset: upstream.reset(id, .internalError)
    case .death: upstream.close()
    case .callerLeaves: break
    }
  }

  private static let failure = [
    (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "13"), ("grpc-message", "broke"),
  ]

  /// The whole messages of a stream.
  private static func messages(_ bytes: [UInt8]) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var rest = bytes[...]
    while rest.count >= 5 {
      let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= 5 + length else { break }
      messages.append(Array(rest.dropFirst(5).prefix(length)))
      rest = rest.dropFirst(5 + length)
    }
    return messages
  }
}
