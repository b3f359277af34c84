/// What a route table says to a method and a path.
public enum RouteMatch<Target: Sendable>: Sendable {
  /// The rule's target, and its variables in the order of `PathTemplate.variables`.
  case matched(Target, [CapturedVariable])
  /// Templates match the path, but none with this method: 405, or 204 to `OPTIONS`.
  ///
  /// `allow` is the union of their methods, sorted, with what follows from them (`HEAD` from `GET`, and
  /// `OPTIONS` always); it is the value of the `Allow` header.
  case methodNotAllowed(allow: [String])
  /// No template matches the path: 404.
  case notFound
  /// The path holds a `%` without two hexadecimal digits, at this offset: 400.
  case malformed(PercentDecodingError)
}
