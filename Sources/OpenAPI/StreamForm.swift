internal import JSONTree

/// The media types of a streamed body, in the order in which the gateway prefers them.
///
/// OpenAPI 3.1 has no word for "a sequence of these" (3.2 has `itemSchema`). The schema is therefore that of one
/// item, and `x-stream` says what an item is; only the array is described as what it is.
enum StreamForm: CaseIterable {
  case ndjson
  case jsonl
  case array
  case events
  case sequence

  /// What a request may be; events only come back.
  static let requestForms: [StreamForm] = [.ndjson, .jsonl, .array, .sequence]

  /// What a response may be, the default first.
  static func responseForms(_ options: OpenAPIOptions) -> [StreamForm] {
    // Lines under the name of JSON are what the envelope is about.
    let forms: [StreamForm] = options.streamEnvelope ? [.array, .ndjson, .jsonl, .events, .sequence] : allCases
    guard let first = forms.first(where: { $0.mediaType == options.streamDefault }) else { return forms }
    return [first] + forms.filter { $0 != first }
  }

  var mediaType: String {
    switch self {
    case .ndjson: "application/x-ndjson"
    case .jsonl: "application/jsonl"
    case .array: "application/json"
    case .events: "text/event-stream"
    case .sequence: "application/json-seq"
    }
  }

  func responseTree(item: consuming JSONTree, isEnveloped: Bool = false) -> JSONTree {
    switch isEnveloped && self == .array ? .ndjson : self {
    case .ndjson, .jsonl: media(item, stream: ["item": "One message per line, ended by U+000A."])
    case .array: media(Self.list(item), stream: ["item": "One element of the array, written as it arrives."])
    case .events:
      media(
        Self.event(item),
        stream: [
          "item": "One event; `data` is one message as JSON, `id` counts from 1.",
          "end": "`event: end` after the last message, `event: error` with the error object as `data` otherwise.",
        ])
    case .sequence: media(item, stream: ["item": "One message between U+001E and U+000A (RFC 7464)."])
    }
  }

  func requestTree(item: consuming JSONTree) -> JSONTree {
    switch self {
    case .ndjson, .jsonl: media(item, stream: ["item": "One message; any white space, or none, may stand between two."])
    case .array: media(Self.list(item), stream: ["item": "One element of the array. Bare values are read as well."])
    case .events: media(Self.event(item), stream: [:])
    case .sequence: media(item, stream: ["item": "One message after U+001E (RFC 7464)."])
    }
  }

  private func media(_ schema: consuming JSONTree, stream: KeyValuePairs<String, String>) -> JSONTree {
    var tree = JSONTree.object()
    tree.set("schema", to: schema)
    if !stream.isEmpty {
      var notes = JSONTree.object()
      for (key, value) in stream { notes.set(key, to: value) }
      tree.set("x-stream", to: notes)
    }
    return tree
  }

  private static func list(_ item: consuming JSONTree) -> JSONTree {
    var tree = SchemaComponents.typed("array")
    tree.set("items", to: item)
    return tree
  }

  /// The fields of a server-sent event (WHATWG HTML section 9.2.6).
  private static func event(_ item: consuming JSONTree) -> JSONTree {
    var data = SchemaComponents.typed("string")
    data.set("contentMediaType", to: "application/json")
    data.set("contentSchema", to: item)
    var event = SchemaComponents.typed("string")
    // `message` is what a reader sees where no name stands.
    event.set("enum", to: ["message", "end", "error"])
    var properties = JSONTree.object()
    properties.set("id", to: SchemaComponents.typed("string"))
    properties.set("event", to: event)
    properties.set("data", to: data)
    var tree = SchemaComponents.typed("object")
    tree.set("properties", to: properties)
    return tree
  }
}
