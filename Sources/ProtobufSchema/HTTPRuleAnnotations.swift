extension Schema {
  /// The rules that the methods' `google.api.http` options declare, in the order of the services.
  ///
  /// Methods without the option have none. What is wrong with one rule leaves the others as they are.
  public func annotatedHTTPRules() -> (declarations: [HTTPRuleDeclaration], errors: [HTTPRuleError]) {
    var declarations: [HTTPRuleDeclaration] = []
    var errors: [HTTPRuleError] = []
    for service in services {
      for method in service.methods where !method.optionsBytes.isEmpty {
        let origin = HTTPRuleDeclaration.Origin.annotation(file: method.sourceFile, method: method.fullName)
        do {
          guard let rule = try HTTPRuleWireReader.rule(inOptions: method.optionsBytes, origin: origin) else { continue }
          var selected = rule
          // The option belongs to its method, whatever a selector in it says.
          selected.selector = method.fullName
          for index in selected.additionalBindings.indices { selected.additionalBindings[index].selector = "" }
          declarations += selected.declarations(errors: &errors)
        } catch {
          errors.append(HTTPRuleError(origin: origin, message: "the option is not a google.api.HttpRule"))
        }
      }
    }
    return (declarations, errors)
  }
}

/// Reads `google.api.HttpRule` from the bytes of `google.protobuf.MethodOptions`.
///
///     extend google.protobuf.MethodOptions { HttpRule http = 72295728; }
///
///     message HttpRule {
///       string selector = 1;
///       oneof pattern { string get = 2; put = 3; post = 4; delete = 5; patch = 6; CustomHttpPattern custom = 8; }
///       string body = 7;
///       repeated HttpRule additional_bindings = 11;
///       string response_body = 12;
///     }
///     message CustomHttpPattern { string kind = 1; string path = 2; }
enum HTTPRuleWireReader {
  static let extensionNumber = 72_295_728

  /// Bindings inside bindings are wrong, and are read this deep so that the check of declarations can say so.
  private static let maximumDepth = 3

  typealias Malformed = WireFieldReader.Malformed

  static func rule(
    inOptions options: [UInt8], origin: HTTPRuleDeclaration.Origin
  ) throws(Malformed) -> HTTPRuleMessage? {
    var rule: HTTPRuleMessage?
    var reader = WireFieldReader(options[...])
    while let field = try reader.next() {
      guard field.number == extensionNumber else { continue }
      guard let payload = field.payload else { throw Malformed() }
      // Occurrences of a message field merge.
      var merged = rule ?? HTTPRuleMessage(origin: origin)
      try read(payload, into: &merged, depth: 0)
      rule = merged
    }
    return rule
  }

  private static func read(
    _ bytes: ArraySlice<UInt8>, into rule: inout HTTPRuleMessage, depth: Int
  ) throws(Malformed) {
    guard depth < maximumDepth else { throw Malformed() }
    var reader = WireFieldReader(bytes)
    while let field = try reader.next() {
      guard let payload = field.payload else { continue }
      switch field.number {
      case 1: rule.selector = try WireFieldReader.text(payload)
      // The last member of a oneof on the wire is the one that is set.
      case 2: rule.patterns = [.init(method: .get, template: try WireFieldReader.text(payload))]
      case 3: rule.patterns = [.init(method: .put, template: try WireFieldReader.text(payload))]
      case 4: rule.patterns = [.init(method: .post, template: try WireFieldReader.text(payload))]
      case 5: rule.patterns = [.init(method: .delete, template: try WireFieldReader.text(payload))]
      case 6: rule.patterns = [.init(method: .patch, template: try WireFieldReader.text(payload))]
      case 7: rule.body = try WireFieldReader.text(payload)
      case 8: rule.patterns = [try customPattern(payload)]
      case 11:
        var binding = HTTPRuleMessage(origin: rule.origin)
        try read(payload, into: &binding, depth: depth + 1)
        rule.additionalBindings.append(binding)
      case 12: rule.responseBody = try WireFieldReader.text(payload)
      default: continue
      }
    }
  }

  private static func customPattern(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> HTTPRuleMessage.Pattern {
    var (kind, path) = ("", "")
    var reader = WireFieldReader(bytes)
    while let field = try reader.next() {
      guard let payload = field.payload else { continue }
      switch field.number {
      case 1: kind = try WireFieldReader.text(payload)
      case 2: path = try WireFieldReader.text(payload)
      default: continue
      }
    }
    return .init(method: .custom(kind), template: path)
  }
}
