internal import HTTP2
internal import NIOCore
internal import ScriptedUpstream

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension Misbehaviour {
  /// Servers that are there and are not. That nobody listens at all is for whoever starts and stops one.
  static let death: [Misbehaviour] = [
    Misbehaviour("accepts-and-closes", .unreachable, others: .none).with {
      $0.connection = Connection(connected: { $0.close() }, heal: { $0.close() })
    },
    Misbehaviour("accepts-and-cuts", .unreachable, others: .none).with {
      $0.connection = Connection(connected: { $0.cut() }, heal: { $0.close() })
    },
    Misbehaviour("accepts-and-is-silent", .unreachable, others: .none).with {
      $0.connection = Connection(options: .init(greets: false), heal: { $0.close() })
    },
    Misbehaviour("speaks-http1", .unreachable, others: .none).with {
      $0.connection = Connection(
        options: .init(greets: false), connected: { $0.close(after: "HTTP/1.1 400 Bad Request\r\n\r\n") },
        heal: { $0.close() })
    },
    Misbehaviour("says-goaway-at-once", .unreachable, others: .none).with {
      $0.connection = Connection(
        connected: {
          $0.goAway(.connection, .noError)
          $0.close()
        }, heal: { $0.close() })
    },
  ]
}

extension ScriptedConnection {
  /// Ends by a TCP reset: what is under way is lost, both ways.
  func cut() {
    if let provider = channel as? any SocketOptionProvider {
      provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { [channel] _ in
        channel.close(promise: nil)
      }
    } else {
      close()
    }
  }
}
