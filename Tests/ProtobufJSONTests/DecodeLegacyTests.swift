import ProtobufJSON
import Testing

/// proto2: presence everywhere, closed enums, groups, extensions.
@Suite struct DecodeLegacyTests {
  private func legacy(_ wire: Wire, _ options: DecodingOptions = DecodingOptions()) throws -> String {
    try json(wire, as: "decode.legacy.Legacy", options)
  }

  @Test func absentFieldsAreLeftOutWhateverTheirDefault() throws {
    #expect(try legacy([]) == #"{"sizes":[],"packedSizes":[],"shades":{},"item":[],"numbers":[]}"#)
    #expect(try sparse([], as: "decode.legacy.Legacy") == "{}")
  }

  @Test(
    arguments: [
      (.int(1, 0) + .text(2, ""), #"{"id":0,"name":""}"#), (.varint(3, 1), #"{"size":"SMALL"}"#),
      // A number that a closed enum does not name is an unknown field.
      (.varint(3, 5), "{}"), (.varint(3, 1) + .varint(3, 5), #"{"size":"SMALL"}"#),
      (.varint(4, 3) + .varint(4, 5) + .varint(4, 7), #"{"sizes":["LARGE","HUGE"]}"#),
      (.bytes(4, [3, 5, 7]), #"{"sizes":["LARGE","HUGE"]}"#), (.bytes(5, [5, 1]), #"{"packedSizes":["SMALL"]}"#),
      (.varint(4, 5), "{}"), (.message(6, .text(1, "a"), .varint(2, 1)), #"{"shades":{"a":"DARK"}}"#),
      (.message(6, .text(1, "a")), #"{"shades":{"a":"PALE"}}"#),
      (.message(6, .text(1, "a"), .varint(2, 9)), #"{"shades":{}}"#),
      (
        .message(6, .text(1, "a"), .varint(2, 1)) + .message(6, .text(1, "a"), .varint(2, 9)),
        #"{"shades":{"a":"DARK"}}"#
      ),
      (.text(10, "x") + .varint(9, 5), #"{"aText":"x"}"#),
      (.varint(9, 7) + .text(10, "x") + .varint(9, 3), #"{"aSize":"LARGE"}"#),
      (.bytes(11, [1, 2]) + .int(11, 3), #"{"numbers":[1,2,3]}"#),
    ] as [(Wire, String)])
  func enumsAreClosed(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "decode.legacy.Legacy") == expected)
  }

  @Test(
    arguments: [
      (.group(7), #"{"part":{}}"#), (.group(7, .text(1, "a"), .int(2, 5)), #"{"part":{"label":"a","count":"5"}}"#),
      (
        .group(7, .group(3, .int(1, 1)), .group(3), .varint(99, 1)), #"{"part":{"screw":[{"length":1},{}]}}"#
      ),
      (.group(7, .text(1, "a")) + .group(7, .int(2, 5)), #"{"part":{"label":"a","count":"5"}}"#),
      (.group(8, .text(1, "a")) + .group(8), #"{"item":[{"label":"a"},{}]}"#),
      (.group(8, .text(1, "a")) + .int(1, 4) + .group(8), #"{"id":4,"item":[{"label":"a"},{}]}"#),
    ] as [(Wire, String)])
  func groups(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "decode.legacy.Legacy") == expected)
  }

  @Test(
    arguments: [
      (.text(100, "n"), #"{"[decode.legacy.note]":"n"}"#),
      (.int(101, 1) + .int(101, 2), #"{"[decode.legacy.marks]":[1,2]}"#),
      (.varint(150, 1), #"{"[decode.legacy.Scope.scoped_size]":"SMALL"}"#),
      (.message(1000, .text(1, "t")), #"{"[decode.legacy.tree]":{"name":"t"}}"#),
      (.text(100, "n") + .int(1, 5), #"{"id":5,"[decode.legacy.note]":"n"}"#), (.text(199, "unknown"), "{}"),
    ] as [(Wire, String)])
  func extensionsStandInBrackets(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "decode.legacy.Legacy") == expected)
  }

  @Test(
    arguments: [
      (.tag(7, 3) + .text(1, "a"), .truncated), (.tag(7, 3) + .tag(8, 4), .unmatchedGroup),
      (.tag(7, 4), .unmatchedGroup),
      (.message(7), .wrongWireType), (.tag(99, 3) + .tag(98, 4), .unmatchedGroup), (.group(1), .wrongWireType),
    ] as [(Wire, WireFault.Code)])
  func groupsMustMatch(wire: Wire, code: WireFault.Code) throws {
    #expect(try fault(wire, as: "decode.legacy.Legacy")?.code == code)
  }
}
