package import Yams

extension YamlError {
  /// Where the text stops being YAML, and why.
  package func placed(in yaml: String) -> (line: Int, message: String) {
    switch self {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let within = context.map { " (\($0.text))" } ?? ""
      // `body: *` is read as a reference to an anchor with no name.
      let hint = problem.contains("alphabetic") ? "; a value that begins with `*` must be quoted" : ""
      return (mark.line, "column \(mark.column): \(problem)\(within)\(hint)")
    case .reader(let problem, let offset, _, _):
      let line = yaml.prefix(offset ?? 0).count(where: \.isNewline) + 1
      return (line, problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "\"\($0)\"" }.joined(separator: ", ")
      return (context.mark.line, "the key \(names) stands twice in one mapping")
    default:
      return (1, "the file is not YAML (\(self))")
    }
  }
}
