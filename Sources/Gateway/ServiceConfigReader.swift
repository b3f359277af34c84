import GRPCUpstream
import GRPCWire
import NIOCore
import ProtobufSchema
import Yams

/// Reads gRPC's service config, JSON or YAML, for its retry policies; every fault is told with its line and path.
///
///     {"methodConfig": [{"name": [{"service": "pkg.Service", "method": "Method"}],
///                        "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": "1s",
///                                        "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}],
///      "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1}}
///
/// What else a service config may say is refused, since it would be passed over here: this gateway has settings of its
/// own for it. Source: https://github.com/grpc/grpc-proto/blob/master/grpc/service_config/service_config.proto
struct ServiceConfigReader {
  private let file: String
  private(set) var policies = RetryPolicies()
  /// A line each.
  private(set) var faults: [String] = []

  init(file: String) { self.file = file }

  mutating func read(_ text: String) {
    do {
      guard let root = try Yams.compose(yaml: text) else { return fail(nil, "the file", "is empty") }
      readRoot(root)
    } catch let error as YamlError {
      let (line, message) = error.placed(in: text)
      faults.append("\(file):\(line): \(message)")
    } catch {
      faults.append("\(file): neither JSON nor YAML")
    }
  }

  private mutating func readRoot(_ root: Node) {
    for (key, value) in members(root, "", known: ["methodConfig", "retryThrottling"], elsewhere: Self.rootElsewhere) {
      if key == "methodConfig" {
        for (index, item) in elements(value, key).enumerated() { readMethod(item, "methodConfig[\(index)]") }
      } else {
        readThrottling(value, key)
      }
    }
  }

  private static let rootElsewhere = [
    "loadBalancingPolicy": "balancing.balancing_policy", "loadBalancingConfig": "balancing.balancing_policy",
    "healthCheckConfig": "balancing.health_service",
  ]
  private static let methodElsewhere = [
    "timeout": "times.unary_deadline", "waitForReady": "upstream_limits.connect_timeout",
    "maxRequestMessageBytes": "limits.max_request_body",
    "maxResponseMessageBytes": "upstream_limits.max_upstream_message",
  ]

  private mutating func readMethod(_ node: Node, _ path: String) {
    var names: [RetryPolicies.Name] = []
    var policy: RetryPolicy?
    let known = ["name", "retryPolicy"]
    for (key, value) in members(node, path, known: known, elsewhere: Self.methodElsewhere) {
      if key == "name" {
        for (index, item) in elements(value, "\(path).name").enumerated() {
          if let name = readName(item, "\(path).name[\(index)]") { names.append(name) }
        }
      } else {
        policy = readPolicy(value, "\(path).retryPolicy")
      }
    }
    if names.isEmpty { fail(node, "\(path).name", "is missing; it lists the methods that are meant") }
    for name in names where !policies.add(policy, for: name) {
      fail(node, "\(path).name", "has a method that another methodConfig has already")
    }
  }

  private mutating func readName(_ node: Node, _ path: String) -> RetryPolicies.Name? {
    var service = ""
    var method = ""
    for (key, value) in members(node, path, known: ["service", "method"]) {
      let text = value.scalar?.string ?? ""
      if key == "service" { service = text } else { method = text }
    }
    guard method.isEmpty || !service.isEmpty else {
      fail(node, path, "has a method and no service")
      return nil
    }
    if service.isEmpty { return .everything }
    return method.isEmpty ? .service(service) : .method(service, method)
  }

  private mutating func readPolicy(_ node: Node, _ path: String) -> RetryPolicy? {
    let keys = ["maxAttempts", "initialBackoff", "maxBackoff", "backoffMultiplier", "retryableStatusCodes"]
    let before = faults.count
    var found: [String: Node] = [:]
    for (key, value) in members(node, path, known: keys) { found[key] = value }
    for key in keys where found[key] == nil { fail(node, "\(path).\(key)", "is missing") }
    let attempts = found["maxAttempts"].flatMap { number($0, "\(path).maxAttempts", "a number from 2 on") { $0 >= 2 } }
    let initial = found["initialBackoff"].flatMap { duration($0, "\(path).initialBackoff") }
    let maximum = found["maxBackoff"].flatMap { duration($0, "\(path).maxBackoff") }
    let multiplier = found["backoffMultiplier"].flatMap {
      decimal($0, "\(path).backoffMultiplier", "a number greater than 0")
    }
    var codes: Set<GRPCCode> = []
    if let list = found["retryableStatusCodes"] { codes = readCodes(list, "\(path).retryableStatusCodes") }
    guard faults.count == before, let attempts, let initial, let maximum, let multiplier else { return nil }
    return RetryPolicy(
      maximumAttempts: attempts, initialBackoff: initial, maximumBackoff: maximum, backoffMultiplier: multiplier,
      retryableCodes: codes)
  }

