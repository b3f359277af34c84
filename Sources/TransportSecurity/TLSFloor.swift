public import NIOSSL

/// The oldest version of TLS that is spoken. RFC 8996 forbids everything before 1.2.
public enum TLSFloor: String, Sendable, CaseIterable {
  case tls12 = "1.2"
  case tls13 = "1.3"

  public var version: TLSVersion {
    switch self {
    case .tls12: .tlsv12
    case .tls13: .tlsv13
    }
  }
}
