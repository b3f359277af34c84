import GRPCUpstream
import HTTPFrontEnd
import TransportSecurity

/// The certificates of a running gateway, towards callers and upstream; they are reloaded all together or not at all.
struct Certificates: Sendable {
  /// Whose files could not be used, and why.
  struct Fault {
    var owner: Owner
    var cause: TransportSecurityFault

    var description: String { "\(owner.description): \(cause)" }
  }

  /// Whose they are, as the settings have it.
  enum Owner: Equatable {
    case downstream
    /// Every upstream's that has none of its own.
    case upstreams
    case upstream(String)

    var description: String {
      switch self {
      case .downstream, .upstreams: "TLS"
      case .upstream(let name): "TLS of the upstream \(name)"
      }
    }
  }

  /// `nil` where callers are spoken to in cleartext.
  let downstream: ReloadableTLSContext?
  private let upstreams: [(owner: Owner, security: UpstreamTransportSecurity)]

  init(_ configuration: GatewayConfiguration) {
    downstream = configuration.security.map { security in
      ReloadableTLSContext { () throws(TransportSecurityFault) in try security.makeContext() }
    }
    let common = configuration.upstreamLimits.security.map { (Owner.upstreams, $0) }
    upstreams =
      [common].compactMap(\.self)
      + configuration.upstreams.compactMap { upstream in
        guard case .tls(let security) = upstream.transport else { return nil }
        return (.upstream(upstream.name), security)
      }
  }

  /// Reads all files for the first time, so that a fault is one of the start and not of the first caller.
  func load() throws(GatewayFailure) {
    let faults = faults
    guard faults.isEmpty else { throw GatewayFailure(lines: faults.map(\.description)) }
  }

  /// What is wrong with the files; those that are sound are loaded.
  var faults: [Fault] {
    var faults: [Fault] = []
    do throws(TransportSecurityFault) {
      _ = try downstream?.current()
    } catch {
      faults.append(Fault(owner: .downstream, cause: error))
    }
    for (owner, security) in upstreams {
      do throws(TransportSecurityFault) { try security.load() } catch {
        faults.append(Fault(owner: owner, cause: error))
      }
    }
    return faults
  }

  /// Reads all files anew; nothing has changed until everything that comes back is committed.
  func prepareReload() throws(GatewayFailure) -> [ReloadableTLSContext.Prepared] {
    var prepared: [ReloadableTLSContext.Prepared] = []
    var faults: [Fault] = []
    do throws(TransportSecurityFault) {
      if let downstream { prepared.append(try downstream.prepare()) }
    } catch {
      faults.append(Fault(owner: .downstream, cause: error))
    }
    for (owner, security) in upstreams {
      do throws(TransportSecurityFault) {
        prepared.append(try security.prepareReload())
      } catch {
        faults.append(Fault(owner: owner, cause: error))
      }
    }
    guard faults.isEmpty else { throw GatewayFailure(lines: faults.map(\.description)) }
    return prepared
  }

  /// What should not be left like this.
  var warnings: [String] {
    upstreams.filter(\.security.settings.skipsVerification).map { owner, _ in
      let subject =
        if case .upstream(let name) = owner {
          "THE CERTIFICATE OF THE UPSTREAM \(name) IS NOT VERIFIED (insecure)"
        } else {
          "THE UPSTREAM'S CERTIFICATE IS NOT VERIFIED (upstream_insecure)"
        }
      return "\(subject): whoever is in between can read and change every call"
    }
  }
}
