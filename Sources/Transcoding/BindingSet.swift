public import HTTPRule
public import ProtobufSchema

/// Every route of a gateway: the rules of a schema and of its service configurations, resolved and in one table.
public struct BindingSet: Sendable {
  public let schema: Schema
  public let table: RouteTable<MethodBinding>
  /// In the order of the rules, automatic routes last.
  public let bindings: [MethodBinding]
  /// What is legal and probably not meant.
  public let warnings: [HTTPRuleError]

  /// Resolves the rules that the schema's annotations and the configurations hold.
  ///
  /// A configuration replaces the annotation of every method it has a rule for; of two rules for one method the
  /// last one wins (http.proto: "All service configuration rules follow 'last one wins' order").
  ///
  /// Throws everything that is wrong with all of them at once.
  ///
  /// - Parameter isWhole: false where a part of the schema is missing for a fault that is told elsewhere, so that a
  ///   rule for a method that is not there is none.
  public init(
    schema: Schema, configurations: [ServiceConfiguration] = [], options: TranscodingOptions = TranscodingOptions(),
    isWhole: Bool = true
  ) throws(HTTPRuleErrors) {
    var builder = BindingSetBuilder(schema: schema, options: options, isWhole: isWhole)
    builder.add(configurations)
    builder.addAutomaticRoutes()
    guard builder.errors.isEmpty else { throw HTTPRuleErrors(errors: builder.errors) }
    self.schema = schema
    table = builder.table.build()
    bindings = builder.bindings
    warnings = builder.warnings
  }

  /// The binding that answers exactly this method and literal path, if a rule has it: for finding out at start-up
  /// that a path of the gateway's own is taken.
  public func binding(_ method: MethodPattern, literalPath path: String) -> MethodBinding? {
    guard let template = try? PathTemplate(parsing: path) else { return nil }
    return bindings.first {
      $0.template.segments == template.segments && $0.template.verb == template.verb
        && ($0.httpMethod == method || $0.httpMethod == .any)
    }
  }

  /// The bindings of any method whose path is exactly this one, without variables or wildcards.
  public func bindings(literalPath path: String) -> [MethodBinding] {
    guard let template = try? PathTemplate(parsing: path) else { return [] }
    return bindings.filter { $0.template.segments == template.segments && $0.template.verb == template.verb }
  }
}
