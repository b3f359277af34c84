/// The end of a tapped connection that sent something: the one that opened it, or the one that accepted it.
public enum TapSide: Sendable, Hashable, CaseIterable {
  case client
  case server

  public var other: TapSide { self == .client ? .server : .client }
}

/// What is taken for granted of a connection's bytes.
public enum TapProtocol: String, Sendable, Hashable, CaseIterable {
  /// HTTP/2 with gRPC messages in DATA.
  case grpc
  /// HTTP/2 alone.
  case http2
  /// Lines of text.
  case text
}

/// Whose connections these are, and so what the two ends are called.
public enum TapPlace: String, Sendable, Hashable {
  /// Through the proxy.
  case proxy
  /// From a caller to the gateway.
  case downstream
  /// From the gateway to its upstream.
  case upstream

  public func name(of side: TapSide) -> String {
    switch (self, side) {
    case (.proxy, .client): "CLIENT"
    case (.proxy, .server): "SERVER"
    case (.downstream, .client): "CALLER"
    case (.downstream, .server), (.upstream, .client): "GATEWAY"
    case (.upstream, .server): "UPSTREAM"
    }
  }

  func label(_ number: Int) -> String {
    switch self {
    case .proxy: "[\(number)]"
    case .downstream: "[http \(number)]"
    case .upstream: "[grpc \(number)]"
    }
  }
}

/// One tapped connection.
public struct TapConnection: Sendable, Hashable {
  public var place: TapPlace
  /// Counted from 1 in the order in which they came.
  public var number: Int
  public var proto: TapProtocol

  public init(_ place: TapPlace, _ number: Int, _ proto: TapProtocol) {
    self.place = place
    self.number = number
    self.proto = proto
  }

  var label: String { place.label(number) }
}
