internal import CJSONC

/// Says why a text is not a JSON document, and where.
public struct JSONTreeError: Error, Hashable, CustomStringConvertible {
  public enum Code: Sendable, Hashable {
    /// The text does not follow RFC 8259.
    case syntax
    /// A byte sequence is not UTF-8, or an escape is half of a surrogate pair.
    case invalidText
    /// The document is nested deeper than allowed.
    case tooDeep
    /// An integer lies outside of what 64 bits hold; it would lose digits.
    case integerOutOfRange
    /// An object has two members of the same name.
    case duplicateKey
    /// A member's name contains U+0000, which json-c would cut short.
    case nulInKey
    /// The text is longer than json-c can count (2 GiB).
    case tooLarge
  }

  public var code: Code
  /// Offset in bytes from the start of the text; for `duplicateKey`, which is found at the end, the text's length.
  public var offset: Int
  public var message: String

  public init(code: Code, offset: Int, message: String) {
    self.code = code
    self.offset = offset
    self.message = message
  }

  public var description: String { "\(message) at byte \(offset)" }
}

extension JSONTree {
  /// Reads one document, strictly.
  ///
  /// json-c does the grammar with STRICT and VALIDATE_UTF8. What it lets through even so is refused here: overlong
  /// UTF-8, single quotes, numbers and literals in its own spellings, integers it would saturate, keys it would cut
  /// at U+0000, and duplicate keys, of which it would keep the last.
  ///
  /// - Throws: `JSONTreeError` with the byte offset.
  public init(parsing text: [UInt8], maximumDepth: Int = 100) throws(JSONTreeError) {
    guard text.count < Int(Int32.max) else {
      throw JSONTreeError(code: .tooLarge, offset: text.count, message: "the document is longer than 2 GiB")
    }
    var check = JSONTokenCheck(text, maximumDepth: maximumDepth)
    let members = try check.run()

    // The depth was judged above: json-c counts an empty container and one with elements differently.
    guard let tokener = json_tokener_new_ex(Int32(clamping: check.deepest + 2)) else {
      throw JSONTreeError(code: .tooDeep, offset: 0, message: "no memory to read \(check.deepest) levels")
    }
    defer { json_tokener_free(tokener) }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)
    // A terminating NUL tells json-c that a number at the top is complete.
    let handle = (text[..<check.endOfText] + [0]).withUnsafeBytes { bytes in
      json_tokener_parse_ex(tokener, bytes.baseAddress, Int32(bytes.count))
    }
    let tree = JSONTree(owning: handle)
    let failure = json_tokener_get_error(tokener)
    guard failure == json_tokener_success else {
      let offset = min(json_tokener_get_parse_end(tokener), text.count)
      let reason = failure == json_tokener_continue ? "unexpected end of data" : Self.describe(failure)
      throw JSONTreeError(
        code: failure == json_tokener_error_parse_utf8_string ? .invalidText : .syntax, offset: offset,
        message: reason)
    }
    guard tree.memberCountOfAllObjects == members else {
      throw JSONTreeError(
        code: .duplicateKey, offset: text.count, message: "an object has two members of the same name")
    }
    self = tree
  }

  public init(parsing text: String, maximumDepth: Int = 100) throws(JSONTreeError) {
    try self.init(parsing: Array(text.utf8), maximumDepth: maximumDepth)
  }

  private static func describe(_ failure: json_tokener_error) -> String {
    String(cString: json_tokener_error_desc(failure))
  }

  /// Recursion is bounded by the depth that was accepted.
  private var memberCountOfAllObjects: Int {
    switch kind {
    case .object:
      var total = count
      var position = json_object_iter_begin(handle)
      var end = json_object_iter_end(handle)
      while json_object_iter_equal(&position, &end) == 0 {
        let child = JSONTree(owning: json_object_get(json_object_iter_peek_value(&position)))
        total += child.memberCountOfAllObjects
        json_object_iter_next(&position)
      }
      return total
    case .array:
      var total = 0
      for index in 0..<count {
        total += JSONTree(owning: json_object_get(json_object_array_get_idx(handle, index))).memberCountOfAllObjects
      }
      return total
    case .null, .bool, .integer, .double, .string:
      return 0
    }
  }
}
