/// One search through a trie: literal before `*` before `**`, coming back when a way ends without a route,
/// also when what it ended at only lacks the method.
///
/// It borrows the trie and the segments for the length of one call and is never stored.
struct RouteWalk {
  unowned(unsafe) let trie: RouteTrie
  /// A number from `RouteTrie.methodNumber`.
  let method: Int32
  let segments: UnsafeMutableBufferPointer<RouteTrie.PathSegment>
  let count: Int
  /// Whether the path goes on after the last of `segments`; only `**` can match it then.
  let isTruncated: Bool
  /// Where the path ends, without its verb if one is being looked for.
  var pathEnd: Int
  var verb = LiteralTable.none
  /// The endings that matched the path but not the method.
  private(set) var refused: [Int32] = []

  init(
    trie: RouteTrie, method: Int32, segments: UnsafeMutableBufferPointer<RouteTrie.PathSegment>,
    count: Int, isTruncated: Bool, pathEnd: Int
  ) {
    self.trie = trie
    self.method = method
    self.segments = segments
    self.count = count
    self.isTruncated = isTruncated
    self.pathEnd = pathEnd
  }

  mutating func run() -> Int? {
    let route = visit(0, 0)
    return route < 0 ? nil : Int(route)
  }

  /// The route below `node` for the segments from `index` on, or -1. The depth of the recursion is that of
  /// the trie, at most `PathTemplate.maximumSegments`.
  private mutating func visit(_ node: Int32, _ index: Int) -> Int32 {
    let children = trie.nodes[Int(node)]
    if index < count {
      let segment = segments[index]
      if children.hasLiterals, segment.literal != LiteralTable.none {
        let child = trie.children.value(node, segment.literal)
        if child >= 0 {
          let route = visit(child, index + 1)
          if route >= 0 { return route }
        }
      }
      if children.wildcard >= 0, segment.end > segment.start {
        let route = visit(children.wildcard, index + 1)
        if route >= 0 { return route }
      }
    } else if !isTruncated {
      let route = end(at: node)
      if route >= 0 { return route }
    }
    return children.doubleWildcard >= 0 ? end(at: children.doubleWildcard) : -1
  }

  /// The route that ends at `node` and accepts the method, or -1.
  private mutating func end(at node: Int32) -> Int32 {
    let ending: Int32
    if verb == LiteralTable.none {
      ending = trie.nodes[Int(node)].plainEnding
    } else {
      ending = trie.nodes[Int(node)].hasVerbs ? trie.verbs.value(node, verb) : -1
    }
    guard ending >= 0 else { return -1 }
    guard method != RouteTrie.noMethod else {
      refused.append(ending)
      return -1
    }
    let range = trie.endings[Int(ending)]
    var (get, any): (Int32, Int32) = (-1, -1)
    for index in range.first..<range.first + range.count {
      let candidate = trie.methodRoutes[Int(index)]
      if candidate.method == method { return candidate.route }
      if candidate.method == RouteTrie.getMethod { get = candidate.route }
      if candidate.method == RouteTrie.anyMethod { any = candidate.route }
    }
    if method == RouteTrie.headMethod, get >= 0 { return get }
    if any >= 0 { return any }
    refused.append(ending)
    return -1
  }

  func variables(of route: Int) -> [CapturedVariable] {
    let captures = trie.captures[route]
    return captures.isEmpty ? [] : captures.map(variable)
  }

  private func variable(_ capture: RouteTrie.Capture) -> CapturedVariable {
    let start = start(ofSegment: capture.first)
    let end = capture.isOpenEnded ? pathEnd : segments[capture.afterLast - 1].end
    let slashesDecodedFrom: Int
    if !capture.isMultiSegment {
      slashesDecodedFrom = start
    } else if capture.isOpenEnded, trie.fullyDecodesReservedExpansion {
      slashesDecodedFrom = self.start(ofSegment: capture.afterLast - 1)
    } else {
      slashesDecodedFrom = end
    }
    return CapturedVariable(start: start, end: end, slashesDecodedFrom: slashesDecodedFrom)
  }

  /// Where the segment begins; a `**` that matched nothing begins where the path ends.
  private func start(ofSegment index: Int) -> Int {
    if index < count { return segments[index].start }
    guard isTruncated, count > 0 else { return pathEnd }
    return min(segments[count - 1].end + 1, pathEnd)
  }
}
