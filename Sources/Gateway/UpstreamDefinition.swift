public import GRPCUpstream

/// An upstream beside the one for everything: its name, where it is, and which routes lead to it.
public struct UpstreamDefinition: Sendable, Equatable {
  /// What `/readyz`, `/metrics` and faults call it.
  public var name: String
  public var target: UpstreamName
  /// Full names of the services whose methods it serves.
  public var services: [String] = []
  /// Beginnings of paths, such as `/v1/orders`: the routes that lie under them lead to it, whatever their service.
  public var paths: [String] = []
  /// How calls are spread over its addresses; as for the others when nil.
  public var balancing: BalancingPolicy?
  /// `:authority` of its calls; what the target says when nil.
  public var authority: String?
  /// The service whose `grpc.health.v1` state is followed; as for the others when nil.
  public var healthService: String?

  public var transport = Transport.common

  public init(name: String, target: UpstreamName) {
    self.name = name
    self.target = target
  }

  /// How its connections are secured.
  public enum Transport: Sendable, Equatable {
    /// As the settings say for all.
    case common
    /// Without TLS, whatever holds for the others.
    case cleartext
    /// With authorities and a certificate of its own; nothing of what holds for the others is taken over.
    case tls(UpstreamTransportSecurity)
  }

  /// The name of the upstream that serves what no other does.
  public static let defaultName = "default"
  /// 64: every thread keeps connections to each, and each is a label of a dozen metrics.
  public static let maximumCount = 64
  /// 64: names become labels.
  public static let maximumNameLength = 64

  /// Letters, digits, `-`, `_` and `.`, so that a name is a label and a word of a sentence.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= maximumNameLength
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
      }
  }

  /// What each of the event loops makes of it.
  func configuration(from common: UpstreamConfiguration) -> UpstreamConfiguration {
    var configuration = common
    if let balancing { configuration.balancing.policy = balancing }
    switch transport {
    case .common: break
    case .cleartext: configuration.security = nil
    case .tls(let security): configuration.security = security
    }
    if let healthService { configuration.balancing.healthService = healthService }
    return configuration
  }
}
