import Foundation
import Gateway
import HTTP2
import HTTPFrontEnd
import NIOCore
import NIOHPACK
import NIOSSL
import ScriptedUpstream
import Synchronization
import Testing
import TransportSecurity

/// HTTPS: who gets a connection, who does not, and what a connection over TLS has of one without.
@Suite(.timeLimit(.minutes(2))) struct DownstreamTLSTests {
  private static let get = "GET /v1/orders/101 HTTP/1.1\r\nHost: localhost\r\n\r\n"
  /// `StringValue{"a"}`; as an `Order` it is the one with this id.
  private static let message: [UInt8] = [0x0A, 0x01, 0x61]

  /// The status of one request, or `nil` when the connection has brought no answer.
  private static func status(port: Int, _ context: NIOSSLContext) async throws -> Int? {
    let connection = try await RawConnection.open(port: port, tls: context)
    try? await connection.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    let text = try? await connection.receiveToEnd()
    return text.flatMap { HTTPAnswer.parse($0)?.0.status }
  }

  @Test func callsOverTLSAreTheSameAndSaySoUpstream() async throws {
    let seen = Mutex<HPACKHeaders?>(nil)
    try await withScriptedGateway {
      $0.security = try? DownstreamTransportSecurity(identity: TestCertificates.identity("server"))
    } answer: { upstream, id in
      upstream.respond(id)
      upstream.message(id, Self.message)
      upstream.trailers(id)
    } request: { headers in
      seen.withLock { $0 = headers }
    } _: { gateway in
      let connection = try await RawConnection.open(port: gateway.port, tls: TestCertificates.client())
      for _ in 0..<2 {
        try await connection.send(Self.get)
        let answer = try await connection.answer()
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""id":"a""#))
      }
      await connection.close()
    }
    #expect(seen.withLock { $0?["x-forwarded-proto"] } == ["https"])
  }

  @Test func protocolIsAgreedByALPN() async throws {
    try await withTLSGateway { gateway in
      let agreed = try await TLSCaller.handshake(
        port: gateway.port, TestCertificates.client { $0.applicationProtocols = ["h2", "http/1.1"] })
      #expect(agreed.applicationProtocol == "http/1.1")
      let silent = try await TLSCaller.handshake(
        port: gateway.port, TestCertificates.client { $0.applicationProtocols = [] })
      #expect(silent.applicationProtocol == nil)
    }
  }

  @Test func theProbeOfContainersTakesAnyCertificate() async throws {
    try await withTLSGateway { gateway in
      let probe = try HealthProbe(url: "https://127.0.0.1:\(gateway.port)/healthz")
      #expect(try await probe.status(within: .seconds(20)) == 200)
    }
  }

  @Test(arguments: [(TLSFloor.tls12, TLSVersion.tlsv11, false), (.tls12, .tlsv12, true), (.tls13, .tlsv12, false)])
  func versionsBelowTheFloorAreRefused(floor: TLSFloor, version: TLSVersion, isServed: Bool) async throws {
    try await withTLSGateway {
      $0.floor = floor
    } _: { gateway in
      let status = try await Self.status(
        port: gateway.port,
        TestCertificates.client {
          $0.minimumTLSVersion = .tlsv1
          $0.maximumTLSVersion = version
        })
      #expect(status == (isServed ? 200 : nil))
    }
  }

  @Test(
    arguments: [
      (.required, nil, nil), (.required, "client", 200), (.required, "stranger", nil),
      (.optional, nil, 200), (.optional, "client", 200), (.optional, "stranger", nil),
      (.none, nil, 200), (.none, "stranger", 200),
    ] as [(DownstreamTransportSecurity.ClientCertificate, String?, Int?)])
  func clientCertificates(
    asked: DownstreamTransportSecurity.ClientCertificate, shown: String?, status: Int?
  ) async throws {
    try await withTLSGateway {
      $0.clientCertificate = asked
      $0.clientAuthorities = try TestCertificates.path("ca.pem")
    } _: { gateway in
      let answered = try await Self.status(
        port: gateway.port, TestCertificates.client { if let shown { try $0.show(shown) } })
      #expect(answered == status)
    }
  }

  @Test func plaintextIsClosedAndCounted() async throws {
    try await withTLSGateway { gateway in
      let connection = try await RawConnection.open(port: gateway.port)
      try await connection.send(Self.get)
      let text = try await connection.receiveToEnd()
      #expect(!text.contains("HTTP"))
      let metrics = try await Self.metrics(gateway)
      #expect(metrics.contains(#"gateway_tls_handshakes_total{result="failed"} 1"#))
      // This one.
      #expect(metrics.contains(#"gateway_tls_handshakes_total{result="completed"} 1"#))
      #expect(metrics.contains("gateway_connections 1\n"))
    }
  }

  @Test func handshakeHasTheDeadlineOfTheFirstHead() async throws {
    try await withTLSGateway(limits: { $0.headerTimeout = .milliseconds(100) }) { gateway in
      for begun in [[], [22, 3, 1] as [UInt8]] {
        let connection = try await RawConnection.open(port: gateway.port)
        if !begun.isEmpty { try await connection.send(begun) }
        // Closed, and without an answer, which would have to wait for the handshake.
        #expect(try await connection.receiveToEnd().isEmpty)
      }
    }
  }

  @Test func headHasItsDeadlineAfterTheHandshake() async throws {
    try await withTLSGateway(limits: { $0.headerTimeout = .milliseconds(500) }) { gateway in
      let connection = try await RawConnection.open(port: gateway.port, tls: TestCertificates.client())
      try await connection.send("GET / HT")
      #expect(try await connection.answer().status == 408)
    }
  }

  @Test func answerToARefusedUploadArrivesBeforeTheEnd() async throws {
    try await withTLSGateway(limits: { $0.maximumRequestBody = 1000 }) { gateway in
      let connection = try await RawConnection.open(port: gateway.port, tls: TestCertificates.client())
      try await connection.send(
        "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n")
      try? await connection.send(String(repeating: "x", count: 200_000))
      let text = try await connection.receiveToEnd()
      #expect(HTTPAnswer.parse(text)?.0.status == 413)
    }
  }

  @Test func streamOverTLSIsBoundedAndCancelled() async throws {
    let large = [0x0A, 0x80, 0x80, 0x04] + [UInt8](repeating: 0x61, count: 65_536)
    try await withScriptedGateway {
      $0.security = try? DownstreamTransportSecurity(identity: TestCertificates.identity("server"))
    } answer: { upstream, id in
      upstream.respond(id)
      upstream.paced(id, (0..<300).flatMap { _ in ScriptedConnection.framed(large) }, trailers: true)
    } _: { gateway in
      let context = try TestCertificates.client()
      let whole = try await RawConnection.open(port: gateway.port, tls: context)
      try await whole.send(
        "GET /v1/orders:search?value=a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      let bytes = try await whole.receiveBytes()
      #expect(bytes.count > 300 * 65_536)
      let stalled = try await RawConnection.open(port: gateway.port, tls: context)
      try await stalled.send("GET /v1/orders:search?value=a HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _ = try await stalled.receive { $0.contains("\r\n\r\n") }
      await stalled.close()
      #expect(await gateway.nextReset() == .cancel)
    }
  }

  @Test func drainEndsConnectionsOverTLS() async throws {
    try await withTLSGateway { gateway in
      let connection = try await RawConnection.open(port: gateway.port, tls: TestCertificates.client())
      try await connection.send(Self.get)
      _ = try await connection.answer()
      await gateway.stop(grace: .seconds(10))
      #expect(try await connection.receiveToEnd().isEmpty)
    }
  }

  @Test func webSocketOverTLSIsClosedInOrder() async throws {
    try await withTLSGateway { gateway in
      let context = try TestCertificates.client()
      let peer = try await WebSocketPeer.open(
        port: gateway.port, "/v1/orders:search?value=nothing", "Origin: https://test\r\n", tls: context)
      let end = await peer.untilClose()
      #expect(end.code == 1000)
      try await peer.send(WebSocketPeer.close(1000))
      #expect(await peer.next() == nil)
      // A page that came in cleartext is another origin than one over TLS, whatever its host.
      let refused = await #expect(throws: WebSocketPeer.Refused.self) {
        try await WebSocketPeer.open(
          port: gateway.port, "/v1/orders:search?value=nothing", "Origin: http://test\r\n", tls: context)
      }
      #expect(refused?.head.hasPrefix("HTTP/1.1 403 ") == true)
    }
  }

  // MARK: Files

  @Test func reloadSwapsTheCertificateAndSparesWhatIsOpen() async throws {
    let files = try CopiedIdentity("server")
    defer { files.remove() }
    try await withTLSServer(files.identity) { gateway, server in
      let context = try TestCertificates.client()
      let open = try await RawConnection.open(port: gateway.port, tls: context)
      try await open.send(Self.get)
      #expect(try await open.answer().status == 404)
      let before = try await TLSCaller.handshake(port: gateway.port, context).certificate
      #expect(before == (try PEMFile.certificates(TestCertificates.path("server.pem")).first))

      try files.replace(by: "renewed")
      try await server.reload(description: try ServiceDescription.orders(), frontEnd: FrontEndConfiguration())
      let after = try await TLSCaller.handshake(port: gateway.port, context).certificate
      #expect(after == (try PEMFile.certificates(TestCertificates.path("renewed.pem")).first))
      try await open.send(Self.get)
      #expect(try await open.answer().status == 404)

      // A certificate without its key is not taken, nor is anything else of that reload.
      try files.replace(certificate: "server")
      var limits = FrontEndConfiguration()
      limits.maximumTargetLength = 5
      let failure = await #expect(throws: GatewayFailure.self) {
        try await server.reload(description: try ServiceDescription.orders(), frontEnd: limits)
      }
      #expect(failure?.lines.first?.contains("is not the key of the certificate") == true)
      let kept = try await TLSCaller.handshake(port: gateway.port, context).certificate
      #expect(kept == after)
      try await open.send(Self.get)
      #expect(try await open.answer().status == 404)
    }
  }

  @Test(
    arguments: [
      ("nowhere.pem", "server.key", "cannot read "), ("server.key", "server.key", "holds no certificate in PEM"),
      ("server.pem", "server.pem", "holds no private key in PEM"), ("server.pem", "locked.key", "passphrase"),
      ("server.pem", "client.key", "is not the key of the certificate"),
      ("expired.pem", "expired.key", "has expired"),
    ])
  func whatCannotBeServedIsSaidAtTheStart(certificate: String, key: String, words: String) async throws {
    let identity = TLSIdentity(certificate: try TestCertificates.path(certificate), key: try TestCertificates.path(key))
    let failure = await #expect(throws: GatewayFailure.self) { try await withTLSServer(identity) { _, _ in } }
    let line = try #require(failure?.lines.first)
    #expect(line.contains(words), "\(line)")
    #expect(!line.contains("NIOSSL"), "\(line)")
  }

  @Test func settingsThatDoNotGoTogetherAreFaults() {
    var reader = SettingsReader()
    reader.read(arguments: ["--tls-certificate", "a", "--client-certificate", "optional", "--upstream-ca", "b"])
    let failure = #expect(throws: GatewayFailure.self) { try reader.result() }
    #expect(
      failure?.lines == [
        "tls_certificate and tls_key go together", "client_certificate optional needs client_ca",
        "upstream_ca, upstream_certificate, upstream_server_name and upstream_insecure go with upstream_tls",
      ])
  }

  private static func metrics(_ gateway: RunningGateway) async throws -> String {
    let connection = try await RawConnection.open(port: gateway.port, tls: TestCertificates.client())
    try await connection.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let body = try await connection.answer().body
    await connection.close()
    return body
  }
}

