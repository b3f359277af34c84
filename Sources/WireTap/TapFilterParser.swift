import HTTP2

/// What is wrong with a filter, and at which character, counted from 1.
public struct TapFilterFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let filter: String
  public let column: Int
  public let message: String

  public var description: String { "filter '\(filter)', column \(column): \(message)" }
}

/// Reads a filter; the grammar is `TapFilter`'s.
struct TapFilterParser {
  private let text: String

  init(_ text: String) { self.text = text }

  func conditions() throws(TapFilterFault) -> [TapFilter.Condition] {
    var conditions: [TapFilter.Condition] = []
    for word in text.split(separator: " ") { conditions.append(try condition(word)) }
    guard !conditions.isEmpty else { throw fault(text.startIndex, "no condition, such as stream=1") }
    return conditions
  }

  private func condition(_ word: Substring) throws(TapFilterFault) -> TapFilter.Condition {
    let isNegated = word.first == "!"
    let body = isNegated ? word.dropFirst() : word
    guard let equals = body.firstIndex(of: "=") else {
      throw fault(word.startIndex, "'\(word)' is not key=value; keys are stream, path, type, from, conn")
    }
    let key = body[..<equals]
    var tests: [TapFilter.Test] = []
    for value in body[body.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: false) {
      tests.append(try test(key, value))
    }
    return TapFilter.Condition(isNegated: isNegated, tests: tests)
  }

  private func test(_ key: Substring, _ value: Substring) throws(TapFilterFault) -> TapFilter.Test {
    switch key {
    case "stream":
      let ends = value.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count <= 2, let low = number(ends.first), let high = number(ends.last), low <= high else {
        throw fault(value.startIndex, "'\(value)' is neither a stream's number nor a range such as 1-9")
      }
      return .stream(low...high)
    case "path":
      guard !value.isEmpty else { throw fault(value.startIndex, "an empty path") }
      return .path(PathPattern(String(value)))
    case "type":
      if value == "unknown" { return .unknownType }
      for raw in FrameType.data.rawValue...FrameType.continuation.rawValue {
        let type = FrameType(rawValue: raw)
        if type.description.lowercased() == value.lowercased() { return .type(type) }
      }
      throw fault(
        value.startIndex,
        "'\(value)' is no frame type; there are data, headers, priority, rst_stream, settings, push_promise, ping, "
          + "goaway, window_update, continuation, unknown")
    case "from":
      switch value {
      case "client": return .from(.client)
      case "server": return .from(.server)
      default: throw fault(value.startIndex, "'\(value)' is neither client nor server")
      }
    case "conn":
      guard let number = number(value) else { throw fault(value.startIndex, "'\(value)' is no connection's number") }
      return .connection(Int(number))
    default:
      throw fault(key.startIndex, "'\(key)' is none of the keys stream, path, type, from, conn")
    }
  }

  private func number(_ text: Substring?) -> UInt32? {
    guard let text, !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return UInt32(text)
  }

  private func fault(_ place: String.Index, _ message: String) -> TapFilterFault {
    TapFilterFault(filter: text, column: text.distance(from: text.startIndex, to: place) + 1, message: message)
  }
}
