import GRPCUpstream
import Testing
import TransportSecurity

@testable import Gateway

/// `tls:` of one upstream of a configuration file.
@Suite struct UpstreamTLSSettingsTests {
  private func read(_ yaml: String, folder: String = "/etc/gateway") -> SettingsReader {
    var reader = SettingsReader()
    reader.read(yaml: yaml, file: "gateway.yaml", folder: folder)
    return reader
  }

  private static let whole = """
    upstream: orders:9009
    upstream_tls: {upstream_tls: true, upstream_ca: common.pem, upstream_insecure: true}
    upstreams:
      - name: stock
        target: stock:9009
        services: [shop.Stock]
        tls:
          ca: stock ca.pem
          certificate: gateway.pem
          key: /keys/gateway.key
          server_name: stock.internal
          insecure: true
      - {name: mail, target: 'mail:25', services: [shop.Mail], tls: {}, cleartext: false}
      - {name: rest, target: 'rest:1', services: [shop.Rest]}
      - {name: near, target: 'near:1', services: [shop.Near], cleartext: true}

    """

  @Test func eachUpstreamHasItsOwnAndNothingOfTheOthers() throws {
    let reader = read(Self.whole)
    #expect(reader.faults == [])
    #expect(reader.settings.faults == [])
    let configuration = try #require(reader.settings.configuration)
    let settings = configuration.allUpstreams.map {
      $0.configuration(from: configuration.upstreamLimits).security?.settings
    }
    var common = UpstreamTransportSecurity.Settings()
    common.authorities = "/etc/gateway/common.pem"
    common.skipsVerification = true
    var stock = UpstreamTransportSecurity.Settings()
    stock.authorities = "/etc/gateway/stock ca.pem"
    stock.identity = TLSIdentity(certificate: "/etc/gateway/gateway.pem", key: "/keys/gateway.key")
    stock.serverName = "stock.internal"
    stock.skipsVerification = true
    #expect(settings == [common, stock, .init(), common, nil])
  }

  @Test func whatIsPrintedIsReadBackTheSame() {
    let settings = read(Self.whole).settings
    let text = SettingsText.yaml(of: settings)
    let again = read(text)
    #expect(again.faults == [])
    #expect(again.settings.upstreams == settings.upstreams)
    #expect(
      text.contains("    tls:\n      ca: '/etc/gateway/stock ca.pem'\n      certificate: /etc/gateway/gateway.pem\n"))
    #expect(text.contains("    tls: {}\n"))
  }

  /// What a reload asks before it says that the list is read at the start only.
  @Test func upstreamsOfOtherSettingsAreOthers() {
    let upstreams = read(Self.whole).settings.upstreams
    #expect(read(Self.whole).settings.upstreams == upstreams)
    #expect(read(Self.whole.replacing("stock ca.pem", with: "ca.pem")).settings.upstreams != upstreams)
    #expect(read(Self.whole.replacing(", tls: {}", with: "")).settings.upstreams != upstreams)
  }

  @Test(arguments: [
    ("tls: true", "tls of an upstream is not a mapping; {} is TLS with the system's authorities"),
    ("tls:", "tls of an upstream is not a mapping; {} is TLS with the system's authorities"),
    ("tls: [ca.pem]", "tls of an upstream is not a mapping; {} is TLS with the system's authorities"),
    ("tls: {cert: a.pem}", "tls of an upstream has no cert"),
    ("tls: {certificat: a.pem, key: a.key}", "tls of an upstream has no certificat; did you mean certificate?"),
    ("tls: {upstream_ca: a.pem}", "tls of an upstream has no upstream_ca; did you mean ca?"),
    ("tls: {upstream_sever_name: a}", "tls of an upstream has no upstream_sever_name; did you mean server_name?"),
    ("tls: {[ca]: a.pem}", "tls of an upstream has no "),
    ("tls: {ca: ''}", "ca in tls of an upstream has no value"),
    ("tls: {ca: [a.pem]}", "ca in tls of an upstream has no value"),
    ("tls: {server_name: {}}", "server_name in tls of an upstream has no value"),
    ("tls: {insecure: perhaps}", "insecure is \"perhaps\", expected true or false"),
    ("tls: {certificate: a.pem}", "certificate and key in tls of an upstream go together"),
    ("tls: {key: a.key}", "certificate and key in tls of an upstream go together"),
    ("tls: {}\n    cleartext: true", "tls of an upstream does not go with cleartext"),
  ])
  func faultsHaveTheirLine(tls: String, fault: String) {
    let reader = read("upstreams:\n  - name: a\n    target: a:1\n    services: [a.A]\n    \(tls)\n")
    #expect(reader.faults == ["gateway.yaml:5: " + fault])
    #expect(reader.settings.upstreams.isEmpty)
  }

  @Test func aFaultHasTheLineOfItsKey() {
    let reader = read(
      """
      upstreams:
        - name: a
          target: a:1
          services: [a.A]
          cleartext: true
          tls:
            ca: a.pem
            insecure: "no"
            port: 1
      """)
    #expect(
      reader.faults == [
        "gateway.yaml:8: insecure is \"no\", expected true or false",
        "gateway.yaml:9: tls of an upstream has no port",
      ])
  }

  @Test func everyFileThatCannotBeUsedIsToldWithItsPlace() throws {
    let server = try TestCertificates.path("server.pem")
    let other = try TestCertificates.path("client.key")
    let reader = read(
      """
      upstream: orders:9009
      upstream_tls:
        upstream_ca: common.pem
        upstream_tls: true
      upstreams:
        - name: a
          target: a:1
          services: [a.A]
          tls: {ca: \(server), certificate: \(server), key: \(other)}
        - name: b
          target: b:1
          services: [b.B]
          tls:
            ca: b.pem
        - {name: c, target: 'c:1', services: [c.C], tls: {ca: \(server)}}
      """, folder: "/nowhere")
    #expect(reader.faults == [])
    #expect(
      reader.certificateFaults == [
        "gateway.yaml:4: TLS: cannot read /nowhere/common.pem: No such file or directory",
        "gateway.yaml:9: TLS of the upstream a: \(other) is not the key of the certificate in \(server)",
        "gateway.yaml:13: TLS of the upstream b: cannot read /nowhere/b.pem: No such file or directory",
      ])
  }
}
