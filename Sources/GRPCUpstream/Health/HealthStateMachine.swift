internal import GRPCWire
internal import NIOCore
internal import ProtobufSchema

/// Knows what one connection's `grpc.health.v1.Health/Watch` has said; time and randomness are arguments.
///
/// Source: https://github.com/grpc/proposal/blob/master/A17-client-side-health-checking.md
struct HealthStateMachine {
  /// What calls have to know.
  enum Health: Equatable {
    /// Nothing has been said yet.
    case unknown
    case serving
    case notServing
  }

  private enum State: Equatable {
    /// The stream is open, or about to be; what it last said.
    case watching(Health)
    /// The stream ended; another is opened after a delay. What counts is that nobody says it serves.
    case broken
    /// The server has no health service, so that it has to be taken for healthy.
    case unsupported
  }

  private var state = State.watching(.unknown)
  private var backoff: ReconnectBackoff

  init(_ backoff: ReconnectBackoff.Configuration) {
    self.backoff = ReconnectBackoff(backoff)
  }

  var health: Health {
    switch state {
    case .watching(let health): health
    case .broken: .notServing
    case .unsupported: .serving
    }
  }

  /// A `HealthCheckResponse` has arrived.
  mutating func responseReceived(_ message: ArraySlice<UInt8>) {
    guard case .watching = state else { return }
    backoff.reset()
    state = .watching(Self.isServing(message) ? .serving : .notServing)
  }

  /// The stream has ended.
  ///
  /// - Returns: when to ask again; nil for never.
  mutating func ended(_ code: GRPCCode, random: Double) -> TimeAmount? {
    guard code != .unimplemented else {
      state = .unsupported
      return nil
    }
    state = .broken
    return backoff.nextDelay(random: random)
  }

  /// It is asked again; until there is an answer it counts as not serving.
  mutating func askedAgain() {
    state = .watching(.notServing)
  }

  /// `HealthCheckResponse.status` (field 1) is SERVING (1). The last of several counts, an unknown one is not serving,
  /// and malformed bytes say nothing good.
  private static func isServing(_ message: ArraySlice<UInt8>) -> Bool {
    var reader = WireFieldReader(message)
    var status: UInt64 = 0
    do throws(WireFieldReader.Malformed) {
      while let field = try reader.next() {
        if field.number == 1, let value = field.varint { status = value }
      }
    } catch {
      return false
    }
    return status == 1
  }
}
