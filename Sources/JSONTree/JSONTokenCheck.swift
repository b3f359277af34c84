/// Goes over a text token by token and refuses every spelling that json-c accepts beyond RFC 8259.
///
/// Only tokens are judged here, in their own grammar; how they may follow one another is json-c's part. The scan also
/// counts the members (a `:` outside of a string), from which duplicate keys are found after parsing.
///
///     number  = [ "-" ] ( "0" / digit1-9 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "+" / "-" ] 1*DIGIT ]
///     literal = "true" / "false" / "null"
struct JSONTokenCheck {
  private let text: [UInt8]
  private var position = 0
  private var lastStringHadNUL = false
  /// Where the text ends when white space behind it is left out.
  private(set) var endOfText = 0
  /// How many arrays and objects are open at most at a time.
  private(set) var deepest = 0
  private let maximumDepth: Int

  init(_ text: [UInt8], maximumDepth: Int) {
    self.text = text
    self.maximumDepth = maximumDepth
  }

  /// Checks every token and answers the number of members of all objects together.
  mutating func run() throws(JSONTreeError) -> Int {
    guard String(validating: text, as: UTF8.self) != nil else {
      throw JSONTreeError(code: .invalidText, offset: firstInvalidByte(), message: "the text is not UTF-8")
    }
    var members = 0
    var depth = 0
    while position < text.count {
      let byte = text[position]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        position += 1
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        deepest = max(deepest, depth)
        if depth > maximumDepth { throw fault(.tooDeep, "nested deeper than \(maximumDepth) levels") }
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        position += 1
      case UInt8(ascii: ","):
        position += 1
      case UInt8(ascii: ":"):
        if lastStringHadNUL { throw fault(.nulInKey, "a key contains U+0000") }
        members += 1
        position += 1
      case UInt8(ascii: "\""):
        try string()
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        try number()
      case UInt8(ascii: "a")...UInt8(ascii: "z"):
        try literal()
      default:
        throw fault(.syntax, "unexpected character")
      }
      if byte != UInt8(ascii: "\"") { lastStringHadNUL = false }
      endOfText = position
    }
    return members
  }

  private func fault(_ code: JSONTreeError.Code, _ message: String) -> JSONTreeError {
    JSONTreeError(code: code, offset: position, message: message)
  }

  private func byte(at index: Int) -> UInt8 { index < text.count ? text[index] : 0 }

  private mutating func string() throws(JSONTreeError) {
    lastStringHadNUL = false
    position += 1
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        try escape()
      case 0..<0x20:
        throw fault(.syntax, "a control character in a string must be escaped")
      default:
        position += 1
      }
    }
    throw fault(.syntax, "the string does not end")
  }

  private mutating func escape() throws(JSONTreeError) {
    let escaped = byte(at: position + 1)
    guard escaped == UInt8(ascii: "u") else {
      guard "\"\\/bfnrt".utf8.contains(escaped) else { throw fault(.syntax, "unknown escape") }
      position += 2
      return
    }
    let unit = try codeUnit()
    switch unit {
    case 0: lastStringHadNUL = true
    case 0xD800..<0xDC00:
      guard byte(at: position) == UInt8(ascii: "\\"), byte(at: position + 1) == UInt8(ascii: "u"),
        (0xDC00..<0xE000).contains(try codeUnit())
      else { throw fault(.invalidText, "half of a surrogate pair") }
    case 0xDC00..<0xE000: throw fault(.invalidText, "half of a surrogate pair")
    default: break
    }
  }

  /// Reads `\uXXXX`.
  private mutating func codeUnit() throws(JSONTreeError) -> UInt32 {
    var unit: UInt32 = 0
    for index in position + 2..<position + 6 {
      guard let digit = Character(UnicodeScalar(byte(at: index))).hexDigitValue else {
        throw fault(.syntax, "four hexadecimal digits are wanted after \\u")
      }
      unit = unit << 4 | UInt32(digit)
    }
    position += 6
    return unit
  }

  private mutating func number() throws(JSONTreeError) {
    let start = position
    var isInteger = true
    if byte(at: position) == UInt8(ascii: "-") { position += 1 }
    if byte(at: position) == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if byte(at: position) == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if byte(at: position) | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if byte(at: position) == UInt8(ascii: "+") || byte(at: position) == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    switch byte(at: position) {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."):
      throw fault(.syntax, "the number goes on in a way that JSON does not know")
    default: break
    }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    if isInteger, Int64(digits) == nil, UInt64(digits) == nil {
      throw JSONTreeError(code: .integerOutOfRange, offset: start, message: "\(digits) does not fit into 64 bits")
    }
    if !isInteger, Double(digits)?.isFinite != true {
      throw JSONTreeError(code: .integerOutOfRange, offset: start, message: "\(digits) is beyond a double")
    }
  }

  private mutating func digits() throws(JSONTreeError) {
    let start = position
    while UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte(at: position) { position += 1 }
    if position == start { throw fault(.syntax, "a digit is wanted") }
  }

  private mutating func literal() throws(JSONTreeError) {
    var end = position
    while UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte(at: end) { end += 1 }
    let word = text[position..<end]
    guard word.elementsEqual("true".utf8) || word.elementsEqual("false".utf8) || word.elementsEqual("null".utf8) else {
      throw fault(.syntax, "only true, false and null are words")
    }
    position = end
  }

  /// Where decoding with repair first differs from the text.
  private func firstInvalidByte() -> Int {
    let repaired = String(decoding: text, as: UTF8.self).utf8
    return zip(repaired, text).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? text.count
  }
}
