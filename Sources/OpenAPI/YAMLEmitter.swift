internal import JSONTree

/// Writes a JSON document as YAML 1.2 in block style, with the same members in the same order.
///
/// A string is written plain only when no reader, of YAML 1.1 either, can take it for something else; one of several
/// lines as a literal block (`|-`) when that gives it back exactly; every other one in double quotes, whose escapes
/// are those of JSON (YAML 1.2 section 5.7).
struct YAMLEmitter {
  private(set) var output: [UInt8] = []

  /// Recursion is as deep as the document, which is made here and not by a peer.
  mutating func emit(_ tree: borrowing JSONTree) {
    switch tree.kind {
    case .object where tree.count > 0, .array where tree.count > 0: block(tree, indent: 0, startsInLine: true)
    case .object, .array, .string, .null, .bool, .integer, .double:
      scalar(tree, indent: 0)
      output.append(UInt8(ascii: "\n"))
    }
  }

  /// - Parameter startsInLine: the first entry goes where the output stands, the others on lines of their own.
  private mutating func block(_ tree: borrowing JSONTree, indent: Int, startsInLine: Bool) {
    var isFirst = startsInLine
    if tree.kind == .object {
      for key in tree.keys {
        guard let value = tree.member(key) else { continue }
        beginEntry(&isFirst, indent)
        string(key, indent: indent, isKey: true)
        output.append(UInt8(ascii: ":"))
        member(value, indent: indent)
      }
    } else {
      for index in 0..<tree.count {
        guard let value = tree.element(at: index) else { continue }
        beginEntry(&isFirst, indent)
        output.append(UInt8(ascii: "-"))
        element(value, indent: indent)
      }
    }
  }

  private mutating func beginEntry(_ isFirst: inout Bool, _ indent: Int) {
    if !isFirst { output += repeatElement(UInt8(ascii: " "), count: indent) }
    isFirst = false
  }

  private mutating func member(_ value: borrowing JSONTree, indent: Int) {
    if value.count > 0 {
      output.append(UInt8(ascii: "\n"))
      // A sequence may stand at its key's own column; two spaces more read better.
      block(value, indent: indent + 2, startsInLine: false)
    } else {
      output.append(UInt8(ascii: " "))
      scalar(value, indent: indent + 2)
      output.append(UInt8(ascii: "\n"))
    }
  }

  private mutating func element(_ value: borrowing JSONTree, indent: Int) {
    output.append(UInt8(ascii: " "))
    if value.count > 0 {
      block(value, indent: indent + 2, startsInLine: true)
    } else {
      scalar(value, indent: indent + 2)
      output.append(UInt8(ascii: "\n"))
    }
  }

  private mutating func scalar(_ value: borrowing JSONTree, indent: Int) {
    if let text = value.string {
      string(text, indent: indent, isKey: false)
    } else {
      // Empty containers, numbers, booleans and null are written alike in both languages.
      output += value.serialized()
    }
  }

  private mutating func string(_ text: String, indent: Int, isKey: Bool) {
    if Self.isPlain(text) {
      output += text.utf8
    } else if !isKey, Self.isLiteralBlock(text) {
      output += "|-".utf8
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        output.append(UInt8(ascii: "\n"))
        if !line.isEmpty { output += repeatElement(UInt8(ascii: " "), count: indent) + Array(line.utf8) }
      }
    } else {
      for scalar in String(decoding: JSONTree.string(text).serialized(), as: UTF8.self).unicodeScalars {
        if scalar.isASCII && scalar != "\u{7F}" || Self.isPrintable(scalar) || scalar.value > 0xFFFF {
          output += Character(scalar).utf8
        } else {
          let digits = String(scalar.value, radix: 16)
          output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
        }
      }
    }
  }

  // MARK: Styles

  /// Words that a reader of YAML 1.1 or 1.2 resolves to a boolean or null.
  private static let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, last != UInt8(ascii: " ") else { return false }
    // A digit, sign or dot in front could begin a number or a date.
    switch Unicode.Scalar(first) {
    case "a"..."z", "A"..."Z", "_", "/", "$", "(", "^": break
    default: return false
    }
    guard !words.contains(text.lowercased()) else { return false }
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", "_", "/", "$", "(", ")", "^", "-", ".", "+", "*", ";", "=", "@", "<",
        ">",
        "|", "?", "!", "'", "`", "{", "}", "[", "]", ",", "\"", "\\", "~", "%", "&", ":", "#":
        // ": " would begin a value, " #" a comment.
        if previous == ":" && scalar == " " || previous == " " && scalar == "#" { return false }
      default:
        if !isPrintable(scalar) { return false }
      }
      previous = scalar
    }
    return previous != ":"
  }

  /// Several lines of printable text, none with white space at either end, no empty first or last one.
  private static func isLiteralBlock(_ text: String) -> Bool {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 1, lines.first?.isEmpty == false, lines.last?.isEmpty == false, lines[0].first != " " else {
      return false
    }
    return lines.allSatisfy { line in
      line.last != " "
        && line.unicodeScalars.allSatisfy { (" "..."~").contains($0) || isPrintable($0) }
    }
  }

  /// Beyond ASCII: what every reader takes as it is, line separators and byte order marks left out.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\u{A1}"..."\u{2027}", "\u{202A}"..."\u{D7FF}", "\u{E000}"..."\u{FEFE}", "\u{FF00}"..."\u{FFFD}": true
    default: false
    }
  }
}
