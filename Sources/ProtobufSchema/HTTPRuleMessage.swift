/// A `google.api.HttpRule` as both sources spell it, before it is taken apart into declarations.
///
/// The YAML reader and the reader of annotations fill it in; the checks that both need are here.
struct HTTPRuleMessage {
  struct Pattern {
    var method: HTTPRuleDeclaration.Method
    var template: String
  }

  var selector = ""
  /// Every pattern that was given; exactly one is right.
  var patterns: [Pattern] = []
  var body = ""
  var responseBody = ""
  var additionalBindings: [HTTPRuleMessage] = []
  var origin: HTTPRuleDeclaration.Origin

  /// This rule and its additional bindings, as far as they are well formed; faults are appended to `errors`.
  func declarations(errors: inout [HTTPRuleError]) -> [HTTPRuleDeclaration] {
    var found: [HTTPRuleDeclaration] = []
    if selector.isEmpty { errors.append(fault("the rule has no selector")) }
    if let declaration = declaration(of: selector, isAdditional: false, errors: &errors) { found.append(declaration) }
    for binding in additionalBindings {
      if !binding.selector.isEmpty, binding.selector != selector {
        errors.append(
          binding.fault("an additional binding belongs to its rule's selector; \"\(binding.selector)\" is another"))
      }
      // http.proto: "the nesting may only be one level deep".
      for nested in binding.additionalBindings {
        errors.append(nested.fault("additional_bindings may not contain additional_bindings"))
      }
      if let declaration = binding.declaration(of: selector, isAdditional: true, errors: &errors) {
        found.append(declaration)
      }
    }
    return found
  }

  private func declaration(
    of selector: String, isAdditional: Bool, errors: inout [HTTPRuleError]
  ) -> HTTPRuleDeclaration? {
    guard let pattern = patterns.first else {
      errors.append(fault("the rule has none of get, put, post, delete, patch and custom"))
      return nil
    }
    guard patterns.count == 1 else {
      let names = patterns.map(\.method.description).joined(separator: ", ")
      errors.append(fault("the rule has several patterns (\(names)); further ones belong into additional_bindings"))
      return nil
    }
    if case .custom("") = pattern.method {
      errors.append(fault("custom has no kind, such as HEAD or \"*\""))
      return nil
    }
    guard !pattern.template.isEmpty else {
      errors.append(fault("the rule has no path"))
      return nil
    }
    return HTTPRuleDeclaration(
      selector: selector, method: pattern.method, template: pattern.template, body: HTTPRuleDeclaration.Body(body),
      responseBody: responseBody.isEmpty ? nil : responseBody, isAdditional: isAdditional, origin: origin)
  }

  private func fault(_ message: String) -> HTTPRuleError { HTTPRuleError(origin: origin, message: message) }
}
