public import ProtobufSchema

/// The four kinds of gRPC methods.
public enum StreamingMode: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case unary
  case serverStream = "server stream"
  case clientStream = "client stream"
  case bidirectional = "bidi stream"

  public init(_ method: MethodSchema) {
    self =
      switch (method.clientStreaming, method.serverStreaming) {
      case (false, false): .unary
      case (false, true): .serverStream
      case (true, false): .clientStream
      case (true, true): .bidirectional
      }
  }

  public var description: String { rawValue }
  /// Whether the request is a stream of messages.
  public var streamsRequest: Bool { self == .clientStream || self == .bidirectional }
  /// Whether the response is a stream of messages.
  public var streamsResponse: Bool { self == .serverStream || self == .bidirectional }
}
