internal import CJSONC

/// Looking into a document.
///
/// `member(_:)` and `element(at:)` answer a tree of its own that shares the node with its parent: it stays valid when
/// the parent is freed first, and what is changed through one is seen through the other.
extension JSONTree {
  public var kind: Kind {
    switch json_object_get_type(handle) {
    case json_type_boolean: .bool
    case json_type_int: .integer
    case json_type_double: .double
    case json_type_string: .string
    case json_type_array: .array
    case json_type_object: .object
    default: .null
    }
  }

  public var isNull: Bool { handle == nil }

  /// The value of a string node; `nil` for every other kind.
  public var string: String? {
    guard kind == .string, let text = json_object_get_string(handle) else { return nil }
    let bytes = UnsafeRawBufferPointer(start: text, count: Int(json_object_get_string_len(handle)))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value of an integer node that fits; `nil` for every other kind and for numbers beyond `Int64`.
  public var integer: Int64? {
    guard kind == .integer else { return nil }
    let value = json_object_get_int64(handle)
    // json-c saturates: beyond Int64 only the unsigned reading differs.
    if value == .max, json_object_get_uint64(handle) != UInt64(Int64.max) { return nil }
    return value
  }

  /// The value of an integer node that is not negative; `nil` for every other kind.
  public var unsignedInteger: UInt64? {
    guard kind == .integer, json_object_get_int64(handle) >= 0 else { return nil }
    return json_object_get_uint64(handle)
  }

  /// The value of a number node, integers included; `nil` for every other kind.
  public var double: Double? {
    switch kind {
    case .integer, .double: json_object_get_double(handle)
    default: nil
    }
  }

  public var bool: Bool? { kind == .bool ? json_object_get_boolean(handle) != 0 : nil }

  /// How many members or elements the node has; 0 for everything that has none.
  public var count: Int {
    switch kind {
    case .array: Int(json_object_array_length(handle))
    case .object: Int(json_object_object_length(handle))
    default: 0
    }
  }

  /// The names of an object's members in their order.
  public var keys: [String] {
    guard kind == .object else { return [] }
    var keys: [String] = []
    var position = json_object_iter_begin(handle)
    var end = json_object_iter_end(handle)
    while json_object_iter_equal(&position, &end) == 0 {
      keys.append(String(cString: json_object_iter_peek_name(&position)))
      json_object_iter_next(&position)
    }
    return keys
  }

  /// The member of that name; `nil` when the node is no object or has no such member. A member that is `null` is found.
  public func member(_ key: String) -> JSONTree? {
    var child: OpaquePointer?
    guard kind == .object, !key.utf8.contains(0), json_object_object_get_ex(handle, key, &child) != 0 else {
      return nil
    }
    return JSONTree(owning: json_object_get(child))
  }

  /// The element at that index; `nil` when the node is no array or the index is outside it.
  public func element(at index: Int) -> JSONTree? {
    guard kind == .array, index >= 0, index < count else { return nil }
    return JSONTree(owning: json_object_get(json_object_array_get_idx(handle, index)))
  }
}
