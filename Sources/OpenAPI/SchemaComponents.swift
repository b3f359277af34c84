internal import JSONTree
internal import ProtobufSchema

/// Collects the schemas that operations and other schemas refer to, each once.
///
/// Asking for a reference notes the type; `tree()` writes every noted type and whatever those refer to in turn, so
/// recursive types end. Types carry their full proto names. Scalars with a form of their own go by their proto
/// keyword, which no message can have.
struct SchemaComponents {
  let schema: Schema
  let options: OpenAPIOptions
  private var known: [String: Component] = [:]
  private var waiting: [Component] = []

  init(schema: Schema, options: OpenAPIOptions) {
    self.schema = schema
    self.options = options
  }

  /// What a component describes.
  enum Subject {
    case message(MessageSchema)
    /// A message without the fields that the path binds.
    case partialMessage(MessageSchema, without: [[FieldSchema]])
    case enumeration(EnumSchema)
    case scalar(ScalarForm)
    case errorBody
  }

  private final class Component {
    let name: String
    let subject: Subject
    var tree: JSONTree?

    init(name: String, subject: Subject) {
      self.name = name
      self.subject = subject
    }
  }

  /// A `$ref` to the component of that name, which is written when it is new.
  mutating func reference(to name: String, _ subject: Subject) -> JSONTree {
    if known[name] == nil {
      let component = Component(name: name, subject: subject)
      known[name] = component
      waiting.append(component)
    }
    var tree = JSONTree.object()
    tree.set("$ref", to: "#/components/schemas/\(name)")
    return tree
  }

  mutating func reference(to message: MessageSchema) -> JSONTree { reference(to: message.fullName, .message(message)) }

  mutating func reference(to enumeration: EnumSchema) -> JSONTree {
    reference(to: enumeration.fullName, .enumeration(enumeration))
  }

  mutating func reference(to scalar: ScalarForm) -> JSONTree { reference(to: scalar.rawValue, .scalar(scalar)) }

  /// The error object. Its name has no package, so that only a message without one could have it too.
  mutating func errorReference() -> JSONTree {
    reference(to: schema.message(named: "Error") == nil ? "Error" : "GatewayError", .errorBody)
  }

  /// The `components` of the document: schemas by name, then what every operation shares.
  mutating func tree() -> JSONTree {
    let errorResponse = SharedComponents.errorResponse(schema: errorReference())
    while let component = waiting.popLast() { component.tree = write(component.subject) }
    var schemas = JSONTree.object()
    for name in known.keys.sorted() {
      if let tree = known[name]?.tree.take() { schemas.set(name, to: tree) }
    }
    var tree = JSONTree.object()
    tree.set("schemas", to: schemas)
    SharedComponents.add(to: &tree, errorResponse: errorResponse)
    return tree
  }

  private mutating func write(_ subject: Subject) -> JSONTree {
    switch subject {
    case .message(let message): describe(message)
    case .partialMessage(let message, let bound): object(message, without: bound)
    case .enumeration(let enumeration): describe(enumeration)
    case .scalar(let scalar): scalar.tree()
    case .errorBody: errorBody()
    }
  }
}
