internal import Yams

/// Walks the YAML tree of a service configuration and collects rules and faults.
struct ServiceConfigurationReader {
  let file: String
  private(set) var declarations: [HTTPRuleDeclaration] = []
  private(set) var fullyDecodesReservedExpansion = false
  private(set) var errors: [HTTPRuleError] = []

  init(file: String) { self.file = file }

  mutating func read(_ yaml: String) {
    do {
      guard let root = try Yams.compose(yaml: yaml) else {
        return fail(line: 1, "the file is empty; a google.api.Service with `http.rules` is expected")
      }
      readService(root)
    } catch let error as YamlError {
      let (line, message) = error.placed(in: yaml)
      fail(line: line, message)
    } catch {
      fail(line: 1, "the file is not YAML (\(error))")
    }
  }

  /// The fields of `google.api.Service`; only `http` is ours.
  private static let serviceKeys: Set<String> = [
    "apis", "aspects", "authentication", "backend", "billing", "config_version", "context", "control", "custom_error",
    "documentation", "endpoints", "enums", "experimental", "features", "http", "id", "legacy", "logging", "logs",
    "metrics", "monitored_resources", "monitoring", "name", "producer_project_id", "publishing", "quota", "source_info",
    "system_parameters", "system_types", "title", "type", "types", "usage", "visibility",
  ]

  private mutating func readService(_ node: Node) {
    for (key, value, line) in members(of: node, what: "the file", known: Self.serviceKeys) {
      switch key {
      case "type":
        guard let type = text(value, what: "type"), type != "google.api.Service" else { continue }
        fail(line: line, "type is \"\(type)\", expected google.api.Service")
      case "http": readHTTP(value)
      default: continue
      }
    }
  }

  private mutating func readHTTP(_ node: Node) {
    for (key, value, line) in members(of: node, what: "http", known: ["rules", "fully_decode_reserved_expansion"]) {
      switch key {
      case "rules":
        for element in elements(of: value, what: "http.rules", line: line) {
          let rule = readRule(element)
          declarations += rule.declarations(errors: &errors)
        }
      default:
        switch text(value, what: key) {
        case "true": fullyDecodesReservedExpansion = true
        case "false": fullyDecodesReservedExpansion = false
        case let other?: fail(line: line, "\(key) is \"\(other)\", expected true or false")
        case nil: continue
        }
      }
    }
  }

  private static let ruleKeys: Set<String> = [
    "selector", "get", "put", "post", "delete", "patch", "custom", "body", "response_body", "additional_bindings",
  ]

  private mutating func readRule(_ node: Node, depth: Int = 0) -> HTTPRuleMessage {
    var rule = HTTPRuleMessage(origin: origin(line: self.line(of: node)))
    for (key, value, line) in members(of: node, what: "a rule", known: Self.ruleKeys) {
      switch key {
      case "selector": rule.selector = text(value, what: key) ?? ""
      case "get": addPattern(.get, value, key, to: &rule)
      case "put": addPattern(.put, value, key, to: &rule)
      case "post": addPattern(.post, value, key, to: &rule)
      case "delete": addPattern(.delete, value, key, to: &rule)
      case "patch": addPattern(.patch, value, key, to: &rule)
      case "custom": rule.patterns.append(readCustomPattern(value))
      case "body": rule.body = text(value, what: key) ?? ""
      case "response_body": rule.responseBody = text(value, what: key) ?? ""
      default:
        // One level is legal and a second is reported by the declarations; more is not looked into.
        guard depth < 2 else { continue }
        for element in elements(of: value, what: key, line: line) {
          rule.additionalBindings.append(readRule(element, depth: depth + 1))
        }
      }
    }
    return rule
  }

  private mutating func addPattern(
    _ method: HTTPRuleDeclaration.Method, _ value: Node, _ key: String, to rule: inout HTTPRuleMessage
  ) {
    rule.patterns.append(.init(method: method, template: text(value, what: key) ?? ""))
  }

  private mutating func readCustomPattern(_ node: Node) -> HTTPRuleMessage.Pattern {
    var (kind, path) = ("", "")
    for (key, value, _) in members(of: node, what: "custom", known: ["kind", "path"]) {
      if key == "kind" { kind = text(value, what: key) ?? "" } else { path = text(value, what: key) ?? "" }
    }
    return .init(method: .custom(kind), template: path)
  }
}

// MARK: - The tree

extension ServiceConfigurationReader {
  /// The members of a mapping with their keys in snake_case; unknown and repeated ones are reported and left out.
  private mutating func members(
    of node: Node, what: String, known: Set<String>
  ) -> [(key: String, value: Node, line: Int)] {
    guard let mapping = node.mapping else {
      fail(line: line(of: node), "\(what) is \(Self.kind(of: node)), expected a mapping")
      return []
    }
    var found: [(key: String, value: Node, line: Int)] = []
    for (keyNode, value) in mapping {
      let line = line(of: keyNode)
      guard let name = keyNode.scalar?.string else {
        fail(line: line, "a key is \(Self.kind(of: keyNode)), expected a name")
        continue
      }
      let key = known.contains(name) ? name : Self.snakeCase(name)
      guard known.contains(key) else {
        let nearest = NearMiss.nearest(to: name, among: known.sorted())
        fail(line: line, "\(what) has no key \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
        continue
      }
      guard !found.contains(where: { $0.key == key }) else {
        fail(line: line, "\(what) has the key \"\(key)\" twice")
        continue
      }
      found.append((key, value, line))
    }
    return found
  }

  private mutating func elements(of node: Node, what: String, line: Int) -> [Node] {
    guard let sequence = node.sequence else {
      fail(line: line, "\(what) is \(Self.kind(of: node)), expected a list")
      return []
    }
    return Array(sequence)
  }

  /// A scalar's text as it was written; nil, and a fault, for what is no scalar or is null.
  private mutating func text(_ node: Node, what: String) -> String? {
    guard let scalar = node.scalar, !Self.isNull(scalar) else {
      fail(line: line(of: node), "\(what) is \(Self.kind(of: node)), expected text")
      return nil
    }
    return scalar.string
  }

  private mutating func fail(line: Int, _ message: String) {
    errors.append(HTTPRuleError(origin: origin(line: line), message: message))
  }

  private func origin(line: Int) -> HTTPRuleDeclaration.Origin { .file(file, line: line) }
  private func line(of node: Node) -> Int { node.mark?.line ?? 1 }

  private static func isNull(_ scalar: Node.Scalar) -> Bool {
    scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private static func kind(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): isNull(scalar) ? "empty" : "text"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  private static func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { text, character in
      text += character.isUppercase ? "_" + character.lowercased() : String(character)
    }
  }

  /// A fault of YAML itself: its line, and libyaml's words.
}
