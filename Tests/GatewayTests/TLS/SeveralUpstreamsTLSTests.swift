import GRPCUpstream
import HTTPFrontEnd
import Logging
import NIOCore
import NIOSSL
import ScriptedUpstream
import Testing
import TransportSecurity

@testable import Gateway

/// One gateway before upstreams that trust, and are trusted by, different authorities.
@Suite(.timeLimit(.minutes(2))) struct SeveralUpstreamsTLSTests {
  /// An upstream that shows `certificate` and asks for one that `authority` has signed.
  private static func mutual(
    _ certificate: String, authority: String
  ) throws -> SeveralUpstreamsTests.Preparation {
    let context = try TestCertificates.upstream(certificate) {
      $0.certificateVerification = .noHostnameVerification
      $0.trustRoots = .certificates(try PEMFile.certificates(TestCertificates.path("\(authority).pem")))
    }
    return { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
  }

  private static func tls(authority: String, identity: String?) throws -> UpstreamDefinition.Transport {
    try tls(authorities: TestCertificates.path("\(authority).pem"), identity: identity)
  }

  private static func tls(authorities: String, identity: String?) throws -> UpstreamDefinition.Transport {
    var settings = UpstreamTransportSecurity.Settings()
    settings.authorities = authorities
    settings.identity = try identity.map { try TestCertificates.identity($0) }
    return .tls(UpstreamTransportSecurity(settings))
  }

  /// Two authorities that know nothing of each other: the first upstream is in the realm of `ca`, with `client` for its
  /// callers, the second in that of `stranger-ca`, with `stranger`.
  private static func run(
    _ echo: UpstreamDefinition.Transport, log: LogRecorder = LogRecorder(),
    _ body: (SeveralUpstreamsTests.Setup) async throws -> Void
  ) async throws {
    try await SeveralUpstreamsTests.run(
      prepare: (mutual("server", authority: "ca"), mutual("untrusted", authority: "stranger-ca")), logger: log.logger
    ) { configuration, second in
      var common = UpstreamTransportSecurity.Settings()
      common.authorities = try TestCertificates.path("ca.pem")
      common.identity = try TestCertificates.identity("client")
      configuration.upstreamLimits.security = UpstreamTransportSecurity(common)
      var definition = UpstreamDefinition.echo(at: second)
      definition.transport = echo
      configuration.upstreams = [definition]
    } _: {
      try await body($0)
    }
  }

  @Test func eachIsReachedByItsOwn() async throws {
    try await Self.run(Self.tls(authority: "stranger-ca", identity: "stranger")) { setup async throws in
      for _ in 0..<3 {
        #expect(try await setup.gateway.answerer(get: "/v1/orders/1") == "first")
        #expect(try await setup.gateway.answerer(post: "/v1/value", "1") == "second")
      }
    }
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var transport: @Sendable () throws -> UpstreamDefinition.Transport
    var reason: String
  }

  @Test(arguments: [
    Fault(
      testDescription: "another authority", transport: { try tls(authority: "ca", identity: "stranger") },
      reason: "comes from no authority that is trusted"),
    Fault(
      testDescription: "as for the others", transport: { .common }, reason: "comes from no authority that is trusted"),
    Fault(
      testDescription: "another certificate", transport: { try tls(authority: "stranger-ca", identity: "client") },
      reason: "alert unknown ca"),
    Fault(
      testDescription: "no certificate, although the others have one",
      transport: { try tls(authority: "stranger-ca", identity: nil) }, reason: "alert certificate required"),
    Fault(testDescription: "cleartext", transport: { .cleartext }, reason: "was closed"),
  ])
  func whatIsWrongForOneIsWrongForItAlone(_ fault: Fault) async throws {
    let log = LogRecorder()
    try await Self.run(fault.transport(), log: log) { setup async throws in
      let answer = try await setup.gateway.post("/v1/value", "1")
      #expect(answer.status == 503)
      #expect(answer.body.contains(#""reason":"UPSTREAM_UNREACHABLE""#))
      #expect(try await setup.gateway.answerer(get: "/v1/orders/1") == "first")
      #expect(try await setup.gateway.post("/v1/value", "1").status == 503)
      let lines = log.lines.filter { $0.contains("cannot be reached") }
      #expect(lines.count == 1)
      #expect(lines.first?.hasPrefix("the upstream at 127.0.0.1:\(setup.second.port) ") == true, "\(lines)")
      #expect(lines.first?.contains(fault.reason) == true, "\(lines)")
    }
  }

  @Test func aReloadReadsTheirFilesToo() async throws {
    let authorities = try AuthoritiesFile(trusting: "ca")
    defer { authorities.remove() }
    try await Self.run(Self.tls(authorities: authorities.path, identity: "stranger")) { setup async throws in
      #expect(try await setup.gateway.post("/v1/value", "1").status == 503)
      try authorities.trust("stranger-ca")
      let server = try #require(setup.gateway.server)
      try await server.reload(description: SeveralUpstreamsTests.description(), frontEnd: .init())
      // The next attempt is due within a second.
      var answerer = ""
      while answerer != "second" { answerer = try await setup.gateway.answerer(post: "/v1/value", "1") }
      try authorities.spoil()
      let failure = await #expect(throws: GatewayFailure.self) {
        try await server.reload(description: SeveralUpstreamsTests.description(), frontEnd: .init())
      }
      #expect(failure?.lines == ["TLS of the upstream echo: \(authorities.path) holds no certificate in PEM"])
      #expect(try await setup.gateway.answerer(post: "/v1/value", "1") == "second")
    }
  }

  @Test func reflectionGoesByThemToo() async throws {
    try await Self.run(Self.tls(authority: "stranger-ca", identity: "stranger")) { setup async throws in
      let target = UpstreamName(host: "127.0.0.1", port: setup.second.port)
      var configuration = GatewayConfiguration(listen: SocketAddressText(host: "127.0.0.1", port: 0), upstream: nil)
      for (authority, reason) in [
        ("ca", "comes from no authority that is trusted"), ("stranger-ca", "the call failed: NOT_FOUND: second"),
      ] {
        var echo = UpstreamDefinition.echo(at: target)
        echo.transport = try Self.tls(authority: authority, identity: "stranger")
        configuration.upstreams = [echo]
        var schema = ReflectedSchema(configuration, logger: Logger(label: "test"))
        schema.patience = .zero
        let failure = await #expect(throws: GatewayFailure.self) { _ = try await schema.fetch() }
        #expect(failure?.lines.first?.contains(reason) == true, "\(failure?.lines ?? [])")
      }
    }
  }

  @Test func unverifiedOnesAreNamed() async throws {
    var settings = UpstreamTransportSecurity.Settings()
    settings.skipsVerification = true
    settings.identity = try TestCertificates.identity("stranger")
    let log = LogRecorder()
    try await Self.run(.tls(UpstreamTransportSecurity(settings)), log: log) { setup async throws in
      #expect(try await setup.gateway.answerer(post: "/v1/value", "1") == "second")
      #expect(log.lines.contains { $0.hasPrefix("THE CERTIFICATE OF THE UPSTREAM echo IS NOT VERIFIED (insecure): ") })
      #expect(log.lines.filter { $0.contains("NOT VERIFIED") }.count == 1)
    }
  }
}
