import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import WireTap

/// The proxy between a client in cleartext and a remote that speaks TLS.
struct TapTLSTests {
  private static func file(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Certificates/\(name)").path
  }

  private static func remote(
    certificate: String = "server.pem", protocols: [String] = ["h2"], maximum: TLSVersion? = nil
  ) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(file(certificate)).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: file("server.key"), format: .pem)))
    configuration.applicationProtocols = protocols
    configuration.maximumTLSVersion = maximum
    return try NIOSSLContext(configuration: configuration)
  }

  private static func trusting(_ name: String? = nil, insecure: Bool = false) -> TapProxyConfiguration.TLS {
    var tls = TapProxyConfiguration.TLS()
    tls.rootCertificates = file("root.pem")
    tls.serverName = name
    tls.isInsecure = insecure
    return tls
  }

  @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 3_000_000])
  func bytesPassUnchangedBothWaysAndSoDoesTheirEnd(_ count: Int) async throws {
    let round = try await ProxyBench.round(ProxyBench.pattern(count), remoteTLS: try Self.remote()) {
      $0.tls = Self.trusting("localhost")
    }
    #expect(round.answer == ProxyBench.pattern(count))
    // What goes through is counted and shown as the client sends it, not as it is encrypted.
    #expect((round.totals.up, round.totals.down) == (count, count))
    #expect(round.text.contains("[1] TLS with server, h2\n"))
    #expect(!round.text.contains("error"))
  }

  /// The remote is connected to as 127.0.0.1, and no other name is given.
  @Test(.timeLimit(.minutes(1)), arguments: [("address.pem", true), ("server.pem", false)])
  func addressIsLookedForInTheCertificate(_ certificate: String, _ passes: Bool) async throws {
    let remote = try Self.remote(certificate: certificate)
    let round = try await ProxyBench.round(ProxyBench.pattern(9), remoteTLS: remote) { $0.tls = Self.trusting() }
    #expect(round.answer.readableBytes == (passes ? 9 : 0))
    #expect(round.text.contains("the certificate is for other names") == !passes)
  }

  struct Refusal: Sendable, CustomStringConvertible {
    var description: String
    var certificate: String? = "server.pem"
    var maximum: TLSVersion?
    var tls: TapProxyConfiguration.TLS
    var reason: String
  }

  private static let refusals = [
    Refusal(
      description: "unknown root", tls: TapProxyConfiguration.TLS(),
      reason: "SERVER error, the certificate is not trusted: no root that is trusted vouches for it"),
    Refusal(
      description: "expired", certificate: "expired.pem", tls: trusting("localhost"),
      reason: "SERVER error, the certificate is not trusted: no root that is trusted vouches for it, or its time is"),
    Refusal(
      description: "other name", tls: trusting("orders.example"),
      reason: "SERVER error, the certificate is for other names: Couldn't find orders.example in certificate"),
    Refusal(
      description: "no TLS", certificate: nil, tls: trusting("localhost"),
      reason: "SERVER error, the other side does not speak TLS\n"),
    Refusal(
      description: "old TLS", maximum: .tlsv11, tls: trusting("localhost"),
      reason: "SERVER error, the other side speaks no version of TLS from 1.2 on\n"),
  ]

  @Test(.timeLimit(.minutes(1)), arguments: refusals)
  func remoteThatCannotBeTrustedGetsNothingAndTheReasonIsSaid(_ refusal: Refusal) async throws {
    let remote = try refusal.certificate.map { try Self.remote(certificate: $0, maximum: refusal.maximum) }
    let greeting = remote == nil ? ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n") : nil
    let round = try await ProxyBench.rounds([ProxyBench.pattern(1000)], remoteTLS: remote, greeting: greeting) {
      $0.tls = refusal.tls
    }
    #expect(round.answer.readableBytes == 0)
    #expect(round.text.contains(refusal.reason), "\(round.text)")
  }

  /// What TLS cannot encrypt yet would pile up: it is left where it is until the handshake is over.
  @Test(.timeLimit(.minutes(1))) func nothingIsReadOfTheClientWhileTheHandshakeHangs() async throws {
    let round = try await ProxyBench.rounds([ProxyBench.pattern(3_000_000)], greeting: ByteBuffer()) {
      $0.tls = Self.trusting("localhost")
      $0.connectTimeout = .milliseconds(300)
    }
    #expect(round.answer.readableBytes == 0)
    #expect(round.totals.up == 0)
    #expect(round.text.contains("[1] SERVER error, the TLS handshake timed out\n"))
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["server.pem", "expired.pem"])
  func anyCertificateDoesWhereThatIsAskedFor(_ certificate: String) async throws {
    let round = try await ProxyBench.round(
      ProxyBench.pattern(1000), remoteTLS: try Self.remote(certificate: certificate)
    ) { $0.tls = Self.trusting("orders.example", insecure: true) }
    #expect(round.answer == ProxyBench.pattern(1000))
  }

  @Test(.timeLimit(.minutes(1))) func remoteWithoutHTTP2IsSaidSo() async throws {
    let round = try await ProxyBench.round(ProxyBench.pattern(10), remoteTLS: try Self.remote(protocols: [])) {
      $0.tls = Self.trusting("localhost")
    }
    #expect(round.answer == ProxyBench.pattern(10))
    #expect(round.text.contains("[1] TLS with server; it has not agreed on HTTP/2 (ALPN h2)\n"))
  }

  /// A remote that would take HTTP/2 must not be told that HTTP/2 comes when lines of text do.
  @Test(.timeLimit(.minutes(1))) func textIsNotAnnouncedAsHTTP2() async throws {
    let round = try await ProxyBench.round(ByteBuffer(string: "hello\n"), remoteTLS: try Self.remote()) {
      $0.tls = Self.trusting("localhost")
      $0.proto = .text
    }
    #expect(round.answer == ByteBuffer(string: "hello\n"))
    #expect(round.text.contains("[1] TLS with server\n"))
    #expect(round.text.contains("from SERVER [1]\nhello\n"))
  }

  @Test(arguments: [("none.pem", "there is no such file"), ("make", "it holds no certificate in PEM form")])
  func rootsThatCannotBeReadAreSaidAtTheStart(_ name: String, _ reason: String) throws {
    var configuration = TapProxyConfiguration(remoteHost: "127.0.0.1", remotePort: 1)
    var tls = TapProxyConfiguration.TLS()
    tls.rootCertificates = Self.file(name)
    configuration.tls = tls
    let tap = Tap(options: TapOptions(), schema: try SchemaSource.empty(), descriptor: 1)
    defer { tap.finish() }
    let failure = #expect(throws: TapFailure.self) { try TapProxy(configuration: configuration, tap: tap) }
    #expect(failure?.description == "cannot set up TLS with the roots in \(Self.file(name)): \(reason)")
  }
}
