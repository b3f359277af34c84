import ProtobufJSON
import Testing

/// Lists, maps, oneofs, and messages whose fields come in any order and number.
@Suite struct DecodeStructureTests {
  // MARK: Lists

  @Test(
    arguments: [
      (.double(1, 1.5) + .double(1, 2), #"{"doubles":[1.5,2]}"#),
      (.bytes(3, [1, 0x80, 0x01, 0]) + .int(3, 7), #"{"int32s":[1,128,0,7]}"#),
      (.int(3, 7) + .bytes(3, []) + .bytes(3, [8]), #"{"int32s":[7,8]}"#),
      (.bytes(1, [UInt8](repeating: 0, count: 16)), #"{"doubles":[0,0]}"#),
      (.bytes(9, [1, 0, 0, 0]) + .fixed32(9, 2), #"{"fixed32s":[1,2]}"#),
      (.bytes(4, [5]) + .bytes(8, [5]), #"{"int64s":["5"],"sint64s":["-3"]}"#),
      (.bytes(13, [0, 1, 2]), #"{"bools":[false,true,true]}"#),
      (.text(14, "a") + .text(14, "") + .text(14, "a"), #"{"strings":["a","","a"]}"#),
      (.bytes(15, [0]) + .bytes(15, []), #"{"byteStrings":["AA==",""]}"#),
      (.bytes(16, [0, 5, 9]) + .int(16, -3), #"{"colors":["RED","BLUE",9,"NEGATIVE"]}"#),
      (.message(17, .text(1, "a")) + .message(17), #"{"nodes":[{"name":"a"},{}]}"#),
      (.bytes(18, [1, 2]), #"{"unpacked":[1,2]}"#),
    ] as [(Wire, String)])
  func listsPackedAndUnpacked(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "Lists") == expected)
  }

  @Test func aListThatIsInterruptedIsGrouped() throws {
    let wire = .int(3, 1) + .text(14, "a") + .bytes(3, [2, 3]) + .text(14, "b") + Wire.int(3, 4)
    #expect(try sparse(wire, as: "Lists") == #"{"int32s":[1,2,3,4],"strings":["a","b"]}"#)
  }

  @Test func emptyListsAreListsOfNoElements() throws {
    #expect(try json(.bytes(3, []), as: "Lists").contains(#""int32s":[],"#))
  }

  // MARK: Order

  @Test func fieldsComeInDeclarationOrderWhateverTheWire() throws {
    let parts: [Wire] = [
      .text(3, "t"), .int(2, 2), .message(1, .text(1, "n")), .message(9, .text(3, "i"), .int(2, 1)), .text(5, "c"),
    ]
    var random = DecodeRandom(seed: 7)
    for _ in 0..<50 {
      let wire = Wire(parts.shuffled(using: &random).flatMap(\.bytes))
      #expect(
        try sparse(wire, as: "Shuffled")
          == #"{"third":"t","second":[2],"first":{"name":"n"},"inner":{"third":"i","second":[1]},"quite \"other\"":"c"}"#
      )
    }
  }

  @Test func defaultsStandAtTheirPlaceInAnyOrder() throws {
    #expect(
      try json(.text(5, "c") + .text(3, "t"), as: "Shuffled") == #"{"third":"t","second":[],"quite \"other\"":"c"}"#)
  }

  // MARK: Merging

  @Test func occurrencesOfAMessageAreMerged() throws {
    let wire =
      .message(2, .text(1, "first"), .message(3, .text(1, "a")))
      + .message(2, .text(1, "last"), .message(3, .text(1, "b")), .int(4, 9))
    #expect(
      try sparse(wire, as: "Node") == #"{"next":{"name":"last","children":[{"name":"a"},{"name":"b"}],"weight":"9"}}"#)
  }

  @Test func mergingReachesAllLevels() throws {
    let first: Wire = .message(2, .message(2, .message(2, .text(1, "deep"))))
    let second: Wire = .message(2, .int(4, 1), .message(2, .int(4, 2), .message(2, .int(4, 3))))
    #expect(
      try sparse(first + second, as: "Node")
        == #"{"next":{"next":{"next":{"name":"deep","weight":"3"},"weight":"2"},"weight":"1"}}"#)
    // An empty occurrence changes nothing.
    #expect(try sparse(first + .message(2), as: "Node") == #"{"next":{"next":{"next":{"name":"deep"}}}}"#)
    #expect(try sparse(.message(2) + first, as: "Node") == #"{"next":{"next":{"next":{"name":"deep"}}}}"#)
  }

  @Test func wellKnownOccurrencesAreMergedToo() throws {
    #expect(
      try sparse(.message(1, .int(1, 60)) + .message(1, .int(2, 5_000_000)), as: "WellKnown")
        == #"{"timestamp":"1970-01-01T00:01:00.005Z"}"#)
    #expect(try sparse(.message(14, .int(1, 5)) + .message(14), as: "WellKnown") == #"{"int32Value":5}"#)
    #expect(
      try sparse(.message(3, .text(1, "a")) + .message(3, .text(1, "b_c")), as: "WellKnown") == #"{"mask":"a,bC"}"#)
  }

  // MARK: Oneofs

  @Test(
    arguments: [
      (.text(2, ""), #"{"before":"","text":"","after":""}"#), (.int(3, 0), #"{"before":"","number":"0","after":""}"#),
      (.text(2, "x") + .int(3, 4), #"{"before":"","number":"4","after":""}"#),
      (.int(3, 4) + .text(2, "x"), #"{"before":"","text":"x","after":""}"#),
      (.int(3, 4) + .text(2, "x") + .int(3, 5), #"{"before":"","number":"5","after":""}"#),
      (.varint(5, 0), #"{"before":"","nothing":null,"after":""}"#),
      (.text(2, "x") + .varint(5, 9), #"{"before":"","nothing":null,"after":""}"#),
      (
        .message(4, .text(1, "a")) + .message(4, .int(4, 1)),
        #"{"before":"","node":{"name":"a","children":[],"weight":"1"},"after":""}"#
      ),
      (
        .message(4, .text(1, "a")) + .int(3, 4) + .message(4, .int(4, 1)),
        #"{"before":"","node":{"name":"","children":[],"weight":"1"},"after":""}"#
      ),
    ] as [(Wire, String)])
  func ofAOneofTheLastMemberIsSet(wire: Wire, expected: String) throws {
    #expect(try json(wire, as: "Choice") == expected)
  }

  // MARK: Maps

  @Test(
    arguments: [
      (.message(1, .int(1, -1), .text(2, "x")), #"{"byInt32":{"-1":"x"}}"#),
      (.message(2, .int(1, .min), .int(2, .max)), #"{"byInt64":{"-9223372036854775808":"9223372036854775807"}}"#),
      (.message(3, .varint(1, 4_294_967_295), .varint(2, 1)), #"{"byUint32":{"4294967295":1}}"#),
      (.message(4, .varint(1, .max), .double(2, 0.5)), #"{"byUint64":{"18446744073709551615":0.5}}"#),
      (.message(5, .varint(1, 1), .varint(2, 1)), #"{"bySint32":{"-1":true}}"#),
      (.message(6, .varint(1, 3), .bytes(2, [1])), #"{"bySint64":{"-2":"AQ=="}}"#),
      (.message(7, .fixed32(1, .max), .float(2, 1.5)), #"{"byFixed32":{"4294967295":1.5}}"#),
      (.message(8, .fixed64(1, .max), .fixed64(2, 1)), #"{"byFixed64":{"18446744073709551615":"1"}}"#),
      (.message(9, .fixed32(1, .max), .varint(2, 1)), #"{"bySfixed32":{"-1":-1}}"#),
      (.message(10, .fixed64(1, .max), .varint(2, 1)), #"{"bySfixed64":{"-1":"-1"}}"#),
      (.message(11, .varint(1, 1), .varint(2, 5)), #"{"byBool":{"true":"BLUE"}}"#),
      (.message(12, .text(1, "k\n"), .message(2, .text(1, "v"))), #"{"byString":{"k\n":{"name":"v"}}}"#),
      (.message(13, .text(1, ""), .message(2, .varint(1, 0))), #"{"values":{"":null}}"#),
    ] as [(Wire, String)])
  func mapsOfEveryKey(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "Maps") == expected)
  }

  @Test(
    arguments: [
      (.message(1), #"{"byInt32":{"0":""}}"#), (.message(1, .text(2, "v")), #"{"byInt32":{"0":"v"}}"#),
      (.message(1, .text(2, "v"), .int(1, 7)), #"{"byInt32":{"7":"v"}}"#),
      (.message(1, .int(1, 7), .int(1, 8), .text(2, "a"), .text(2, "b"), .text(9, "?")), #"{"byInt32":{"8":"b"}}"#),
      (.message(11), #"{"byBool":{"false":"RED"}}"#), (.message(12), #"{"byString":{"":{}}}"#),
      (
        .message(12, .message(2, .text(1, "a")), .text(1, "k"), .message(2, .int(4, 5))),
        #"{"byString":{"k":{"name":"a","weight":"5"}}}"#
      ),
      (.message(13, .text(1, "k")), #"{"values":{"k":null}}"#),
      (.message(6), #"{"bySint64":{"0":""}}"#), (.message(10), #"{"bySfixed64":{"0":"0"}}"#),
    ] as [(Wire, String)])
  func entriesInAnyOrderAndIncomplete(wire: Wire, expected: String) throws {
    #expect(try sparse(wire, as: "Maps") == expected)
  }

  @Test(arguments: [2, 3, 8, 9, 40, 1000])
  func theLastEntryOfAKeyWins(count: Int) throws {
    var wire = Wire([])
    for index in 0..<count {
      wire = wire + .message(1, .int(1, Int64(index % 7)), .text(2, "\(index)"))
      wire = wire + .message(12, .text(1, "key \(index % 5)"), .message(2, .int(4, Int64(index))))
    }
    let expectedKeys = (0..<count).filter { $0 + 7 >= count }.map { "\"\($0 % 7)\":\"\($0)\"" }
    let expectedNames = (0..<count).filter { $0 + 5 >= count }.map {
      "\"key \($0 % 5)\":{" + ($0 == 0 ? "" : "\"weight\":\"\($0)\"") + "}"
    }
    #expect(
      try sparse(wire, as: "Maps")
        == "{\"byInt32\":{\(expectedKeys.joined(separator: ","))},\"byString\":{\(expectedNames.joined(separator: ","))}}"
    )
  }

  @Test func aBooleanKeyIsTheSameInEverySpelling() throws {
    #expect(
      try sparse(.message(11, .varint(1, 1), .varint(2, 1)) + .message(11, .varint(1, 200), .varint(2, 5)), as: "Maps")
        == #"{"byBool":{"true":"BLUE"}}"#)
  }
}
