import HTTPRule

/// The input is a path template.
///
/// What can be parsed is kept as written, and its variables lie within its segments.
enum PathTemplateTarget {
  static func run(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    let template: PathTemplate
    do {
      template = try PathTemplate(parsing: text)
    } catch {
      _ = "\(error)"
      return
    }
    try require(template.description == text, "\(text) became \(template)")
    try require(template.segments.count <= PathTemplate.maximumSegments, "\(template.segments.count) segments")
    for variable in template.variables {
      try require(
        variable.segments.lowerBound >= 0 && variable.segments.upperBound <= template.segments.count,
        "\(variable.name) spans \(variable.segments)")
    }
    if let wildcard = template.segments.firstIndex(of: .doubleWildcard) {
      try require(wildcard == template.segments.count - 1, "** is not last")
    }
    _ = template.pattern
  }
}
