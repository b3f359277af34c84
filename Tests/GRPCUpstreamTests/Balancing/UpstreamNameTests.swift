import Testing

@testable import GRPCUpstream

@Suite struct UpstreamNameTests {
  @Test(arguments: [
    ("orders:9009", "orders", 9009), ("dns:orders:9009", "orders", 9009), ("dns:///orders:9009", "orders", 9009),
    ("DNS:///orders.default.svc.cluster.local.:65535", "orders.default.svc.cluster.local.", 65535),
    ("a_b-c.d:1", "a_b-c.d", 1),
  ])
  func hostNamesAreResolved(text: String, host: String, port: Int) throws {
    let name = try UpstreamName(parsing: text)
    #expect(name.kind == .dns(host: host, port: port))
    #expect(name.description == text)
  }

  @Test(arguments: [
    ("127.0.0.1:9009", ["127.0.0.1:9009"]), ("[::1]:9009", ["[::1]:9009"]), ("9009", ["127.0.0.1:9009"]),
    (":9009", ["127.0.0.1:9009"]), ("dns:///10.0.0.1:80", ["10.0.0.1:80"]), ("dns:[::1]:80", ["[::1]:80"]),
    ("ipv4:1.2.3.4:50051", ["1.2.3.4:50051"]),
    ("ipv4:1.2.3.4:50051,1.2.3.5:50052", ["1.2.3.4:50051", "1.2.3.5:50052"]),
    ("ipv6:[::1]:1,[2607:f8b0:400e:c00::ef]:2", ["[::1]:1", "[2607:f8b0:400e:c00::ef]:2"]),
  ])
  func addressesAreTakenAsTheyAre(text: String, addresses: [String]) throws {
    let name = try UpstreamName(parsing: text)
    guard case .addresses(let targets) = name.kind else {
      Issue.record("\(name.kind)")
      return
    }
    #expect(targets.map(\.description) == addresses)
    #expect(name.description == text)
  }

  @Test(arguments: [
    ("", "there is no port; expected host:port"), ("orders", "there is no port; expected host:port"),
    ("dns:orders", "\"orders\" has no port"), ("[::1]", "\"[::1]\" has no port"),
    ("orders:", "\"\" is no port from 1 to 65535"), ("orders:0", "\"0\" is no port from 1 to 65535"),
    ("orders:65536", "\"65536\" is no port from 1 to 65535"), ("orders:+80", "\"+80\" is no port from 1 to 65535"),
    ("::1:80", "an IPv6 address stands in brackets, as in [::1]:9009"),
    ("[::1:80", "the brackets of \"[::1:80\" do not match"), ("[:80", "the brackets of \"[:80\" do not match"),
    ("[1.2.3.4]:80", "\"1.2.3.4\" is no IPv6 address"), ("or ders:80", "\"or ders\" is no host name"),
    ("a..b:80", "\"a..b\" is no host name"), ("-a:80", "\"-a\" is no host name"), ("ä:80", "\"ä\" is no host name"),
    ("dns://8.8.8.8/orders:80", "name servers cannot be given; expected dns:///host:port"),
    ("http://orders:80", "http is no scheme of gRPC names; expected host:port, dns:, ipv4: or ipv6:"),
    ("unix:/tmp/socket", "unix is not served; expected host:port, dns:, ipv4: or ipv6:"),
    ("ipv4:orders:80", "\"orders\" is no IPv4 address"), ("ipv4:1.2.3.4", "\"1.2.3.4\" has no port"),
    ("ipv4:1.2.3.4:80,", "\"\" has no port"), ("ipv4:[::1]:80", "\"[::1]:80\" is not of the form IPv4 address:port"),
    ("ipv6:1.2.3.4:80", "\"1.2.3.4:80\" is not of the form [IPv6 address]:port"),
    ("ipv4:1.2.3.4:80,1.2.3.4:80", "1.2.3.4:80 stands there twice"),
  ])
  func whatIsNoNameSaysWhy(text: String, reason: String) {
    #expect(throws: UpstreamNameError(name: text, reason: reason)) { try UpstreamName(parsing: text) }
  }

  @Test(arguments: [(0, true), (1, false)])
  func addressesAreBounded(beyond: Int, isLegal: Bool) {
    let count = UpstreamName.maximumAddresses + beyond
    let text = "ipv4:" + (1...count).map { "10.0.0.\($0):80" }.joined(separator: ",")
    #expect(((try? UpstreamName(parsing: text)) != nil) == isLegal)
  }

  @Test(arguments: [(63, true), (64, false)])
  func labelsAreBounded(length: Int, isLegal: Bool) {
    let text = String(repeating: "a", count: length) + ":80"
    #expect(((try? UpstreamName(parsing: text)) != nil) == isLegal)
  }

  @Test(arguments: [(253, true), (254, false)])
  func hostNamesAreBounded(length: Int, isLegal: Bool) {
    let label = String(repeating: "a", count: 49) + "."
    let host = String(repeating: label, count: 5) + String(repeating: "a", count: length - 250)
    #expect(((try? UpstreamName(parsing: host + ":80")) != nil) == isLegal)
  }
}
