/// An HTTP/1.1 response as it came over the wire.
struct HTTPAnswer {
  var status: Int
  var headers: [(name: String, value: String)]
  /// Without chunk framing.
  var body: String
  var trailers: [(name: String, value: String)] = []

  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The values of all headers of that name.
  func values(_ name: String) -> [String] {
    headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
  }

  func trailer(_ name: String) -> String? {
    trailers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The first answer of `text` and what follows it; `nil` while it is not whole.
  static func parse(_ text: String, toHead: Bool = false) -> (HTTPAnswer, String)? {
    guard let (head, rest) = split(text[...]) else { return nil }
    let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
    guard let statusText = lines.first?.split(separator: " ").dropFirst().first, let status = Int(statusText) else {
      return nil
    }
    var answer = HTTPAnswer(status: status, headers: lines.dropFirst().compactMap(field), body: "")
    if toHead || status == 204 || status == 304 || status < 200 { return (answer, String(rest)) }
    if answer.header("transfer-encoding") == "chunked" {
      guard let (body, trailers, next) = dechunk(rest) else { return nil }
      answer.body = body
      answer.trailers = trailers
      return (answer, String(next))
    }
    guard let length = answer.header("content-length").flatMap({ Int($0) }) else { return nil }
    guard rest.utf8.count >= length else { return nil }
    let end = rest.utf8.index(rest.utf8.startIndex, offsetBy: length)
    answer.body = String(rest[..<end])
    return (answer, String(rest[end...]))
  }

  /// The data of the chunks that have come, whether or not the last one has.
  static func partialBody(_ text: String) -> String {
    guard var (_, rest) = split(text[...]) else { return "" }
    var body = ""
    while let (data, more) = chunk(rest), !data.isEmpty {
      body += data
      rest = more
    }
    return body
  }

  private static func split(_ text: Substring) -> (head: Substring, rest: Substring)? {
    let bytes = text.utf8
    var index = bytes.startIndex
    while let found = bytes[index...].firstIndex(of: 0x0D) {
      let end = bytes.index(found, offsetBy: 4, limitedBy: bytes.endIndex)
      guard let end else { return nil }
      if bytes[found..<end].elementsEqual([0x0D, 0x0A, 0x0D, 0x0A]) { return (text[..<found], text[end...]) }
      index = bytes.index(after: found)
    }
    return nil
  }

  private static func field(_ line: Substring) -> (name: String, value: String)? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    let value = line[line.index(after: colon)...].drop { $0 == " " }
    return (String(line[..<colon]), String(value))
  }

  private static func line(_ text: Substring) -> (line: Substring, rest: Substring)? {
    let bytes = text.utf8
    guard let end = bytes.firstIndex(of: 0x0D), let next = bytes.index(end, offsetBy: 2, limitedBy: bytes.endIndex)
    else { return nil }
    return (text[..<end], text[next...])
  }

  private static func chunk(_ text: Substring) -> (data: String, rest: Substring)? {
    guard let (sizeText, afterSize) = line(text), let size = Int(sizeText, radix: 16) else { return nil }
    if size == 0 { return ("", afterSize) }
    guard afterSize.utf8.count >= size + 2 else { return nil }
    let end = afterSize.utf8.index(afterSize.utf8.startIndex, offsetBy: size)
    return (String(afterSize[..<end]), afterSize[afterSize.utf8.index(end, offsetBy: 2)...])
  }

  private static func dechunk(
    _ text: Substring
  ) -> (body: String, trailers: [(name: String, value: String)], rest: Substring)? {
    var rest = text
    var body = ""
    while true {
      guard let (data, more) = chunk(rest) else { return nil }
      rest = more
      guard data.isEmpty else {
        body += data
        continue
      }
      var trailers: [(name: String, value: String)] = []
      while true {
        guard let (line, more) = line(rest) else { return nil }
        rest = more
        if line.isEmpty { return (body, trailers, rest) }
        if let field = field(line) { trailers.append(field) }
      }
    }
  }
}
