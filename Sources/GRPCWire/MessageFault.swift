/// A length-prefixed message that cannot be taken or sent.
public struct MessageFault: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Hashable {
    /// Longer than the limit, by its prefix or when inflated.
    case tooLarge
    /// The first byte of the prefix is neither 0 nor 1.
    case reservedFlag
    /// The compressed flag is set and `grpc-encoding` is `identity` or absent.
    case compressedWithoutEncoding
    /// The compressed bytes are not of the encoding.
    case corruptCompression
    /// The stream ended inside a message.
    case truncated
    /// zlib could not allocate its state.
    case outOfMemory
  }

  public let code: Code
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The status of the call that the fault ends, as the gRPC libraries report it.
  public var grpcCode: GRPCCode {
    switch code {
    case .tooLarge, .outOfMemory: .resourceExhausted
    case .reservedFlag, .compressedWithoutEncoding, .corruptCompression, .truncated: .internal
    }
  }

  public var description: String { message }
}
