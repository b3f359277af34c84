import Gateway
import GRPCUpstream
import HTTPFrontEnd
import Logging
import NIOCore
import NIOHPACK
import NIOSSL
import ScriptedUpstream
import Synchronization
import Testing
import TransportSecurity

/// TLS to the upstream: whom the gateway believes, what it shows, and what its log and its callers are told.
@Suite(.timeLimit(.minutes(2))) struct UpstreamTLSTests {
  private static let get = "GET /v1/orders/101 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

  /// An upstream that speaks TLS, and what the gateway makes of it.
  struct Meeting: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The upstream's certificate.
    var upstream = "server"
    var upstreamTLS: @Sendable (inout TLSConfiguration) throws -> Void = { _ in }
    var gateway: @Sendable (inout UpstreamTransportSecurity.Settings) throws -> Void = { _ in }
    /// What the log says of it; `nil` where calls succeed.
    var reason: String?
  }

  private static func asksForACertificate(_ configuration: inout TLSConfiguration) throws {
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .certificates(try PEMFile.certificates(TestCertificates.path("ca.pem")))
  }

  private static let meetings: [Meeting] = [
    Meeting(testDescription: "sound"),
    Meeting(testDescription: "another name", upstream: "misnamed", reason: "is for another name"),
    Meeting(testDescription: "the host's name and no address", upstream: "named"),
    Meeting(testDescription: "expired", upstream: "expired", reason: "has expired ("),
    Meeting(testDescription: "of a stranger", upstream: "untrusted", reason: "comes from no authority that is trusted"),
    Meeting(
      testDescription: "the name that is asked for", upstream: "misnamed",
      gateway: { $0.serverName = "elsewhere.example" }),
    Meeting(
      testDescription: "not the name that is asked for", upstream: "named",
      gateway: { $0.serverName = "elsewhere.example" },
      reason: "is for another name"),
    Meeting(testDescription: "whatever, unverified", upstream: "untrusted", gateway: { $0.skipsVerification = true }),
    Meeting(
      testDescription: "TLS 1.1",
      upstreamTLS: {
        $0.minimumTLSVersion = .tlsv1
        $0.maximumTLSVersion = .tlsv11
      }, reason: "alert protocol version"),
    Meeting(testDescription: "TLS 1.2", upstreamTLS: { $0.maximumTLSVersion = .tlsv12 }),
    Meeting(
      testDescription: "HTTP/1.1 by ALPN", upstreamTLS: { $0.applicationProtocols = ["http/1.1"] },
      reason: "does not speak HTTP/2 over TLS"),
    Meeting(
      testDescription: "no ALPN", upstreamTLS: { $0.applicationProtocols = [] },
      reason: "does not speak HTTP/2 over TLS: of h2, by ALPN, it chose nothing"),
    Meeting(
      testDescription: "certificate asked for and shown", upstreamTLS: asksForACertificate,
      gateway: { $0.identity = try TestCertificates.identity("client") }),
    Meeting(
      testDescription: "certificate asked for and missing", upstreamTLS: asksForACertificate,
      reason: "alert certificate required"),
    Meeting(
      testDescription: "certificate of a stranger shown", upstreamTLS: asksForACertificate,
      gateway: { $0.identity = try TestCertificates.identity("stranger") }, reason: "alert unknown ca"),
    Meeting(
      testDescription: "certificate of a stranger shown, TLS 1.2",
      upstreamTLS: {
        try asksForACertificate(&$0)
        $0.maximumTLSVersion = .tlsv12
      }, gateway: { $0.identity = try TestCertificates.identity("stranger") }, reason: "alert unknown ca"),
  ]

  @Test(arguments: meetings) func meeting(_ meeting: Meeting) async throws {
    let context = try TestCertificates.upstream(meeting.upstream, meeting.upstreamTLS)
    let schemes = Mutex<[String]>([])
    let log = LogRecorder()
    try await withSecuredGateway(
      log: log, gateway: meeting.gateway,
      upstream: { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) },
      request: { headers in schemes.withLock { $0 += headers[":scheme"] } }
    ) { gateway in
      let text = try await gateway.exchange(Self.get)
      let answer = try #require(HTTPAnswer.parse(text)?.0)
      if let reason = meeting.reason {
        #expect(answer.status == 503)
        #expect(answer.body.contains(#""reason":"UPSTREAM_UNREACHABLE""#))
        // What is wrong with whose certificate is no caller's business.
        #expect(answer.body.contains(#""message":"the upstream cannot be reached""#))
        let line = try #require(log.lines.first { $0.contains("cannot be reached") })
        #expect(line.contains(reason), "\(line)")
        #expect(!line.contains("SSLError"), "\(line)")
      } else {
        #expect(answer.status == 200)
        #expect(schemes.withLock(\.self) == ["https"])
      }
      #expect(log.lines.contains { $0.contains("NOT VERIFIED") } == (meeting.testDescription == "whatever, unverified"))
    }
  }

  @Test func upstreamInCleartextIsNoTLS() async throws {
    let log = LogRecorder()
    try await withSecuredGateway(log: log, upstream: { _ in }) { gateway in
      let text = try await gateway.exchange(Self.get)
      #expect(HTTPAnswer.parse(text)?.0.status == 503)
    }
    #expect(log.lines.contains { $0.contains("does not speak TLS") }, "\(log.lines)")
  }

  @Test(arguments: [("localhost", "localhost"), ("127.0.0.1", nil)] as [(String, String?)])
  func hostIsTheServerNameUnlessItIsAnAddress(host: String, name: String?) async throws {
    let names = Mutex<[String?]>([])
    let context = try TestCertificates.upstream("server") {
      $0.sslContextCallback = { values, promise in
        names.withLock { $0.append(values.serverHostname) }
        promise.succeed(.noChanges)
      }
    }
    try await withSecuredGateway(
      host: host, upstream: { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
    ) { gateway in
      let text = try await gateway.exchange(Self.get)
      #expect(HTTPAnswer.parse(text)?.0.status == 200)
    }
    #expect(names.withLock { $0.first } == .some(name))
  }

  @Test func reloadHoldsForNewConnections() async throws {
    let context = try TestCertificates.upstream("untrusted")
    let authorities = try AuthoritiesFile(trusting: "ca")
    defer { authorities.remove() }
    try await withSecuredGateway(
      gateway: { $0.authorities = authorities.path },
      upstream: { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
    ) { gateway in
      var text = try await gateway.exchange(Self.get)
      #expect(HTTPAnswer.parse(text)?.0.status == 503)
      try authorities.trust("stranger-ca")
      let description = try ServiceDescription.orders()
      try await gateway.server.reload(description: description, frontEnd: .init())
      // The next attempt is due within a second.
      repeat { text = try await gateway.exchange(Self.get) } while text.hasPrefix("HTTP/1.1 503")
      #expect(HTTPAnswer.parse(text)?.0.status == 200)
      try authorities.spoil()
      let failure = await #expect(throws: GatewayFailure.self) {
        try await gateway.server.reload(description: description, frontEnd: .init())
      }
      #expect(failure?.lines.first?.hasSuffix("ca.pem holds no certificate in PEM") == true)
      text = try await gateway.exchange(Self.get)
      #expect(HTTPAnswer.parse(text)?.0.status == 200)
    }
  }

  @Test func reflectionGoesOverTLSToo() async throws {
    let context = try TestCertificates.upstream("untrusted")
    try await withSecuredGateway(
      upstream: { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
    ) { gateway in
      let address = SocketAddressText(host: "localhost", port: gateway.upstream.port)
      var configuration = GatewayConfiguration(listen: address, upstream: address)
      configuration.upstreamLimits.security = try Self.security { _ in }
      var schema = ReflectedSchema(configuration, logger: Logger(label: "test"))
      schema.patience = .zero
      let failure = await #expect(throws: GatewayFailure.self) { _ = try await schema.fetch() }
      #expect(failure?.lines.first?.contains("comes from no authority that is trusted") == true)
    }
  }

  fileprivate static func security(
    _ change: (inout UpstreamTransportSecurity.Settings) throws -> Void
  ) throws -> UpstreamTransportSecurity {
    var settings = UpstreamTransportSecurity.Settings()
    settings.authorities = try TestCertificates.path("ca.pem")
    try change(&settings)
    return UpstreamTransportSecurity(settings)
  }
}

/// A gateway that speaks TLS to an upstream whose sockets `upstream` prepares and which answers every call.
private func withSecuredGateway(
  host: String = "localhost", log: LogRecorder = LogRecorder(),
  gateway change: (inout UpstreamTransportSecurity.Settings) throws -> Void = { _ in },
  upstream: @escaping @Sendable (any Channel) throws -> Void,
  request: @escaping @Sendable (HPACKHeaders) -> Void = { _ in },
  _ body: (ScriptedGateway) async throws -> Void
) async throws {
  let security = try UpstreamTLSTests.security(change)
  try await withScriptedGateway(
    configure: {
      $0.upstream = $0.upstream.flatMap { $0.port.map { UpstreamName(host: host, port: $0) } }
      $0.upstreamLimits.security = security
    }, prepareUpstream: upstream, logger: log.logger,
    script: { connection, event in
      guard case .request(let id, let headers, _) = event else { return }
      request(headers)
      connection.respond(id)
      connection.message(id, [0x0A, 0x01, 0x61])
      connection.trailers(id)
    }, { try await body($0) })
}

extension UpstreamName {
  fileprivate var port: Int? { description.split(separator: ":").last.flatMap { Int($0) } }
}

/// Keeps what is logged.
final class LogRecorder: Sendable {
  private let kept = Mutex<[String]>([])

  var lines: [String] { kept.withLock(\.self) }

  var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      recorder.kept.withLock { $0.append("\(event.message)") }
    }
  }
}
