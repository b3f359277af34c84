import GRPCUpstream
import HTTPFrontEnd
import TransportSecurity

/// The certificates of a running gateway, towards callers and upstream; they are reloaded all together or not at all.
struct Certificates: Sendable {
  /// `nil` where callers are spoken to in cleartext.
  let downstream: ReloadableTLSContext?
  private let upstreams: [UpstreamTransportSecurity]

  init(_ configuration: GatewayConfiguration) {
    downstream = configuration.security.map { security in
      ReloadableTLSContext { () throws(TransportSecurityFault) in try security.makeContext() }
    }
    upstreams = [configuration.upstreamLimits.security].compactMap(\.self)
  }

  /// Reads all files for the first time, so that a fault is one of the start and not of the first caller.
  func load() throws(GatewayFailure) {
    do throws(TransportSecurityFault) {
      _ = try downstream?.current()
      for upstream in upstreams { try upstream.load() }
    } catch {
      throw GatewayFailure("TLS: \(error)")
    }
  }

  /// Reads all files anew; nothing has changed until everything that comes back is committed.
  func prepareReload() throws(GatewayFailure) -> [ReloadableTLSContext.Prepared] {
    do throws(TransportSecurityFault) {
      var prepared: [ReloadableTLSContext.Prepared] = []
      if let downstream { prepared.append(try downstream.prepare()) }
      for upstream in upstreams { prepared.append(try upstream.prepareReload()) }
      return prepared
    } catch {
      throw GatewayFailure("TLS: \(error)")
    }
  }

  /// What should not be left like this.
  var warnings: [String] {
    upstreams.contains(where: \.settings.skipsVerification)
      ? [
        "THE UPSTREAM'S CERTIFICATE IS NOT VERIFIED (upstream_insecure): whoever is in between can read and change "
          + "every call"
      ] : []
  }
}
