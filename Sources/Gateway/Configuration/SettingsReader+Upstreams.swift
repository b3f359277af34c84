import GRPCUpstream
internal import ProtobufSchema
internal import Yams

/// The list of upstreams, which only the file can hold: a mapping for each.
///
///     upstreams:
///       - name: inventory                       # required
///         target: dns:///inventory:9009         # required
///         services: [shop.Inventory]            # one of these at least
///         paths: [/v1/stock]
///         balancing: least_request
///         authority: inventory.internal
///         tls: {ca: inventory-ca.pem}           # instead of upstream_tls, or
///         cleartext: true                       # in spite of it
///         health_service: shop.Inventory        # "*" for the whole server
extension SettingsReader {
  static let upstreamsKey = "upstreams"
  private static let upstreamKeys = [
    "name", "target", "services", "paths", "balancing", "authority", "health_service", "cleartext", "tls",
  ]

  mutating func readUpstreams(_ node: Node, file: String, folder: String) {
    guard let items = node.sequence else {
      return fail("\(file):\(Self.line(of: node)): upstreams is not a list")
    }
    for item in items {
      let place = "\(file):\(Self.line(of: item))"
      guard settings.upstreams.count < UpstreamDefinition.maximumCount else {
        return fail("\(place): there are more than \(UpstreamDefinition.maximumCount) upstreams")
      }
      if let definition = upstream(item, file: file, folder: folder, place: place) { add(definition, place: place) }
    }
  }

  private mutating func add(_ definition: UpstreamDefinition, place: String) {
    for other in settings.upstreams {
      if other.name == definition.name { fail("\(place): the upstream \(definition.name) stands there twice") }
      for service in definition.services where other.services.contains(service) {
        fail("\(place): \(service) is served by the upstream \(other.name) already")
      }
      for path in definition.paths where other.paths.contains(path) {
        fail("\(place): \(path) leads to the upstream \(other.name) already")
      }
    }
    append(definition)
  }

  private mutating func upstream(_ node: Node, file: String, folder: String, place: String) -> UpstreamDefinition? {
    guard let mapping = node.mapping else {
      fail("\(place): an upstream is not a mapping with name and target")
      return nil
    }
    var name: String?
    var target: UpstreamName?
    var isCleartext = false
    var security: (place: String, found: UpstreamTransportSecurity)?
    var rest = UpstreamDefinition(name: "", target: UpstreamName(host: "", port: 0))
    let before = faults.count
    for (keyNode, value) in mapping {
      let place = "\(file):\(Self.line(of: keyNode))"
      let key = keyNode.scalar?.string ?? ""
      guard Self.upstreamKeys.contains(key) else {
        fail("\(place): an upstream has no \(key)" + Self.hint(NearMiss.nearest(to: key, among: Self.upstreamKeys)))
        continue
      }
      if key == "tls" {
        security = upstreamSecurity(value, file: file, folder: folder, place: place).map { (place, $0) }
        continue
      }
      let texts = value.sequence.map { $0.compactMap(\.scalar?.string) } ?? value.scalar.map { [$0.string] } ?? []
      guard let text = texts.first, !text.isEmpty, value.sequence == nil || key == "services" || key == "paths" else {
        fail("\(place): \(key) of an upstream has no value")
        continue
      }
      switch key {
      case "name": name = upstreamName(text, place)
      case "target": target = parsed(.upstream, text, key, place)
      case "services": rest.services = texts
      case "paths": rest.paths = texts.filter { isPath($0, place) }
      case "balancing": rest.balancing = parsed(.choice, text, key, place)
      case "cleartext": isCleartext = parsed(.flag, text, key, place) ?? false
      case "authority": rest.authority = text
      default: rest.healthService = parsed(.healthService, text, key, place)
      }
    }
    if let security, isCleartext {
      fail("\(security.place): tls of an upstream does not go with cleartext")
    }
    guard faults.count == before else { return nil }
    guard let name, let target else {
      fail("\(place): an upstream needs a name and a target")
      return nil
    }
    guard !rest.services.isEmpty || !rest.paths.isEmpty else {
      fail("\(place): the upstream \(name) serves nothing: it needs services or paths")
      return nil
    }
    rest.name = name
    rest.target = target
    if isCleartext { rest.transport = .cleartext }
    if let security {
      rest.transport = .tls(security.found)
      note(security.place, as: Self.originOfTLS(name))
    }
    return rest
  }

  private mutating func upstreamName(_ text: String, _ place: String) -> String? {
    guard UpstreamDefinition.isName(text), text != UpstreamDefinition.defaultName else {
      fail(
        "\(place): name is \"\(text)\", expected at most \(UpstreamDefinition.maximumNameLength) letters, digits, "
          + "dots, hyphens and underscores, and not \(UpstreamDefinition.defaultName)")
      return nil
    }
    return text
  }

  private mutating func isPath(_ text: String, _ place: String) -> Bool {
    guard text.hasPrefix("/"), text.count > 1, !text.contains(where: { "{}*?#".contains($0) }) else {
      fail("\(place): paths has \"\(text)\", expected the beginning of a path such as /v1/orders")
      return false
    }
    return true
  }

  mutating func parsed<Value>(
    _ value: SettingValue<Value>, _ text: String, _ key: String, _ place: String
  ) -> Value? {
    if let parsed = value.parse(text) { return parsed }
    fail(
      "\(place): \(key) is \"\(text)\", expected \(value.expected)" + (value.fault(text).map { ": \($0)" } ?? ""))
    return nil
  }

  /// The list as a file has it.
  static func yaml(of upstreams: [UpstreamDefinition], quoted: (String) -> String) -> [String] {
    guard !upstreams.isEmpty else { return [] }
    var lines = ["\(upstreamsKey):"]
    for upstream in upstreams {
      lines.append("  - name: \(quoted(upstream.name))")
      lines.append("    target: \(quoted(upstream.target.description))")
      for (key, values) in [("services", upstream.services), ("paths", upstream.paths)] where !values.isEmpty {
        lines.append("    \(key):")
        lines += values.map { "      - \(quoted($0))" }
      }
      if let balancing = upstream.balancing { lines.append("    balancing: \(balancing.rawValue)") }
      if let authority = upstream.authority { lines.append("    authority: \(quoted(authority))") }
      switch upstream.transport {
      case .common: break
      case .cleartext: lines.append("    cleartext: true")
      case .tls(let security): lines += yaml(of: security.settings, quoted: quoted)
      }
      if let service = upstream.healthService {
        lines.append("    health_service: \(quoted(SettingValue.healthService.show(service)))")
      }
    }
    return lines
  }
}
