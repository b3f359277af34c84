/// One HTTP binding of one method as somebody wrote it: a `google.api.HttpRule` without its additional bindings,
/// which are declarations of their own.
///
/// Nothing is resolved yet: the selector may name no method, the template may be no template. Whoever resolves it
/// says so with `origin`.
public struct HTTPRuleDeclaration: Sendable, Hashable {
  public enum Method: Sendable, Hashable, CustomStringConvertible {
    case get
    case put
    case post
    case delete
    case patch
    /// Another HTTP method, or `*` for any.
    case custom(String)

    public var description: String {
      switch self {
      case .get: "GET"
      case .put: "PUT"
      case .post: "POST"
      case .delete: "DELETE"
      case .patch: "PATCH"
      case .custom(let kind): kind
      }
    }
  }

  /// What of the request message the HTTP body holds.
  public enum Body: Sendable, Hashable {
    case none
    /// `*`: every field that the path does not bind.
    case whole
    /// One field, named as in the `.proto` file.
    case field(String)

    public init(_ text: String) {
      switch text {
      case "": self = .none
      case "*": self = .whole
      default: self = .field(text)
      }
    }
  }

  /// The full name of the method, `pkg.Service.Method`.
  public let selector: String
  public let method: Method
  /// The path template, `/v1/{name=orders/*}`.
  public let template: String
  public let body: Body
  /// The field of the response message that is the HTTP body, nil for the whole message.
  public let responseBody: String?
  /// Whether this is one of a rule's `additional_bindings`; it stands behind its rule.
  public let isAdditional: Bool
  public let origin: Origin

  public init(
    selector: String, method: Method, template: String, body: Body = .none, responseBody: String? = nil,
    isAdditional: Bool = false, origin: Origin
  ) {
    self.selector = selector
    self.method = method
    self.template = template
    self.body = body
    self.responseBody = responseBody
    self.isAdditional = isAdditional
    self.origin = origin
  }

  /// Where a rule was written.
  public enum Origin: Sendable, Hashable, CustomStringConvertible {
    /// A line, from 1, of a service configuration.
    case file(String, line: Int)
    /// The `google.api.http` option of a method in a `.proto` file.
    case annotation(file: String, method: String)
    /// Nowhere: `POST /package.Service/Method`, which every method has.
    case automatic

    public var description: String {
      switch self {
      case .file(let file, let line): "\(file):\(line)"
      case .annotation(let file, let method): "\(file): google.api.http of \(method)"
      case .automatic: "the automatic route"
      }
    }
  }
}

/// A rule, or the text around it, that says something impossible.
public struct HTTPRuleError: Error, Hashable, CustomStringConvertible {
  public let origin: HTTPRuleDeclaration.Origin
  public let message: String

  public init(origin: HTTPRuleDeclaration.Origin, message: String) {
    self.origin = origin
    self.message = message
  }

  public var description: String { "\(origin): \(message)" }
}

/// All faults of the rules of one source, in the order in which they were found; never empty.
public struct HTTPRuleErrors: Error, Hashable, CustomStringConvertible {
  public let errors: [HTTPRuleError]

  public init(errors: [HTTPRuleError]) { self.errors = errors }

  public var description: String { errors.map(\.description).joined(separator: "\n") }
}
