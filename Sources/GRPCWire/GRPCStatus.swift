/// How a gRPC call ended.
public struct GRPCStatus: Sendable, Hashable {
  public var code: GRPCCode

  /// Text for a developer, decoded; empty when the sender gave none.
  public var message: String

  /// The bytes of `grpc-status-details-bin`, a serialized `google.rpc.Status`; nil when there were none.
  public var detailsBin: [UInt8]?

  public init(code: GRPCCode, message: String = "", detailsBin: [UInt8]? = nil) {
    self.code = code
    self.message = message
    self.detailsBin = detailsBin
  }

  public static let ok = GRPCStatus(code: .ok)

  public var isOK: Bool { code == .ok }
}

extension GRPCStatus: CustomStringConvertible {
  public var description: String { message.isEmpty ? code.name : "\(code.name): \(message)" }
}
