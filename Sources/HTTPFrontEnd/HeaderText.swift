extension StringProtocol {
  /// Whether both are the same but for the case of ASCII letters, as header names and tokens compare
  /// (RFC 9110 §5.1).
  func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
    let (left, right) = (self.utf8, other.utf8)
    guard left.count == right.count else { return false }
    let isSame = left.withContiguousStorageIfAvailable { left in
      right.withContiguousStorageIfAvailable { right in
        left.indices.allSatisfy { asciiLowercased(left[$0]) == asciiLowercased(right[$0]) }
      }
    }
    return (isSame ?? nil) ?? zip(left, right).allSatisfy { asciiLowercased($0) == asciiLowercased($1) }
  }

  /// Whether a comma-separated list holds `token`, whatever its case; parameters after `;` are no part of it.
  func listContainsToken(_ token: StaticString) -> Bool {
    let token = String(describing: token)
    return Substring(self).split(separator: ",").contains { element in
      let name = element.prefix { $0 != ";" }
      return name.trimmingHeaderSpace().equalsIgnoringCase(token)
    }
  }
}

private func asciiLowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

extension Substring {
  /// Without optional white space (RFC 9110 §5.6.3) on either side.
  fileprivate func trimmingHeaderSpace() -> Substring {
    var view = self[...]
    while let first = view.first, first == " " || first == "\t" { view = view.dropFirst() }
    while let last = view.last, last == " " || last == "\t" { view = view.dropLast() }
    return view
  }
}
