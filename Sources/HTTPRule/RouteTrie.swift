/// The frozen form of a route table: path segments in, number of a route out.
///
/// A tree with one edge per segment of a template. Literals are numbers (`LiteralTable`), so an edge is one
/// look-up in one table of the whole trie, and every segment of a request is hashed once, however often the
/// walk comes back to it.
///
/// **Work is bounded.** A node lies at one depth and is reached by one way, so a walk enters it at most once,
/// whatever the path: backtracking costs at most the number of nodes (twice, if the path ends in a registered
/// verb). Only the first `depth` segments of a path are kept; the rest is only checked for its escapes.
@usableFromInline
final class RouteTrie: Sendable {
  struct Node: Sendable {
    /// The child for `*`, or -1.
    var wildcard: Int32 = -1
    /// The child for `**`, or -1; it has no children.
    var doubleWildcard: Int32 = -1
    /// The endings of templates that have no verb, an index into `endings`, or -1.
    var plainEnding: Int32 = -1
    var hasLiterals = false
    var hasVerbs = false
  }

  /// The routes of one template: a range of `methodRoutes`.
  struct Ending: Sendable {
    var first: Int32
    var count: Int32
  }

  struct MethodRoute: Sendable {
    /// A number from `methodNumber`.
    var method: Int32
    var route: Int32
  }

  struct Capture: Sendable {
    var first: Int
    var afterLast: Int
    var isMultiSegment: Bool
    var isOpenEnded: Bool
  }

  static let anyMethod: Int32 = 0
  static let getMethod: Int32 = 1
  static let headMethod: Int32 = 2
  /// A method that no request has and that not even `anyMethod` accepts.
  static let noMethod: Int32 = -2

  let nodes: [Node]
  let literals: LiteralTable
  /// (node, literal) -> node
  let children: PairTable
  /// (node, verb) -> ending
  let verbs: PairTable
  let hasVerbs: Bool
  let endings: [Ending]
  let methodRoutes: [MethodRoute]
  /// By number; `anyMethod`, `getMethod` and `headMethod` come first.
  let methods: [String]
  /// The variables of each route.
  let captures: [[Capture]]
  /// The most segments before the end or the `**` of a template.
  let depth: Int
  let fullyDecodesReservedExpansion: Bool

  init(
    _ routes: [(method: MethodPattern, template: PathTemplate)], fullyDecodesReservedExpansion: Bool
  ) {
    var draft = RouteTrieDraft()
    for (index, route) in routes.enumerated() {
      draft.insert(route.template, route.method, route: Int32(clamping: index))
    }
    nodes = draft.nodes
    literals = draft.literals
    children = PairTable(draft.children.map { ($0.key.node, $0.key.literal, value: $0.value) })
    hasVerbs = !draft.verbEndings.isEmpty
    var endings: [Ending] = []
    var methodRoutes: [MethodRoute] = []
    for ending in draft.endings {
      endings.append(
        Ending(first: Int32(clamping: methodRoutes.count), count: Int32(clamping: ending.count)))
      methodRoutes += ending
    }
    verbs = PairTable(draft.verbEndings.map { ($0.key.node, $0.key.literal, value: $0.value) })
    self.endings = endings
    self.methodRoutes = methodRoutes
    methods = draft.methods
    depth = draft.depth
    captures = routes.map { route in
      route.template.variables.map {
        Capture(
          first: $0.segments.lowerBound, afterLast: $0.segments.upperBound,
          isMultiSegment: $0.isMultiSegment, isOpenEnded: $0.isOpenEnded)
      }
    }
    self.fullyDecodesReservedExpansion = fullyDecodesReservedExpansion
  }

  /// The number of a method, or -1 for one that no route names.
  func methodNumber(_ method: String) -> Int32 {
    for index in 1..<methods.count where methods[index] == method { return Int32(truncatingIfNeeded: index) }
    return -1
  }
}

/// A trie that still grows.
struct RouteTrieDraft {
  struct Edge: Hashable {
    let node: Int32
    let literal: Int32
  }

  private(set) var nodes = [RouteTrie.Node()]
  private(set) var literals = LiteralTable()
  private(set) var children: [Edge: Int32] = [:]
  private(set) var verbEndings: [Edge: Int32] = [:]
  private(set) var endings: [[RouteTrie.MethodRoute]] = []
  private(set) var methods = ["*", "GET", "HEAD"]
  private(set) var depth = 0

  mutating func insert(_ template: PathTemplate, _ method: MethodPattern, route: Int32) {
    var node: Int32 = 0
    var length = 0
    for segment in template.segments {
      switch segment {
      case .literal(let literal):
        node = child(of: node, literal: literals.number(interning: literal))
        length += 1
      case .wildcard:
        node = child(of: node, \.wildcard)
        length += 1
      case .doubleWildcard:
        node = child(of: node, \.doubleWildcard)
      }
    }
    depth = max(depth, length)
    let ending = ending(at: node, verb: template.verb)
    endings[Int(ending)].append(RouteTrie.MethodRoute(method: number(of: method), route: route))
  }

  private mutating func child(of node: Int32, literal: Int32) -> Int32 {
    let edge = Edge(node: node, literal: literal)
    if let child = children[edge] { return child }
    let child = newNode()
    children[edge] = child
    nodes[Int(node)].hasLiterals = true
    return child
  }

  private mutating func child(of node: Int32, _ edge: WritableKeyPath<RouteTrie.Node, Int32>) -> Int32 {
    let existing = nodes[Int(node)][keyPath: edge]
    if existing >= 0 { return existing }
    let child = newNode()
    nodes[Int(node)][keyPath: edge] = child
    return child
  }

  private mutating func newNode() -> Int32 {
    nodes.append(RouteTrie.Node())
    return Int32(clamping: nodes.count - 1)
  }

  private mutating func ending(at node: Int32, verb: String?) -> Int32 {
    let next = Int32(clamping: endings.count)
    if let verb {
      let edge = Edge(node: node, literal: literals.number(interning: verb))
      if let ending = verbEndings[edge] { return ending }
      verbEndings[edge] = next
      nodes[Int(node)].hasVerbs = true
    } else {
      let ending = nodes[Int(node)].plainEnding
      if ending >= 0 { return ending }
      nodes[Int(node)].plainEnding = next
    }
    endings.append([])
    return next
  }

  private mutating func number(of method: MethodPattern) -> Int32 {
    guard case .exactly(let name) = method else { return RouteTrie.anyMethod }
    if let index = methods.dropFirst().firstIndex(of: name) { return Int32(clamping: index) }
    methods.append(name)
    return Int32(clamping: methods.count - 1)
  }
}
