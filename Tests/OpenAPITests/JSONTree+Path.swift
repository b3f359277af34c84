import JSONTree

extension JSONTree {
  /// The node at the end of these member names, `null` where there is none.
  func at(_ path: String...) -> JSONTree { at(path[...]) }

  func at(_ path: ArraySlice<String>) -> JSONTree {
    guard let first = path.first, let child = member(first) else { return .null() }
    return path.count == 1 ? child : child.at(path.dropFirst())
  }
}
