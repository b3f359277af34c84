import HTTPRule
import ProtobufSchema
import Transcoding

/// Says which upstream each route leads to: decided once, when a description is loaded.
///
/// The longest path that a route lies under wins, then the service of its method, then the upstream for everything.
struct UpstreamRouting {
  private let definitions: [UpstreamDefinition]
  /// Where in the list the upstream for everything is.
  private let fallback: Int?
  private var byService: [String: Int] = [:]
  private var byPath: [(prefix: [Substring], index: Int)] = []

  /// - Parameter definitions: in the order in which event loops keep them; the one for everything has the name that no
  ///   other may have.
  init(_ definitions: [UpstreamDefinition]) {
    self.definitions = definitions
    fallback = definitions.firstIndex { $0.name == UpstreamDefinition.defaultName }
    for (index, definition) in definitions.enumerated() {
      for service in definition.services { byService[service] = index }
      for path in definition.paths { byPath.append((Self.segments(of: path), index)) }
    }
    byPath.sort { $0.prefix.count > $1.prefix.count }
  }

  /// The place of the upstream in the list; nil when none serves the route.
  func index(of binding: MethodBinding) -> Int? {
    if let found = byPath.first(where: { Self.lies(binding.template, under: $0.prefix) }) { return found.index }
    return byService[Self.service(of: binding)] ?? fallback
  }

  /// What does not fit a description, a line each: services and paths that it does not have, routes that lead nowhere.
  func faults(in description: ServiceDescription) -> [String] {
    let services = description.schema.services.map(\.fullName)
    let known = Set(services)
    let bindings = description.bindings.bindings
    var faults: [String] = []
    for definition in definitions {
      for service in definition.services where !known.contains(service) {
        let nearest = NearMiss.nearest(to: service, among: services).map { "; did you mean \($0)?" } ?? ""
        faults.append("upstream \(definition.name): there is no service \(service)\(nearest)")
      }
      for path in definition.paths {
        let prefix = Self.segments(of: path)
        guard !bindings.contains(where: { Self.lies($0.template, under: prefix) }) else { continue }
        faults.append("upstream \(definition.name): no route lies under \(path)")
      }
    }
    var homeless: [String] = []
    for binding in bindings where index(of: binding) == nil {
      let service = Self.service(of: binding)
      if !homeless.contains(service) { homeless.append(service) }
    }
    return faults + homeless.map { "no upstream serves \($0): name it in the services of one, or set upstream" }
  }

  private static func service(of binding: MethodBinding) -> String {
    // "/pkg.Service/Method"
    String(binding.method.path.dropFirst().prefix { $0 != "/" })
  }

  private static func segments(of path: String) -> [Substring] { path.split(separator: "/") }

  private static func lies(_ template: PathTemplate, under prefix: [Substring]) -> Bool {
    guard template.segments.count >= prefix.count else { return false }
    return zip(template.segments, prefix).allSatisfy { segment, literal in
      if case .literal(let text) = segment { text == literal } else { false }
    }
  }
}
