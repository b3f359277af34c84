import ProtobufJSON
import Testing

@Suite struct EncodeStreamFramerTests {
  /// Feeds the pieces as they would arrive, dropping what is done with.
  private func frames(
    _ pieces: [[UInt8]], _ form: JSONStreamFramer.Form, maximum: Int = JSONStreamFramer.defaultMaximumValueSize
  ) throws -> [String] {
    var framer = JSONStreamFramer(form: form, maximumValueSize: maximum)
    var buffer: [UInt8] = []
    var values: [String] = []
    for piece in pieces {
      buffer += piece
      while let range = try framer.next(in: buffer.span.bytes) {
        values.append(String(decoding: buffer[range], as: UTF8.self))
      }
      buffer.removeFirst(framer.discard())
      #expect(buffer.count <= maximum + 64 || pieces.count == 1, "only an unfinished value is kept")
    }
    if let range = try framer.finish(in: buffer.span.bytes) {
      values.append(String(decoding: buffer[range], as: UTF8.self))
    }
    #expect(framer.itemIndex == values.count)
    return values
  }

  /// Whole, byte by byte, and at every split.
  private func everyWay(_ text: String, _ form: JSONStreamFramer.Form) throws -> [String] {
    let bytes = Array(text.utf8)
    let whole = try frames([bytes], form)
    #expect(try frames(bytes.map { [$0] }, form) == whole)
    for split in 0...bytes.count {
      #expect(try frames([Array(bytes[..<split]), Array(bytes[split...])], form) == whole)
    }
    return whole
  }

