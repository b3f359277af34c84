import GRPCUpstream
import Testing

@testable import Gateway

/// The upstreams of a configuration file.
@Suite struct UpstreamSettingsTests {
  private func read(_ yaml: String, arguments: [String] = []) -> SettingsReader {
    var reader = SettingsReader()
    reader.read(yaml: yaml, file: "gateway.yaml")
    reader.read(arguments: arguments)
    return reader
  }

  private static let whole = """
    upstream: dns:///orders:9009
    upstreams:
      - name: stock
        target: ipv4:10.0.0.1:9009,10.0.0.2:9009
        services: [shop.Stock, shop.Prices]
        paths: [/v1/stock]
        balancing: least_request
        authority: stock.internal
        cleartext: true
        health_service: "*"
      - name: mail-2
        target: mail:25
        services: shop.Mail

    """

  @Test func aListOfUpstreams() throws {
    let reader = read(Self.whole)
    #expect(reader.faults == [])
    let upstreams = reader.settings.upstreams
    #expect(upstreams.map(\.name) == ["stock", "mail-2"])
    #expect(upstreams[0].target.description == "ipv4:10.0.0.1:9009,10.0.0.2:9009")
    #expect(upstreams[0].services == ["shop.Stock", "shop.Prices"])
    #expect(upstreams[0].paths == ["/v1/stock"])
    #expect(upstreams[0].balancing == .leastRequest)
    #expect(upstreams[0].authority == "stock.internal")
    #expect(upstreams[0].healthService == "")
    #expect(upstreams.map(\.transport) == [.cleartext, .common])
    #expect(upstreams[1].services == ["shop.Mail"])
    var configuration = try #require(reader.settings.configuration)
    configuration.upstreamLimits.security = UpstreamTransportSecurity(.init())
    #expect(upstreams.map { $0.configuration(from: configuration.upstreamLimits).security == nil } == [true, false])
    #expect(configuration.allUpstreams.map(\.name) == ["default", "stock", "mail-2"])
    #expect(upstreams[0].configuration(from: configuration.upstreamLimits).balancing.policy == .leastRequest)
    #expect(upstreams[1].configuration(from: configuration.upstreamLimits).balancing.policy == .roundRobin)
  }

  @Test func whatIsPrintedIsReadBackTheSame() {
    let settings = read(Self.whole).settings
    let again = read(SettingsText.yaml(of: settings))
    #expect(again.faults == [])
    #expect(again.settings.upstreams == settings.upstreams)
    #expect(again.settings.upstream == settings.upstream)
  }

  @Test func theUpstreamForEverythingMayBeMissing() {
    let reader = read("upstreams: [{name: a, target: 'a:1', services: [a.A]}]")
    #expect(reader.settings.configuration?.allUpstreams.map(\.name) == ["a"])
    #expect(read("threads: 1").settings.configuration == nil)
  }

  @Test(arguments: [
    ("upstreams: 1", "1: upstreams is not a list"),
    ("upstreams: [1]", "1: an upstream is not a mapping with name and target"),
    ("upstreams: [{name: a, services: [a.A]}]", "1: an upstream needs a name and a target"),
    ("upstreams: [{target: 'a:1', services: [a.A]}]", "1: an upstream needs a name and a target"),
    ("upstreams: [{name: a, target: 'a:1'}]", "1: the upstream a serves nothing: it needs services or paths"),
    (
      "upstreams: [{name: a, target: 'a:1', services: [a.A], servcies: [b]}]",
      "1: an upstream has no servcies; did you mean services?"
    ),
    ("upstreams: [{name: a, target: 'a:1', services: []}]", "1: services of an upstream has no value"),
    ("upstreams: [{name: [a], target: 'a:1', services: [a.A]}]", "1: name of an upstream has no value"),
    (
      "upstreams: [{name: a b, target: 'a:1', services: [a.A]}]",
      "1: name is \"a b\", expected at most 64 letters, digits, dots, hyphens and underscores, and not default"
    ),
    (
      "upstreams: [{name: default, target: 'a:1', services: [a.A]}]",
      "1: name is \"default\", expected at most 64 letters, digits, dots, hyphens and underscores, and not default"
    ),
    (
      "upstreams:\n  - name: a\n    target: http://a\n    services: [a.A]",
      "3: target is \"http://a\", expected host:port, dns:///host:port, ipv4:address:port,… or ipv6:[address]:port,…: "
        + "http is no scheme of gRPC names; expected host:port, dns:, ipv4: or ipv6:"
    ),
    (
      "upstreams: [{name: a, target: 'a:1', paths: [v1]}]",
      "1: paths has \"v1\", expected the beginning of a path such as /v1/orders"
    ),
    (
      "upstreams: [{name: a, target: 'a:1', services: [a.A], balancing: fair}]",
      "1: balancing is \"fair\", expected one of round_robin, least_request"
    ),
  ])
  func faultsHaveTheirLine(yaml: String, fault: String) {
    #expect(read(yaml).faults == ["gateway.yaml:" + fault])
  }

  @Test func namesServicesAndPathsAreTakenOnce() {
    let reader = read(
      """
      upstreams:
        - {name: a, target: 'a:1', services: [a.A], paths: [/a]}
        - {name: a, target: 'b:1', services: [a.A], paths: [/a]}
      """)
    #expect(
      reader.faults == [
        "gateway.yaml:3: the upstream a stands there twice",
        "gateway.yaml:3: a.A is served by the upstream a already",
        "gateway.yaml:3: /a leads to the upstream a already",
      ])
  }

  @Test(arguments: [(0, 0), (1, 1)])
  func upstreamsAreBounded(beyond: Int, faults: Int) {
    let lines = (0..<UpstreamDefinition.maximumCount + beyond).map {
      "  - {name: u\($0), target: 'a:1', services: [a.A\($0)]}\n"
    }
    #expect(read("upstreams:\n" + lines.joined()).faults.count == faults)
  }

  @Test(arguments: [(64, true), (65, false)])
  func namesAreBounded(length: Int, isLegal: Bool) {
    #expect(UpstreamDefinition.isName(String(repeating: "a", count: length)) == isLegal)
  }

  @Test func aNameThatIsNoneSaysWhy() {
    let reader = read("", arguments: ["--upstream", "orders"])
    #expect(
      reader.faults == [
        "--upstream: upstream is \"orders\", expected host:port, dns:///host:port, ipv4:address:port,… or "
          + "ipv6:[address]:port,…: there is no port; expected host:port"
      ])
  }

  @Test(arguments: [
    ("--max-frame-size=16383", 1), ("--max-frame-size=16384", 0), ("--max-frame-size=16777215", 0),
    ("--max-frame-size=16777216", 1), ("--connection-window=65534", 1), ("--connection-window=65535", 0),
    ("--backoff-multiplier=0.9", 1), ("--backoff-multiplier=1", 0), ("--backoff-multiplier=nan", 1),
    ("--backoff-jitter=0.91", 1), ("--backoff-jitter=0.9", 0), ("--health-service=", 1), ("--health-service=*", 0),
  ])
  func boundsOfSettings(argument: String, faults: Int) {
    #expect(read("", arguments: [argument]).faults.count == faults)
  }
}
