/// Collects routes and refuses two that answer to the same requests.
public struct RouteTableBuilder<Target: Sendable> {
  private struct Key: Hashable {
    let method: MethodPattern
    let segments: [PathTemplate.Segment]
    let verb: String?
  }

  /// `fully_decode_reserved_expansion` of `http.proto`: what `**` matched inside a variable is decoded whole,
  /// `%2F` too.
  public var fullyDecodesReservedExpansion = false
  private var routes: [RouteTable<Target>.Route] = []
  private var routeByKey: [Key: Int] = [:]

  public init() {}

  /// Adds a route. Throws, and leaves the table as it was, if another has the same method and matches the
  /// same paths; variables' names do not tell templates apart.
  ///
  /// `source` says where the rule was written ("order.http.yaml:12", "annotation of pkg.Service.Method").
  public mutating func add(
    _ method: MethodPattern, _ template: PathTemplate, source: String, target: Target
  ) throws(RouteConflict) {
    let key = Key(method: method, segments: template.segments, verb: template.verb)
    if let existing = routeByKey[key] {
      let route = routes[existing]
      throw RouteConflict(
        method: method, first: route.template, firstSource: route.source, second: template,
        secondSource: source)
    }
    routeByKey[key] = routes.count
    routes.append(RouteTable.Route(method: method, template: template, source: source, target: target))
  }

  /// The target that `add` would collide with.
  public func existing(_ method: MethodPattern, _ template: PathTemplate) -> Target? {
    routeByKey[Key(method: method, segments: template.segments, verb: template.verb)].map { routes[$0].target }
  }

  public func build() -> RouteTable<Target> {
    RouteTable(routes, fullyDecodesReservedExpansion: fullyDecodesReservedExpansion)
  }
}

/// Two rules that answer to the same requests.
public struct RouteConflict: Error, Hashable, CustomStringConvertible {
  public let method: MethodPattern
  public let first: PathTemplate
  public let firstSource: String
  public let second: PathTemplate
  public let secondSource: String

  public var description: String {
    "\(secondSource): \(method) \(second) clashes with \(method) \(first) of \(firstSource)"
  }
}