/// A gateway with HTTPS in front of the order server.
private func withTLSGateway(
  _ change: (inout DownstreamTransportSecurity) throws -> Void = { _ in },
  limits: (inout FrontEndConfiguration) -> Void = { _ in }, _ body: (RunningGateway) async throws -> Void
) async throws {
  var security = DownstreamTransportSecurity(identity: try TestCertificates.identity("server"))
  try change(&security)
  try await withGateway {
    $0.security = security
    limits(&$0.frontEnd)
  } _: {
    try await body($0)
  }
}

private func withTLSServer(
  _ identity: TLSIdentity, _ body: (RunningGateway, GatewayServer) async throws -> Void
) async throws {
  try await withServer {
    $0.security = DownstreamTransportSecurity(identity: identity)
  } _: {
    try await body($0, $1)
  }
}

/// A certificate and key in files of their own, that a test may replace.
private struct CopiedIdentity {
  let identity: TLSIdentity
  private let folder: URL

  init(_ name: String) throws {
    folder = try TestCertificates.temporaryFolder()
    identity = TLSIdentity(
      certificate: folder.appendingPathComponent("a.pem").path, key: folder.appendingPathComponent("a.key").path)
    try replace(by: name)
  }

  func replace(by name: String) throws {
    try replace(certificate: name)
    try copy("\(name).key", to: identity.key)
  }

  func replace(certificate name: String) throws { try copy("\(name).pem", to: identity.certificate) }

  private func copy(_ file: String, to path: String) throws {
    try TestCertificates.copy(file, to: URL(fileURLWithPath: path))
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}
