/// A frozen set of routes: method and raw path in, target and variables out.
///
/// Matching works on the path as it came: it is split on `/` first and each part is decoded once, so `%2F`
/// never separates segments. Dot segments are ordinary ones. Where several templates match, they are compared
/// segment by segment and a literal wins over `*`, `*` over `**`; a template whose verb the path ends in wins
/// over one that takes the verb for a part of a value. A template that matches but lacks the method gives way
/// to the next. `*` does not match an empty segment, `**` matches anything, also nothing.
public struct RouteTable<Target: Sendable>: Sendable {
  public struct Route: Sendable {
    public let method: MethodPattern
    public let template: PathTemplate
    /// Where the rule was written, for texts.
    public let source: String
    public let target: Target
  }

  /// In the order they were added.
  public let routes: [Route]
  @usableFromInline let trie: RouteTrie

  init(_ routes: [Route], fullyDecodesReservedExpansion: Bool) {
    self.routes = routes
    trie = RouteTrie(
      routes.map { ($0.method, $0.template) }, fullyDecodesReservedExpansion: fullyDecodesReservedExpansion)
  }

  /// Looks up a raw path, without query and fragment.
  @inlinable
  public func match(method: String, path: RawSpan) -> RouteMatch<Target> {
    switch trie.find(method: method, path: path) {
    case .route(let index, let variables): .matched(routes[index].target, variables)
    case .methodNotAllowed(let methods): .methodNotAllowed(allow: methods)
    case .notFound: .notFound
    case .malformed(let error): .malformed(error)
    }
  }

  /// The methods that some route of this path answers to, sorted; empty where no template matches.
  ///
  /// The value of `Allow` in the answer to `OPTIONS`, also where a route answers to any method.
  public func allowedMethods(path: RawSpan) -> [String] {
    trie.allowedMethods(path: path)
  }
}
