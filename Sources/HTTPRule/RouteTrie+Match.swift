extension RouteTrie {
  /// What the walk found, before targets come into it.
  @usableFromInline
  enum Finding {
    case route(Int, [CapturedVariable])
    case methodNotAllowed([String])
    case notFound
    case malformed(PercentDecodingError)
  }

  /// One segment of the path under way.
  struct PathSegment {
    var start: Int
    var end: Int
    /// The number of the literal it spells, `LiteralTable.none` for none.
    var literal: Int32
    var isEncoded: Bool
  }

  /// Splits the raw path on `/`, checks every escape of it, and walks the trie: first, if the path ends in a
  /// registered verb, for the templates that have it, then for the others, to which a `:` is like any letter.
  @usableFromInline
  func find(method: String, path: RawSpan) -> Finding {
    path.withUnsafeBytes { find(method: methodNumber(method), path: $0) }
  }

  /// The methods of every template that matches the path.
  func allowedMethods(path: RawSpan) -> [String] {
    let finding = path.withUnsafeBytes { find(method: Self.noMethod, path: $0) }
    guard case .methodNotAllowed(let methods) = finding else { return [] }
    return methods
  }

  private func find(method: Int32, path: UnsafeRawBufferPointer) -> Finding {
    guard path.first == UInt8(ascii: "/") else { return .notFound }
    return withUnsafeTemporaryAllocation(of: PathSegment.self, capacity: depth + 1) { segments -> Finding in
      let split: SplitPath
      switch self.split(path, into: segments) {
      case .success(let result): split = result
      case .failure(let error): return .malformed(error)
      }
      var walk = RouteWalk(
        trie: self, method: method, segments: segments, count: split.count,
        isTruncated: split.isTruncated, pathEnd: path.count)

      if let verb = verb(of: path) {
        let last = split.count - 1
        let whole = split.isTruncated ? nil : segments[last]
        if let whole {
          segments[last].end = verb.colon
          segments[last].literal = number(of: path, whole.start..<verb.colon, isEncoded: whole.isEncoded)
        }
        walk.verb = verb.number
        walk.pathEnd = verb.colon
        if let route = walk.run() { return .route(route, walk.variables(of: route)) }
        if let whole { segments[last] = whole }
        walk.verb = LiteralTable.none
        walk.pathEnd = path.count
      }
      if let route = walk.run() { return .route(route, walk.variables(of: route)) }
      return walk.refused.isEmpty ? .notFound : .methodNotAllowed(allowedMethods(walk.refused))
    }
  }

  private struct SplitPath {
    var count: Int
    /// Whether the path has more segments than were kept.
    var isTruncated: Bool
  }

  /// Fills in the first `depth` segments (at least one), and checks the escapes of the whole path.
  @inline(__always)
  private func split(
    _ path: UnsafeRawBufferPointer, into segments: UnsafeMutableBufferPointer<PathSegment>
  ) -> Result<SplitPath, PercentDecodingError> {
    var count = 0
    var index = 1
    while true {
      let start = index
      var hash = LiteralTable.hashSeed
      var isEncoded = false
      while index < path.count, path[index] != UInt8(ascii: "/") {
        var byte = path[index]
        if byte == UInt8(ascii: "%") {
          guard index + 2 < path.count, let decoded = PercentDecoding.byte(path[index + 1], path[index + 2])
          else { return .failure(PercentDecodingError(offset: index)) }
          byte = decoded
          isEncoded = true
          index += 2
        }
        hash = LiteralTable.hash(hash, adding: byte)
        index += 1
      }
      let text = UnsafeRawBufferPointer(rebasing: path[start..<index])
      let literal = literals.find(hash: hash, text, isEncoded: isEncoded)
      segments[count] = PathSegment(start: start, end: index, literal: literal, isEncoded: isEncoded)
      count += 1
      if index == path.count { return .success(SplitPath(count: count, isTruncated: false)) }
      index += 1
      if count == segments.count { break }
    }
    if let error = firstMalformedEscape(path, from: index) { return .failure(error) }
    return .success(SplitPath(count: count, isTruncated: true))
  }

  private func firstMalformedEscape(_ path: UnsafeRawBufferPointer, from start: Int) -> PercentDecodingError? {
    var index = start
    while index < path.count {
      if path[index] == UInt8(ascii: "%") {
        guard index + 2 < path.count, PercentDecoding.byte(path[index + 1], path[index + 2]) != nil else {
          return PercentDecodingError(offset: index)
        }
        index += 3
      } else {
        index += 1
      }
    }
    return nil
  }

  /// The text after the last `:` of the last segment, if some template has it as its verb.
  @inline(__always)
  private func verb(of path: UnsafeRawBufferPointer) -> (number: Int32, colon: Int)? {
    guard hasVerbs else { return nil }
    var colon = path.count - 1
    while path[colon] != UInt8(ascii: ":") {
      if path[colon] == UInt8(ascii: "/") { return nil }
      colon -= 1
    }
    let number = number(of: path, colon + 1..<path.count, isEncoded: true)
    return number == LiteralTable.none ? nil : (number, colon)
  }

  /// The number of the literal in a part of the path whose escapes have been checked.
  private func number(of path: UnsafeRawBufferPointer, _ range: Range<Int>, isEncoded: Bool) -> Int32 {
    var hash = LiteralTable.hashSeed
    var index = range.lowerBound
    while index < range.upperBound {
      var byte = path[index]
      if byte == UInt8(ascii: "%"), index + 2 < path.count,
        let decoded = PercentDecoding.byte(path[index + 1], path[index + 2])
      {
        byte = decoded
        index += 2
      }
      hash = LiteralTable.hash(hash, adding: byte)
      index += 1
    }
    return literals.find(hash: hash, UnsafeRawBufferPointer(rebasing: path[range]), isEncoded: isEncoded)
  }

  /// The union of the methods of these endings, sorted, each once.
  func allowedMethods(_ endings: [Int32]) -> [String] {
    var allowed: Set<String> = ["OPTIONS"]
    for ending in endings {
      let ending = self.endings[Int(ending)]
      for index in ending.first..<ending.first + ending.count {
        let method = methodRoutes[Int(index)].method
        if method == Self.anyMethod {
          allowed.formUnion(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        } else {
          allowed.insert(methods[Int(method)])
          if method == Self.getMethod { allowed.insert("HEAD") }
        }
      }
    }
    return allowed.sorted()
  }
}
