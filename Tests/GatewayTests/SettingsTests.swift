import Foundation
import HTTPFrontEnd
import NIOCore
import Testing
import Transcoding

@testable import Gateway

@Suite struct SettingsTests {
  private func read(
    yaml: String = "", environment: [String: String] = [:], arguments: [String] = []
  ) -> SettingsReader {
    var reader = SettingsReader()
    if !yaml.isEmpty { reader.read(yaml: yaml, file: "gateway.yaml", folder: "/etc/gateway") }
    reader.read(environment: environment)
    reader.read(arguments: arguments)
    return reader
  }

  @Test func everySettingHasItsOwnNameAndAReason() {
    #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
    #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
    #expect(Setting.all.allSatisfy { !$0.reason.isEmpty })
  }

  @Test func everyDefaultIsReadBackAsItself() throws {
    let defaults = GatewaySettings()
    let reader = read(yaml: SettingsText.yaml(of: defaults))
    #expect(reader.faults == [])
    for setting in Setting.all {
      #expect(setting.values(reader.settings) == setting.values(defaults), "\(setting.key)")
    }
  }

  @Test func everySettingCanBeGivenByFileEnvironmentAndFlag() {
    for setting in Setting.all {
      guard let value = setting.values(GatewaySettings()).first else { continue }
      #expect(read(environment: [setting.variable: value]).origins[setting.key] == setting.variable)
      #expect(read(arguments: ["\(setting.flag)=\(value)"]).origins[setting.key] == setting.flag)
    }
  }

  @Test func flagsWinOverTheEnvironmentAndThatOverTheFile() {
    let yaml = "threads: 2\nlimits:\n  max_request_body: 1MiB\n  max_target: 4KiB\n"
    let environment = ["GATEWAY_THREADS": "3", "GATEWAY_MAX_REQUEST_BODY": "2MiB", "PATH": "/bin"]
    let reader = read(yaml: yaml, environment: environment, arguments: ["--threads", "4"])
    #expect(reader.faults == [])
    #expect(reader.settings.threads == 4)
    #expect(reader.settings.frontEnd.maximumRequestBody == 2 << 20)
    #expect(reader.settings.frontEnd.maximumTargetLength == 4096)
    #expect(reader.origins["limits.max_target"] == "gateway.yaml:4")
  }

  @Test func timesAndFragmentsOfWebSockets() {
    let yaml = "limits:\n  max_websocket_fragments: 1\ntimes:\n  websocket_ping_interval: 20s\n"
    let reader = read(yaml: yaml, arguments: ["--websocket-pong-timeout", "10s", "--websocket-close-timeout=250ms"])
    #expect(reader.faults == [])
    let webSocket = reader.settings.frontEnd.webSocket
    #expect(webSocket.maximumFragments == 1)
    #expect(webSocket.pingInterval == .seconds(20))
    #expect(webSocket.pongTimeout == .seconds(10))
    #expect(webSocket.closeTimeout == .milliseconds(250))
    #expect(read(arguments: ["--max-websocket-fragments", "0"]).faults.count == 1)
  }

  @Test func aListOfAStrongerSourceReplacesTheWeakerOne() {
    let reader = read(
      yaml: "descriptors: [a.binpb, /b.binpb]\nrules: c.yaml\n", arguments: ["--rules", "x", "--rules=y"])
    #expect(reader.settings.descriptors == ["/etc/gateway/a.binpb", "/b.binpb"])
    #expect(reader.settings.rules == ["x", "y"])
  }

  @Test func switchesStandAlone() {
    #expect(!read(arguments: ["--no-auto-mapping"]).settings.transcoding.mapsEveryMethod)
    #expect(read(yaml: "auto_mapping: false", arguments: ["--auto-mapping"]).settings.transcoding.mapsEveryMethod)
    #expect(read(arguments: ["--no-threads"]).faults == ["unknown option --no-threads; did you mean --threads?"])
  }

  @Test func allFaultsAreReportedAtOnceEachWithItsPlace() {
    let yaml = """
      listen: nowhere
      limts:
        max_target: 1
      limits:
        max_targt: 8KiB
        max_request_body: 4 potatoes
        max_header_count: 0
      threads: [1, 2]
      """
    let reader = read(
      yaml: yaml, environment: ["GATEWAY_THREDS": "1"], arguments: ["--thread", "2", "--grace", "--x"])
    #expect(
      reader.faults == [
        #"gateway.yaml:1: listen is "nowhere", expected host:port, an IPv6 host in brackets"#,
        "gateway.yaml:2: unknown setting limts; did you mean limits?",
        "gateway.yaml:5: unknown setting limits.max_targt; did you mean limits.max_target?",
        #"gateway.yaml:6: limits.max_request_body is "4 potatoes", expected a size such as 512, 64KiB or 4MiB"#,
        #"gateway.yaml:7: limits.max_header_count is "0", expected a number from 1 to 10000"#,
        "gateway.yaml:8: threads is not a plain value, expected a number from 1 to 256",
        "GATEWAY_THREDS: there is no such setting; did you mean GATEWAY_THREADS?",
        "unknown option --thread; did you mean --threads?",
        #"--grace: drain.grace is "--x", expected a time such as 250ms, 10s, 5m or 1h, at most 24h"#,
      ])
  }

  @Test(
    arguments: [
      ("10", 10_000), ("10s", 10_000), ("250ms", 250), ("1.5s", 1500), ("5m", 300_000), ("24h", 86_400_000), ("0", 0),
    ] as [(String, Int64)])
  func times(text: String, milliseconds: Int64) {
    #expect(read(arguments: ["--grace", text]).settings.drainGrace == .milliseconds(milliseconds))
  }

  @Test(arguments: ["", "-1", "1d", "s", "25h", "inf", "nan", "1e99h", "0x10s"])
  func noTimes(text: String) {
    #expect(read(arguments: ["--grace=\(text)"]).faults.count == 1)
  }

  @Test(arguments: ["", "-1", "1KB", "KiB", "9999999999999999999", "9223372036854775807GiB"])
  func noSizes(text: String) {
    #expect(read(arguments: ["--max-target=\(text)"]).faults.count == 1)
  }

  @Test func aKeyThatStandsTwiceIsAFaultWithItsLine() {
    #expect(
      read(yaml: "listen: :80\nthreads: 1\nthreads: 2\n").faults
        == [#"gateway.yaml:2: the key "threads" stands twice in one mapping"#])
  }

  @Test(arguments: ["a: [", "- a", "x", "\u{0}"])
  func whatIsNoMappingIsAFaultAndNoTrap(yaml: String) {
    #expect(read(yaml: yaml).faults.count == 1)
  }

  /// docs/operations.md holds the table of the settings: `make docs` makes it anew.
  @Test func theTableOfTheDocumentationIsTheSchema() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../docs/operations.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let (begin, end) = ("<!-- settings -->\n", "<!-- /settings -->")
    let start = try #require(text.range(of: begin)?.upperBound)
    let stop = try #require(text.range(of: end)?.lowerBound)
    if ProcessInfo.processInfo.environment["RENEW_DOCS"] != nil {
      try text.replacingCharacters(in: start..<stop, with: SettingsText.markdown).write(
        to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(text[start..<stop] == SettingsText.markdown)
    }
  }
}
