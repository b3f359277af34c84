internal import HTTPRule
internal import ProtobufJSON
internal import ProtobufSchema

/// Writes the parameters of one query as fields of one request message.
///
/// http.proto, "Rules for HTTP mapping": every field that neither the path nor the body covers is a parameter.
struct QueryBinder {
  let binding: MethodBinding
  private(set) var result: RequestBinding
  private var leaves: BoundLeaves

  init(_ binding: MethodBinding, result: RequestBinding) {
    self.binding = binding
    self.result = result
    leaves = binding.leavesOutsideQuery
  }

  mutating func bind(_ query: RawSpan, into output: inout OutputBuffer) throws(RequestFault) {
    var parser = QueryParser()
    while let parameter = parser.next(in: query) {
      let name = try Self.decodedName(query.extracting(parameter.name))
      try bind(name, query.extracting(parameter.value), into: &output)
    }
  }

  private mutating func bind(
    _ name: String, _ value: RawSpan, into output: inout OutputBuffer
  ) throws(RequestFault) {
    guard let target = try target(of: name) else {
      if name == Self.pretty { result.isPretty = try Self.isTrue(value) }
      return
    }
    try check(target, name)
    if PercentDecoding.form.isIdentity(on: value) {
      try write(value, to: target, name, into: &output)
    } else {
      let decoded = try Self.decode(value, of: name)
      try write(decoded.span.bytes, to: target, name, into: &output)
    }
    result.setsFields = true
    if target.path.fields.count == 1, target.path.fields[0] == binding.mask { result.setsMask = !value.isEmpty }
  }

  private func write(
    _ text: RawSpan, to target: Target, _ name: String, into output: inout OutputBuffer
  ) throws(RequestFault) {
    do {
      try binding.encoder.encodeText(
        text, path: target.path.fields, mapKey: target.mapKey.map { Array($0.utf8) }, into: &output)
    } catch {
      throw RequestFault(error, source: "query parameter", name: name)
    }
  }

  // MARK: - Names

  /// The parameter that asks for an indented response, unless the message has a field of this name.
  private static let pretty = "pretty"

  struct Target {
    let path: FieldPath
    let mapKey: String?
  }

  /// The field that a name means, or nil for a parameter to be passed over.
  private func target(of name: String) throws(RequestFault) -> Target? {
    guard binding.body != .whole else {
      if name == Self.pretty || binding.ignoresUnknownParameters { return nil }
      throw Self.unknown(name, "; this route takes everything that is not in its path from the body")
    }
    guard let parsed = ParameterName(parsing: name) else {
      if binding.ignoresUnknownParameters { return nil }
      throw Self.unknown(name, "")
    }
    let path: FieldPath
    do {
      path = try FieldPath(resolving: parsed.parts, in: binding.method.input)
    } catch {
      guard error.isUnknown else {
        throw RequestFault(field: name, reason: .notAParameter, "query parameter \"\(name)\": \(error.message)")
      }
      if name == Self.pretty || binding.ignoresUnknownParameters { return nil }
      let key = parsed.mapKey.map { "[\($0)]" } ?? ""
      throw Self.unknown(name, error.suggestion.map { "; did you mean \"\($0)\(key)\"?" } ?? "; \(error.message)")
    }
    return Target(path: path, mapKey: parsed.mapKey)
  }

  /// Whether the field may be set from a query, this way and once more.
  private mutating func check(_ target: Target, _ name: String) throws(RequestFault) {
    func fault(_ reason: RequestFault.Reason, _ message: String) -> RequestFault {
      RequestFault(field: name, reason: reason, "query parameter \"\(name)\" \(message)")
    }
    guard let field = target.path.fields.last else { return }
    if case .field(let body) = binding.body, target.path.fields.first == body {
      throw fault(.notAParameter, "belongs to the body")
    }
    if field.isMap {
      guard target.mapKey != nil else {
        throw fault(.notAParameter, "is a map, whose entries are set as \(name)[key]=value")
      }
      guard field.mapValue?.isTextual == true else {
        throw fault(.notAParameter, "is a map of messages, which have no text form")
      }
    } else if target.mapKey != nil {
      throw fault(.notAParameter, "has a key in brackets, but \"\(target.path)\" is no map")
    } else if !field.isTextual {
      let isRegular = field.message?.wellKnown == nil && field.cardinality == .singular
      let hint = isRegular ? "; its fields are set as \(name).field=value" : ", which has no text form"
      throw fault(.notAParameter, "is a message (\(field.typeName))\(hint)")
    }
    if binding.variables.contains(target.path) { throw fault(.setTwice, "is already set by the path") }
    switch leaves.insert(target.path.fields, mapKey: target.mapKey) {
    case nil: return
    case .setTwice: throw fault(.setTwice, "is given twice")
    case .oneof(let oneof, let other):
      throw fault(.oneofConflict, "and \"\(other)\" belong to the oneof \"\(oneof)\", of which one may be set")
    }
  }

  private static func unknown(_ name: String, _ hint: String) -> RequestFault {
    RequestFault(field: name, reason: .unknownParameter, "unknown query parameter \"\(name)\"\(hint)")
  }

  // MARK: - Texts

  private static func decodedName(_ encoded: RawSpan) throws(RequestFault) -> String {
    var bytes: [UInt8] = []
    do {
      try PercentDecoding.form.decode(encoded, appendingTo: &bytes)
    } catch {
      throw RequestFault(
        field: "", reason: .invalidEncoding, "the name of a query parameter has a % without two hexadecimal digits")
    }
    guard let name = String(validating: bytes, as: UTF8.self) else {
      throw RequestFault(field: "", reason: .invalidEncoding, "the name of a query parameter is not UTF-8")
    }
    return name
  }

  private static func decode(_ encoded: RawSpan, of name: String) throws(RequestFault) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      try PercentDecoding.form.decode(encoded, appendingTo: &bytes)
    } catch {
      throw RequestFault(
        field: name, reason: .invalidEncoding,
        "query parameter \"\(name)\" has a % without two hexadecimal digits, at byte \(error.offset) of its value")
    }
    return bytes
  }

  private static func isTrue(_ value: RawSpan) throws(RequestFault) -> Bool {
    switch String(decoding: try decode(value, of: pretty), as: UTF8.self) {
    case "", "true", "1": return true
    case "false", "0": return false
    default:
      throw RequestFault(field: pretty, reason: .invalidValue, "query parameter \"pretty\" is true or false")
    }
  }
}
