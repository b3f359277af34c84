internal import CJSONC

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Holds one JSON document as a tree, for the places where JSON is a document: error bodies, OpenAPI, configuration.
///
/// A thin owner of a json-c object: the memory is freed when the tree goes out of scope, and no pointer leaves this
/// module. Members keep the order in which they were set; setting a member again replaces its value in place.
///
///     var error = JSONTree.object()
///     error.set("code", to: 404)
///     error.set("message", to: "Order does not exist")
///     var document = JSONTree.object()
///     document.set("error", to: error)          // `error` is consumed
///     document.serialized()                     // {"error":{"code":404,"message":"Order does not exist"}}
///
/// Not `Sendable`: json-c counts references without atomics. A document stays on the thread that made it.
public struct JSONTree: ~Copyable {
  /// What a node holds. Numbers without fraction and exponent are `integer`, all others `double`.
  public enum Kind: Sendable, Hashable {
    case null, bool, integer, double, string, array, object
  }

  /// The reference this tree owns; `nil` is JSON `null`, as in json-c.
  let handle: OpaquePointer?

  init(owning handle: OpaquePointer?) {
    self.handle = handle
  }

  deinit {
    json_object_put(handle)
  }

  /// Gives up the reference without freeing it, for the container that takes it over.
  private consuming func release() -> OpaquePointer? {
    let handle = self.handle
    discard self
    return handle
  }

  // MARK: Making

  public static func object() -> JSONTree { JSONTree(owning: json_object_new_object()) }

  public static func array() -> JSONTree { JSONTree(owning: json_object_new_array()) }

  public static func null() -> JSONTree { JSONTree(owning: nil) }

  public static func bool(_ value: Bool) -> JSONTree { JSONTree(owning: json_object_new_boolean(value ? 1 : 0)) }

  public static func integer(_ value: Int64) -> JSONTree { JSONTree(owning: json_object_new_int64(value)) }

  public static func integer(_ value: UInt64) -> JSONTree { JSONTree(owning: json_object_new_uint64(value)) }

  /// A number in its shortest form that reads back as the same value; JSON has no NaN and no infinities, so those
  /// become the strings `"NaN"`, `"Infinity"` and `"-Infinity"`, as ProtoJSON has them.
  public static func double(_ value: Double) -> JSONTree {
    if value.isNaN { return .string("NaN") }
    if value.isInfinite { return .string(value < 0 ? "-Infinity" : "Infinity") }
    return JSONTree(owning: json_object_new_double_s(value, value.description))
  }

  public static func string(_ value: String) -> JSONTree {
    // json-c counts string lengths in `int`.
    let length = Int32(clamping: value.utf8.count)
    return JSONTree(owning: value.withCString { json_object_new_string_len($0, length) })
  }

  /// A value that is already JSON text and is printed as it stands, for example a decoded protobuf message.
  ///
  /// The text must be exactly one valid JSON value; it is not parsed again, and `serialized(pretty:)` leaves it as is.
  public static func verbatim(_ json: [UInt8]) -> JSONTree {
    let text = UnsafeMutableRawBufferPointer(start: malloc(json.count + 1), count: json.count + 1)
    guard text.baseAddress != nil else { return .null() }
    text.copyBytes(from: json)
    text[json.count] = 0
    let handle = json_object_new_boolean(0)
    json_object_set_serializer(handle, json_object_userdata_to_json_string, text.baseAddress) { _, text in free(text) }
    return JSONTree(owning: handle)
  }

  // MARK: Building

  /// Sets a member of an object; on anything that is not an object the value is dropped (a debug build stops).
  ///
  /// A NUL in the key, which json-c's C strings cannot hold, becomes U+FFFD.
  public mutating func set(_ key: String, to value: consuming JSONTree) {
    guard kind == .object else { return assertionFailure("a member was set on \(kind)") }
    let name = key.utf8.contains(0) ? String(key.map { $0 == "\0" ? "\u{FFFD}" : $0 }) : key
    let child = value.release()
    if json_object_object_add(handle, name, child) != 0 { json_object_put(child) }
  }

  public mutating func set(_ key: String, to value: String) { set(key, to: .string(value)) }

  public mutating func set(_ key: String, to value: Int) { set(key, to: .integer(Int64(value))) }

  public mutating func set(_ key: String, to value: Bool) { set(key, to: .bool(value)) }

  public mutating func set(_ key: String, to values: [String]) {
    var list = JSONTree.array()
    for value in values { list.append(value) }
    set(key, to: list)
  }

  /// Appends an element to an array; on anything that is not an array the value is dropped (a debug build stops).
  public mutating func append(_ value: consuming JSONTree) {
    guard kind == .array else { return assertionFailure("an element was appended to \(kind)") }
    let child = value.release()
    if json_object_array_add(handle, child) != 0 { json_object_put(child) }
  }

  public mutating func append(_ value: String) { append(.string(value)) }

  // MARK: Writing

  /// The document as JSON text: `/` stays as it is, control characters, `"` and `\` are escaped, UTF-8 otherwise.
  public func serialized(pretty: Bool = false) -> [UInt8] {
    let layout = pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED : JSON_C_TO_STRING_PLAIN
    guard handle != nil else { return Array("null".utf8) }
    var length = 0
    let text = json_object_to_json_string_length(handle, layout | JSON_C_TO_STRING_NOSLASHESCAPE, &length)
    return [UInt8](UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : length))
  }
}
