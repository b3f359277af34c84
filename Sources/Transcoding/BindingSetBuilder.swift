internal import HTTPRule
internal import ProtobufSchema

/// Puts rules from several sources into one route table.
struct BindingSetBuilder {
  private let schema: Schema
  private let options: TranscodingOptions
  private var resolver: MethodBindingResolver
  private var ownErrors: [HTTPRuleError] = []
  private var ownWarnings: [HTTPRuleError] = []
  private(set) var table = RouteTableBuilder<MethodBinding>()
  private(set) var bindings: [MethodBinding] = []

  init(schema: Schema, options: TranscodingOptions, isWhole: Bool) {
    self.schema = schema
    self.options = options
    resolver = MethodBindingResolver(schema: schema, isWhole: isWhole)
  }

  var errors: [HTTPRuleError] { resolver.errors + ownErrors }
  var warnings: [HTTPRuleError] { resolver.warnings + ownWarnings }

  mutating func add(_ configurations: [ServiceConfiguration]) {
    table.fullyDecodesReservedExpansion = configurations.contains { $0.fullyDecodesReservedExpansion }
    let configured = lastRules(of: configurations)
    let selectors = Set(configured.map(\.selector))
    let annotated = schema.annotatedHTTPRules()
    ownErrors += annotated.errors.filter { !$0.origin.isAnnotation(ofAnyOf: selectors) }
    for declaration in annotated.declarations where !selectors.contains(declaration.selector) { add(declaration) }
    for declaration in configured { add(declaration) }
  }

  /// The declarations of the last rule for each selector. A rule and its additional bindings stand together.
  private mutating func lastRules(of configurations: [ServiceConfiguration]) -> [HTTPRuleDeclaration] {
    let rules = configurations.flatMap(\.groupedRules)
    var last: [String: Int] = [:]
    for (index, rule) in rules.enumerated() {
      guard let declaration = rule.first else { continue }
      if let earlier = last[declaration.selector], let replaced = rules[earlier].first {
        ownWarnings.append(
          HTTPRuleError(
            origin: replaced.origin,
            message: "the rule for \(replaced.selector) is replaced by that of \(declaration.origin)"))
      }
      last[declaration.selector] = index
    }
    return rules.indices.filter { index in rules[index].first.map { last[$0.selector] == index } ?? false }
      .flatMap { rules[$0] }
  }

  /// `POST /package.Service/Method`, body `*`, for every method that no rule has given this very route.
  mutating func addAutomaticRoutes() {
    guard options.mapsEveryMethod else { return }
    for method in schema.services.flatMap(\.methods) {
      let template = PathTemplate(literals: [method.service.fullName, method.name])
      if let existing = table.existing(.post, template), existing.method == method { continue }
      let declaration = HTTPRuleDeclaration(
        selector: method.fullName, method: .post, template: template.description, body: .whole, origin: .automatic)
      add(declaration)
    }
  }

  private mutating func add(_ declaration: HTTPRuleDeclaration) {
    guard let resolved = resolver.resolve(declaration) else { return }
    let binding = MethodBinding(resolved, options: options)
    do {
      try table.add(
        binding.httpMethod, binding.template, source: declaration.origin.description, target: binding)
      bindings.append(binding)
    } catch {
      let other = table.existing(binding.httpMethod, binding.template)
      let rule = other.map { "\($0.route) for \($0.method.fullName)" } ?? error.first.description
      ownErrors.append(
        HTTPRuleError(
          origin: declaration.origin,
          message: "\(binding.route) for \(binding.method.fullName) clashes with \(rule) (\(error.firstSource))"))
    }
  }
}

extension HTTPRuleDeclaration.Origin {
  /// Whether it is the option of one of these methods.
  fileprivate func isAnnotation(ofAnyOf selectors: Set<String>) -> Bool {
    if case .annotation(_, let method) = self { selectors.contains(method) } else { false }
  }
}