  private mutating func readCodes(_ node: Node, _ path: String) -> Set<GRPCCode> {
    var codes: Set<GRPCCode> = []
    let items = elements(node, path)
    for (index, item) in items.enumerated() {
      let text = item.scalar?.string ?? ""
      let code = GRPCCode(name: text) ?? Int(text).flatMap(GRPCCode.init(rawValue:))
      guard let code, code != .ok else {
        fail(item, "\(path)[\(index)]", "is \"\(text)\", expected the name of a code such as UNAVAILABLE")
        continue
      }
      codes.insert(code)
    }
    if items.isEmpty { fail(node, path, "has no codes") }
    return codes
  }

  private mutating func readThrottling(_ node: Node, _ path: String) {
    var found: [String: Node] = [:]
    for (key, value) in members(node, path, known: ["maxTokens", "tokenRatio"]) { found[key] = value }
    for key in ["maxTokens", "tokenRatio"] where found[key] == nil { fail(node, "\(path).\(key)", "is missing") }
    let limit = RetryThrottling.tokenLimit
    let tokens = found["maxTokens"].flatMap {
      number($0, "\(path).maxTokens", "a number from 1 to \(limit)") { (1...limit).contains($0) }
    }
    let ratio = found["tokenRatio"].flatMap { decimal($0, "\(path).tokenRatio", "a number greater than 0") }
    guard let tokens, let ratio else { return }
    // Three decimals count (gRFC A6); more than all tokens is all of them.
    let thousandths = Int(min(ratio, Double(limit)) * 1000)
    guard thousandths > 0 else { return fail(node, "\(path).tokenRatio", "is less than a thousandth") }
    policies.throttling = RetryThrottling(maximumTokens: tokens, tokenRatioThousandths: thousandths)
  }
}

// MARK: - The tree

extension ServiceConfigReader {
  private mutating func members(
    _ node: Node, _ path: String, known: [String], elsewhere: [String: String] = [:]
  ) -> [(key: String, value: Node)] {
    guard let mapping = node.mapping else {
      fail(node, path.isEmpty ? "the file" : path, "is not a mapping")
      return []
    }
    var found: [(key: String, value: Node)] = []
    for (keyNode, value) in mapping {
      let key = keyNode.scalar?.string ?? ""
      let here = path.isEmpty ? key : "\(path).\(key)"
      if known.contains(key) {
        found.append((key, value))
      } else if let setting = elsewhere[key] {
        fail(keyNode, here, "is not taken from a service config; the setting \(setting) is for it")
      } else {
        let nearest = NearMiss.nearest(to: key, among: known).map { "; did you mean \($0)?" } ?? ""
        fail(keyNode, here, "is unknown\(nearest)")
      }
    }
    return found
  }

  private mutating func elements(_ node: Node, _ path: String) -> [Node] {
    guard let sequence = node.sequence else {
      fail(node, path, "is not a list")
      return []
    }
    return Array(sequence)
  }

  private mutating func number(_ node: Node, _ path: String, _ expected: String, _ holds: (Int) -> Bool) -> Int? {
    let text = node.scalar?.string ?? ""
    if let number = Int(text), holds(number) { return number }
    fail(node, path, "is \"\(text)\", expected \(expected)")
    return nil
  }

  private mutating func decimal(_ node: Node, _ path: String, _ expected: String) -> Double? {
    let text = node.scalar?.string ?? ""
    if let number = Double(text), number.isFinite, number > 0 { return number }
    fail(node, path, "is \"\(text)\", expected \(expected)")
    return nil
  }

  /// `google.protobuf.Duration` in JSON: seconds with an `s`.
  private mutating func duration(_ node: Node, _ path: String) -> TimeAmount? {
    let text = node.scalar?.string ?? ""
    if text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds.isFinite, seconds > 0, seconds <= 86_400 {
      return .nanoseconds(Int64(seconds * 1e9))
    }
    fail(node, path, "is \"\(text)\", expected seconds such as \"0.5s\", greater than 0 and at most a day")
    return nil
  }

  private mutating func fail(_ node: Node?, _ path: String, _ what: String) {
    faults.append("\(file):\(node?.mark?.line ?? 1): \(path) \(what)")
  }
}