  @Test(
    arguments: [
      ("", []), (" \n ", []), (#"{"a":1}"#, [#"{"a":1}"#]), ("{}\n{}\n", ["{}", "{}"]), ("{}{}", ["{}", "{}"]),
      (#"{"a":"}"}{"b":"\""} [1,[2]]"#, [#"{"a":"}"}"#, #"{"b":"\""}"#, "[1,[2]]"]), ("1 2\n3", ["1", "2", "3"]),
      (#""a""b""#, [#""a""#, #""b""#]), (#""\\""x""#, [#""\\""#, #""x""#]), ("true{}null", ["true", "{}", "null"]),
      (#""{[" 5"#, [#""{[""#, "5"]), ("{\n \"a\": [\n1\n]\n}\n\n{}", ["{\n \"a\": [\n1\n]\n}", "{}"]),
      (
        #"{"long string with no specials in it at all":"and another that is long enough for words\\\"x"}"#,
        [#"{"long string with no specials in it at all":"and another that is long enough for words\\\"x"}"#]
      ),
    ] as [(String, [String])])
  func concatenatedValuesAreCut(text: String, values: [String]) throws {
    #expect(try everyWay(text, .concatenated) == values)
    if !text.hasPrefix("[") { #expect(try everyWay(text, .arrayOrConcatenated) == values) }
  }

  @Test(
    arguments: [
      ("[]", []), (" [ ] ", []), ("[1]", ["1"]), (#"[{"a":[1]},"x",3]"#, [#"{"a":[1]}"#, #""x""#, "3"]),
      ("\n[\n{}\n,\n{}\n]\n", ["{}", "{}"]), ("[[],[[]]]", ["[]", "[[]]"]), ("[true,null]", ["true", "null"]),
    ] as [(String, [String])])
  func arraysAreCutIntoElements(text: String, values: [String]) throws {
    #expect(try everyWay(text, .array) == values)
    #expect(try everyWay(text, .arrayOrConcatenated) == values)
  }

  @Test(
    arguments: [
      ("", []), ("\u{1e}{}\n", ["{}"]), ("\u{1e}{}\n\u{1e}[1]\n", ["{}", "[1]"]), ("\u{1e}\u{1e}{}", ["{}"]),
      ("\u{1e}1\n\u{1e}2\n", ["1", "2"]), ("\u{1e}\"a\u{1f}\"\n", ["\"a\u{1f}\""]), ("\u{1e}\n\u{1e}{}\n", ["{}"]),
      ("\u{1e}5", ["5"]), ("\u{1e}5\u{1e}6", ["5", "6"]),
    ] as [(String, [String])])
  func sequencesAreCutAtTheirSeparators(text: String, values: [String]) throws {
    #expect(try everyWay(text, .sequence) == values)
  }

  @Test(arguments: [
    ("{", JSONStreamFramer.Form.concatenated, JSONStreamFault.Code.incomplete, 0, 1),
    (#"{} {"a"#, .concatenated, .incomplete, 1, 6), (#""abc"#, .concatenated, .incomplete, 0, 4),
    ("{},{}", .concatenated, .unexpectedByte, 1, 2), ("{}]", .concatenated, .unexpectedByte, 1, 2),
    ("[1", .array, .incomplete, 0, 2), ("[1,", .array, .incomplete, 1, 3), ("", .array, .incomplete, 0, 0),
    ("[1,]", .array, .unexpectedByte, 1, 3), ("[,1]", .array, .unexpectedByte, 0, 1),
    ("[1 2]", .array, .unexpectedByte, 1, 3),
    ("[1]]", .array, .trailing, 1, 3), ("[1] {}", .array, .trailing, 1, 4), ("{}", .array, .unexpectedByte, 0, 0),
    ("[1}", .array, .unexpectedByte, 1, 2), ("{}", .sequence, .missingSeparator, 0, 0),
    ("\u{1e}{} {}", .sequence, .trailing, 1, 4), ("\u{1e}{", .sequence, .incomplete, 0, 2),
  ])
  func brokenStreamsAreRefused(
    text: String, form: JSONStreamFramer.Form, code: JSONStreamFault.Code, item: Int, offset: Int
  ) throws {
    let bytes = Array(text.utf8)
    for pieces in [[bytes], bytes.map { [$0] }] {
      do {
        _ = try frames(pieces, form)
        Issue.record("not refused")
      } catch let fault as JSONStreamFault {
        #expect(fault.code == code)
        #expect(fault.itemIndex == item)
        #expect(fault.offset == offset)
        #expect(fault.message.hasPrefix("item \(item), byte \(offset) of the stream: "))
      }
    }
  }

  @Test func oneValueIsLimitedAndTheStreamIsNot() throws {
    let value = Array(#"{"a":"bcdef"}"#.utf8)
    let many = [[UInt8]](repeating: value, count: 1000)
    #expect(try frames(many, .concatenated, maximum: value.count).count == 1000)
    for pieces in [[value], value.map { [$0] }] {
      #expect(throws: JSONStreamFault.self) { try frames(pieces, .concatenated, maximum: value.count - 1) }
    }
    // The limit holds before the value is whole.
    var framer = JSONStreamFramer(form: .concatenated, maximumValueSize: 100)
    let open = [UInt8](repeating: 0x5B, count: 101)
    #expect(throws: JSONStreamFault.self) { try framer.next(in: open.span.bytes) }
  }

  /// A value that arrives byte by byte costs no more than its length.
  @Test func noByteIsLookedAtTwice() throws {
    var framer = JSONStreamFramer(form: .concatenated)
    var buffer: [UInt8] = Array("{\"a\":\"".utf8)
    buffer.reserveCapacity(1 << 21)
    let clock = ContinuousClock()
    let start = clock.now
    var found = 0
    for _ in 0..<1_000_000 {
      buffer.append(0x61)
      if try framer.next(in: buffer.span.bytes) != nil { found += 1 }
    }
    #expect(found == 0)
    #expect(framer.discard() == 0)
    #expect(clock.now - start < .seconds(30))
    buffer += Array("\"}".utf8)
    #expect(try framer.next(in: buffer.span.bytes) == 0..<buffer.count)
  }
}
