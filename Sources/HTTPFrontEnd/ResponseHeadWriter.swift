import NIOCore

/// Writes the head of an HTTP/1.1 response straight into the buffer that its body follows in, so that
/// both leave in one write.
struct ResponseHeadWriter: ~Copyable {
  private var buffer: ByteBuffer

  /// Begins with the status line. `capacity` should hold head and body.
  init(status: Int, allocator: ByteBufferAllocator, capacity: Int) {
    buffer = allocator.buffer(capacity: capacity)
    buffer.writeStaticString("HTTP/1.1 ")
    buffer.writeDecimal(status)
    buffer.writeStaticString(" ")
    buffer.writeStaticString(ReasonPhrase.of(status))
    buffer.writeStaticString("\r\n")
  }

  /// Begins with lines that are always the same, the last of them open.
  init(opening lines: StaticString, allocator: ByteBufferAllocator, capacity: Int) {
    buffer = allocator.buffer(capacity: capacity)
    buffer.writeStaticString(lines)
  }

  /// Ends the open line with a number.
  mutating func close(with value: Int) {
    buffer.writeDecimal(value)
    buffer.writeStaticString("\r\n")
  }

  /// A whole line, or the start of one, that is known to be sound.
  mutating func addSound(_ start: StaticString, _ rest: String, _ end: StaticString = "\r\n") {
    var rest = rest
    rest.withUTF8 { buffer.write(start, $0, end) }
  }

  /// Goes on in a buffer that holds the last chunk's size: a trailer section is written like a head.
  init(continuing buffer: consuming ByteBuffer) {
    self.buffer = buffer
  }

  mutating func add(_ name: StaticString, _ value: StaticString) {
    value.withUTF8Buffer { buffer.writeLine(name, $0) }
  }

  mutating func add(_ name: StaticString, _ value: Int) {
    buffer.writeStaticString(name)
    buffer.writeStaticString(": ")
    buffer.writeDecimal(value)
    buffer.writeStaticString("\r\n")
  }

  /// A value that would end the line or that no header may hold is left out with its name
  /// (RFC 9110 §5.5: CR, LF and NUL are never passed on).
  mutating func add(_ name: StaticString, _ value: String) {
    guard value.isHeaderValue else { return }
    var value = value
    value.withUTF8 { buffer.writeLine(name, $0) }
  }

  mutating func add(_ name: String, _ value: String) {
    guard name.isHeaderName, value.isHeaderValue else { return }
    buffer.writeString(name)
    buffer.writeStaticString(": ")
    buffer.writeString(value)
    buffer.writeStaticString("\r\n")
  }

  consuming func end() -> ByteBuffer {
    buffer.writeStaticString("\r\n")
    return buffer
  }
}

extension ByteBuffer {
  /// Writes three pieces in one go.
  fileprivate mutating func write(_ start: StaticString, _ middle: UnsafeBufferPointer<UInt8>, _ end: StaticString) {
    let counts = (start.utf8CodeUnitCount, middle.count, end.utf8CodeUnitCount)
    writeWithUnsafeMutableBytes(minimumWritableBytes: counts.0 + counts.1 + counts.2) { target in
      start.withUTF8Buffer { target.copyMemory(from: UnsafeRawBufferPointer($0)) }
      UnsafeMutableRawBufferPointer(rebasing: target[counts.0...]).copyMemory(from: UnsafeRawBufferPointer(middle))
      end.withUTF8Buffer {
        UnsafeMutableRawBufferPointer(rebasing: target[(counts.0 + counts.1)...])
          .copyMemory(from: UnsafeRawBufferPointer($0))
      }
      return counts.0 + counts.1 + counts.2
    }
  }

  /// Writes `name: value` and the end of the line in one go.
  fileprivate mutating func writeLine(_ name: StaticString, _ value: UnsafeBufferPointer<UInt8>) {
    let count = name.utf8CodeUnitCount
    writeWithUnsafeMutableBytes(minimumWritableBytes: count + value.count + 4) { target in
      name.withUTF8Buffer { target.copyMemory(from: UnsafeRawBufferPointer($0)) }
      target[count] = UInt8(ascii: ":")
      target[count + 1] = UInt8(ascii: " ")
      UnsafeMutableRawBufferPointer(rebasing: target[(count + 2)...]).copyMemory(from: UnsafeRawBufferPointer(value))
      target[count + 2 + value.count] = UInt8(ascii: "\r")
      target[count + 3 + value.count] = UInt8(ascii: "\n")
      return count + value.count + 4
    }
  }

  /// Writes a number that is not negative in decimal digits.
  mutating func writeDecimal(_ value: Int) {
    guard value >= 10 else {
      writeInteger(UInt8(ascii: "0") + UInt8(max(value, 0)))
      return
    }
    var digits: UInt64 = 0
    var rest = value
    var count = 0
    // Eight digits fit one word; a larger number goes the long way.
    guard value < 100_000_000 else {
      writeString(String(value))
      return
    }
    while rest > 0 {
      digits = digits << 8 | UInt64(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
      count += 1
    }
    for _ in 0..<count {
      writeInteger(UInt8(truncatingIfNeeded: digits))
      digits >>= 8
    }
  }
}

extension String {
  /// RFC 9110 §5.6.2: a token, less `_`, which some servers take for `-`.
  var isHeaderName: Bool {
    !utf8.isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"),
          UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
          UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
          true
        default: false
        }
      }
  }

  /// No control character but the tab.
  var isHeaderValue: Bool {
    utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
  }
}

/// The reason phrases of RFC 9110 §15 and the codes that google/rpc/code.proto adds (499).
enum ReasonPhrase {
  static func of(_ status: Int) -> StaticString {
    switch status {
    case 100: "Continue"
    case 101: "Switching Protocols"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 417: "Expectation Failed"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 499: "Client Closed Request"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
  }
}
