/// The name of a query parameter, taken apart: `a.b`, `labels[key]`, `[pkg.extension].a`.
///
///     Name      = Part { "." Part } [ "[" KEY "]" ]
///     Part      = IDENT | "[" EXTENSION "]"
///
/// A part is what stands between dots. A bracket at the beginning of a part holds the name of an extension, one
/// behind it the key of a map, which runs to the last `]` and may hold anything.
struct ParameterName {
  private(set) var parts: [String] = []
  private(set) var mapKey: String?

  /// Nil where a part is empty or a bracket does not close.
  init?(parsing name: String) {
    guard name.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") }) else {
      guard !name.isEmpty else { return nil }
      parts = [name]
      return
    }
    var rest = name[...]
    while true {
      let part: Substring
      if rest.first == "[" {
        guard let close = rest.firstIndex(of: "]") else { return nil }
        part = rest[...close]
      } else {
        part = rest.prefix { $0 != "." && $0 != "[" }
      }
      guard !part.isEmpty else { return nil }
      parts.append(String(part))
      rest = rest[part.endIndex...]
      switch rest.first {
      case nil: return
      case ".": rest = rest.dropFirst()
      case "[" where rest.last == "]":
        mapKey = String(rest.dropFirst().dropLast())
        return
      default: return nil
      }
    }
  }
}
