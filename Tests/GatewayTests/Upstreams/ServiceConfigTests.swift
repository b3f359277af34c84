import GRPCUpstream
import GRPCWire
import NIOCore
import Testing

@testable import Gateway

@Suite struct ServiceConfigTests {
  private func read(_ text: String) -> ServiceConfigReader {
    var reader = ServiceConfigReader(file: "calls.json")
    reader.read(text)
    return reader
  }

  private static let policy =
    #"{"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1.5s", "backoffMultiplier": 2.5, "#
    + #""retryableStatusCodes": ["UNAVAILABLE", 10]}"#

  @Test func jsonWithPoliciesForMethodsServicesAndEverything() {
    let reader = read(
      #"""
      {
        "methodConfig": [
          {"name": [{"service": "a.A", "method": "one"}, {"service": "b.B"}], "retryPolicy": POLICY},
          {"name": [{"service": "a.A"}]},
          {"name": [{}], "retryPolicy": POLICY}
        ],
        "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1239}
      }
      """#.replacing("POLICY", with: Self.policy))
    #expect(reader.faults == [])
    let throttling = RetryThrottling(maximumTokens: 10, tokenRatioThousandths: 123)
    let policy = RetryPolicy(
      maximumAttempts: 4, initialBackoff: .milliseconds(100), maximumBackoff: .milliseconds(1500),
      backoffMultiplier: 2.5, retryableCodes: [.unavailable, .aborted], throttling: throttling)
    #expect(reader.policies.policy(forPath: "/a.A/one") == policy)
    #expect(reader.policies.policy(forPath: "/a.A/two") == nil)
    #expect(reader.policies.policy(forPath: "/b.B/any") == policy)
    #expect(reader.policies.policy(forPath: "/c.C/any") == policy)
    #expect(reader.policies.policy(forPath: "nothing") == nil)
  }

  @Test func yamlSaysTheSame() {
    let reader = read(
      """
      methodConfig:
        - name: [{service: a.A}]
          retryPolicy:
            maxAttempts: 9
            initialBackoff: 1s
            maxBackoff: 1s
            backoffMultiplier: 1
            retryableStatusCodes: [UNAVAILABLE]
      """)
    #expect(reader.faults == [])
    // More than five are five.
    #expect(reader.policies.policy(forPath: "/a.A/x")?.maximumAttempts == 5)
  }

  @Test(arguments: [
    ("", "1: the file is empty"), ("[]", "1: the file is not a mapping"),
    (#"{"methodConfg": []}"#, "1: methodConfg is unknown; did you mean methodConfig?"),
    (#"{"methodConfig": {}}"#, "1: methodConfig is not a list"),
    (
      #"{"loadBalancingConfig": []}"#,
      "1: loadBalancingConfig is not taken from a service config; the setting balancing.balancing_policy is for it"
    ),
    (
      #"{"methodConfig": [{"name": [{}], "timeout": "1s"}]}"#,
      "1: methodConfig[0].timeout is not taken from a service config; the setting times.unary_deadline is for it"
    ),
    (#"{"methodConfig": [{}]}"#, "1: methodConfig[0].name is missing; it lists the methods that are meant"),
    (
      #"{"methodConfig": [{"name": [{}]}, {"name": [{}]}]}"#,
      "1: methodConfig[1].name has a method that another methodConfig has already"
    ),
    (#"{"methodConfig": [{"name": [{}, {"method": "m"}]}]}"#, "1: methodConfig[0].name[1] has a method and no service"),
    (
      "retryThrottling: {maxTokens: 1001, tokenRatio: 1}",
      "1: retryThrottling.maxTokens is \"1001\", expected a number from 1 to 1000"
    ),
    (
      "retryThrottling: {maxTokens: 0, tokenRatio: 1}",
      "1: retryThrottling.maxTokens is \"0\", expected a number from 1 to 1000"
    ),
    (
      "retryThrottling: {maxTokens: 1, tokenRatio: 0}",
      "1: retryThrottling.tokenRatio is \"0\", expected a number greater than 0"
    ),
    ("retryThrottling: {maxTokens: 1, tokenRatio: 0.0009}", "1: retryThrottling.tokenRatio is less than a thousandth"),
    ("retryThrottling: {maxTokens: 1}", "1: retryThrottling.tokenRatio is missing"),
  ])
  func faultsHaveTheirPath(text: String, fault: String) {
    #expect(read(text).faults == ["calls.json:" + fault])
  }

  @Test(arguments: [
    ("maxAttempts: 1", "maxAttempts is \"1\", expected a number from 2 on"),
    (
      "initialBackoff: 0s",
      "initialBackoff is \"0s\", expected seconds such as \"0.5s\", greater than 0 and at most a day"
    ),
    (
      "maxBackoff: 86401s",
      "maxBackoff is \"86401s\", expected seconds such as \"0.5s\", greater than 0 and at most a day"
    ),
    ("maxBackoff: 1", "maxBackoff is \"1\", expected seconds such as \"0.5s\", greater than 0 and at most a day"),
    ("backoffMultiplier: 0", "backoffMultiplier is \"0\", expected a number greater than 0"),
    ("backoffMultiplier: .inf", "backoffMultiplier is \".inf\", expected a number greater than 0"),
    ("retryableStatusCodes: []", "retryableStatusCodes has no codes"),
    (
      "retryableStatusCodes: [GONE]",
      "retryableStatusCodes[0] is \"GONE\", expected the name of a code such as UNAVAILABLE"
    ),
    ("retryableStatusCodes: [0]", "retryableStatusCodes[0] is \"0\", expected the name of a code such as UNAVAILABLE"),
    ("maxAttempts:", "maxAttempts is \"\", expected a number from 2 on"),
  ])
  func faultsOfAPolicy(line: String, fault: String) {
    let key = String(line.prefix { $0 != ":" })
    let lines = [
      "maxAttempts: 2", "initialBackoff: 1s", "maxBackoff: 86400s", "backoffMultiplier: 1",
      "retryableStatusCodes: [UNAVAILABLE]",
    ].map { $0.hasPrefix(key) ? line : $0 }
    let text =
      "methodConfig:\n- name: [{}]\n  retryPolicy:\n" + lines.map { "    \($0)\n" }.joined()
    let faults = read(text).faults
    #expect(faults.count == 1)
    #expect(faults.first?.hasSuffix(": methodConfig[0].retryPolicy.\(fault)") == true, "\(faults)")
    // Nothing of it holds when the line is missing.
    let without = read(text.replacing("    \(line)\n", with: "")).faults
    #expect(without == ["calls.json:4: methodConfig[0].retryPolicy.\(key) is missing"])
  }
}
