import NIOCore
import ProtobufJSON
import Testing

@testable import HTTPFrontEnd

@Suite struct WritingTests {
  private let allocator = ByteBufferAllocator()

  @Test func headEndsWithAnEmptyLine() {
    var head = ResponseHeadWriter(status: 404, allocator: allocator, capacity: 64)
    head.add("Content-Length", 12)
    head.add("X-A", "b")
    #expect(String(buffer: head.end()) == "HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\nX-A: b\r\n\r\n")
  }

  @Test(arguments: ["a\r\nb", "a\nb", "a\0", "\u{1}", "\u{7F}"])
  func valuesThatWouldEndTheLineAreLeftOut(_ value: String) {
    var head = ResponseHeadWriter(status: 200, allocator: allocator, capacity: 64)
    head.add("X-A", value)
    #expect(String(buffer: head.end()) == "HTTP/1.1 200 OK\r\n\r\n")
  }

  @Test(arguments: ["", "a b", "a:b", "a\r", "a_b", "é"]) func badNamesAreLeftOut(_ name: String) {
    var head = ResponseHeadWriter(status: 200, allocator: allocator, capacity: 64)
    head.add(name, "v")
    #expect(String(buffer: head.end()) == "HTTP/1.1 200 OK\r\n\r\n")
  }

  @Test(arguments: [0, 1, 9, 10, 99, 12345, 9_999_999, 99_999_999, 100_000_000, Int.max])
  func decimals(_ value: Int) {
    var buffer = ByteBuffer()
    buffer.writeDecimal(value)
    #expect(String(buffer: buffer) == String(value))
  }

  @Test(
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
      (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
    ] as [(Int64, String)])
  func dates(seconds: Int64, text: String) {
    #expect(DateHeader.format(seconds) == text)
  }

  private func text(_ form: StreamForm, count: Int, failure: String? = nil) -> String {
    var output = OutputBuffer(minimumCapacity: 16)
    for index in 0..<count {
      form.writeStart(of: index, into: &output)
      output.append(contentsOf: "{\(index)}")
      form.writeEnd(into: &output)
    }
    if let failure {
      var error = OutputBuffer(minimumCapacity: 16)
      error.append(contentsOf: failure)
      form.writeFailure(error, into: &output)
    } else {
      form.writeCleanEnd(count: count, into: &output)
    }
    return String(decoding: output.array, as: UTF8.self)
  }

  @Test func formsOfAStream() {
    #expect(text(.lines(jsonl: false), count: 2) == "{0}\n{1}\n")
    #expect(text(.lines(jsonl: true), count: 0) == "")
    #expect(text(.array, count: 0) == "[]")
    #expect(text(.array, count: 2) == "[{0},{1}]")
    #expect(text(.sequence, count: 2) == "\u{1E}{0}\n\u{1E}{1}\n")
    #expect(text(.events, count: 1) == "id: 1\ndata: {0}\n\nevent: end\ndata: {}\n\n")
  }

  @Test func formsOfAFailure() {
    #expect(text(.lines(jsonl: false), count: 1, failure: "E") == "{0}\nE\n")
    #expect(text(.array, count: 1, failure: "E") == "[{0}")
    #expect(text(.sequence, count: 1, failure: "E") == "\u{1E}{0}\n\u{1E}E\n")
    #expect(text(.events, count: 1, failure: "E") == "id: 1\ndata: {0}\n\nevent: error\ndata: E\n\n")
  }

  @Test func heldMessagesComeBackInOrder() {
    var held = HeldMessages()
    let messages = ["", "a", String(repeating: "b", count: 1000)]
    for message in messages { held.append(ByteBuffer(string: message)) }
    for message in messages { #expect(held.popFirst().map { String(buffer: $0) } == message) }
    #expect(held.isEmpty)
    #expect(held.popFirst() == nil)
  }

  @Test func requestIDsAreDigitsOfBase32AndDiffer() {
    var generator = RequestIDGenerator(seed: 1)
    let ids = (0..<1000).map { _ in generator.next() }
    #expect(Set(ids).count == 1000)
    #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-v]{13}/) != nil })
  }
}
