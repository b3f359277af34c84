extension StringProtocol {
  /// Whether both are the same but for the case of ASCII letters, as header names and tokens compare
  /// (RFC 9110 §5.1).
  func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
    let (left, right) = (self.utf8, other.utf8)
    guard left.count == right.count else { return false }
    let isSame = left.withContiguousStorageIfAvailable { left in
      right.withContiguousStorageIfAvailable { right in
        left.indices.allSatisfy { isSameLetter(left[$0], right[$0]) }
      }
    }
    return (isSame ?? nil) ?? zip(left, right).allSatisfy(isSameLetter)
  }

  /// The same for a name that is in lower case; asked of every name of every request.
  func equalsIgnoringCase(_ lowercased: StaticString) -> Bool {
    guard utf8.count == lowercased.utf8CodeUnitCount else { return false }
    let expected = lowercased.utf8Start
    let isSame = utf8.withContiguousStorageIfAvailable { bytes in
      for index in bytes.indices where !isSameLetter(bytes[index], expected[index]) { return false }
      return true
    }
    return isSame ?? equalsIgnoringCase(String(describing: lowercased))
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

/// The two cases of an ASCII letter differ in one bit.
private func isSameLetter(_ left: UInt8, _ right: UInt8) -> Bool {
  left == right || (left ^ right == 0x20 && (left | 0x20) &- UInt8(ascii: "a") < 26)
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
