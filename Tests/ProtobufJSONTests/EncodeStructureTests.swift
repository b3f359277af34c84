import ProtobufJSON
import ProtobufSchema
import Testing

@Suite struct EncodeStructureTests {
  @Test(
    arguments: [
      EncodeCase(
        #"{"int32s":[1,-1,300]}"#, Wire.bytes(3, [1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0xAC, 2])),
      EncodeCase(#"{"unpacked":[1,2]}"#, .varint(18, 1), .varint(18, 2)),
      EncodeCase(#"{"unpacked":[0]}"#, .varint(18, 0)),
      EncodeCase(#"{"doubles":[0,1]}"#, .bytes(1, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])),
      EncodeCase(#"{"sint64s":["-1",2]}"#, .bytes(8, [1, 4])),
      EncodeCase(#"{"bools":[true,false]}"#, .bytes(13, [1, 0])),
      EncodeCase(
        #"{"colors":["GREEN",5,"NEGATIVE"]}"#, .bytes(16, [1, 5, 253, 255, 255, 255, 255, 255, 255, 255, 255, 1])),
      EncodeCase(#"{"strings":["","a"]}"#, .text(14, ""), .text(14, "a")),
      EncodeCase(#"{"byteStrings":["AQ"]}"#, .bytes(15, [1])),
      EncodeCase(#"{"nodes":[{},{"name":"n"}]}"#, .message(17), .message(17, .text(1, "n"))),
      EncodeCase(#"{"int32s":[],"strings":[],"nodes":[]}"#, []),
      EncodeCase(#"{"int32s":null,"nodes":null}"#, []),
      EncodeCase(#"{ "int32s" : [ 1 , 2 ] }"#, .bytes(3, [1, 2])),
    ] as [EncodeCase])
  func listsArePackedWhereTheFieldIs(item: EncodeCase) throws {
    #expect(try wire(item.text, as: "Lists") == item.expected.bytes)
  }

  private static func entry(_ number: UInt64, _ key: Wire, _ value: Wire) -> Wire { .message(number, key, value) }

  @Test(
    arguments: [
      EncodeCase(#"{"byInt32":{"-1":"x"}}"#, entry(1, .int(1, -1), .text(2, "x"))),
      EncodeCase(#"{"byInt64":{"9223372036854775807":"5"}}"#, entry(2, .varint(1, .max >> 1), .varint(2, 5))),
      EncodeCase(#"{"byUint32":{"4294967295":0}}"#, entry(3, .varint(1, 4_294_967_295), .varint(2, 0))),
      EncodeCase(#"{"byUint64":{"18446744073709551615":1.5}}"#, entry(4, .varint(1, .max), .double(2, 1.5))),
      EncodeCase(#"{"bySint32":{"-1":true}}"#, entry(5, .varint(1, 1), .varint(2, 1))),
      EncodeCase(#"{"bySint64":{"1":"AQ"}}"#, entry(6, .varint(1, 2), .bytes(2, [1]))),
      EncodeCase(#"{"byFixed32":{"1":1}}"#, entry(7, .fixed32(1, 1), .float(2, 1))),
      EncodeCase(#"{"byFixed64":{"1":"2"}}"#, entry(8, .fixed64(1, 1), .fixed64(2, 2))),
      EncodeCase(#"{"bySfixed32":{"-1":-1}}"#, entry(9, .fixed32(1, .max), .varint(2, 1))),
      EncodeCase(#"{"bySfixed64":{"-1":-1}}"#, entry(10, .fixed64(1, .max), .varint(2, 1))),
      EncodeCase(
        #"{"byBool":{"true":"BLUE","false":0}}"#,
        entry(11, .varint(1, 1), .varint(2, 5)), entry(11, .varint(1, 0), .varint(2, 0))),
      EncodeCase(
        #"{"byString":{"":{},"\u0061":{"name":"n"}}}"#,
        entry(12, .text(1, ""), .message(2)), entry(12, .text(1, "a"), .message(2, .text(1, "n")))),
      EncodeCase(#"{"values":{"n":null}}"#, entry(13, .text(1, "n"), .message(2, .varint(1, 0)))),
      EncodeCase(#"{"byString":{},"byInt32":null}"#, []),
    ] as [EncodeCase])
  func mapsTakeEveryKey(item: EncodeCase) throws {
    #expect(try wire(item.text, as: "Maps") == item.expected.bytes)
  }

  @Test(arguments: [
    (#"{"byInt32":{"x":"x"}}"#, JSONFault.Code.wrongType), (#"{"byInt32":{"2147483648":"x"}}"#, .outOfRange),
    (#"{"byInt32":{"1.5":"x"}}"#, .notAnInteger), (#"{"byBool":{"1":"RED"}}"#, .wrongType),
    (#"{"byBool":{"True":"RED"}}"#, .wrongType), (#"{"byInt32":{1:"x"}}"#, .syntax),
    (#"{"byString":{"a":null}}"#, .nullElement), (#"{"byInt32":{"1":null}}"#, .nullElement),
    (#"{"byString":[]}"#, .wrongType), (#"{"byString":"x"}"#, .wrongType), (#"{"byUint32":{"-1":1}}"#, .outOfRange),
    (#"{"byInt32":{"":"x"}}"#, .wrongType), (#"{"byInt32":{" 1":"x"}}"#, .wrongType),
    (#"{"byBool":{"true":"PURPLE"}}"#, .unknownEnumValue),
  ])
  func otherMapsAreRefused(json: String, code: JSONFault.Code) throws {
    #expect(try encodeFault(json, as: "Maps")?.code == code)
  }

  @Test(arguments: [
    (#"{"int32s":[1,null]}"#, JSONFault.Code.nullElement), (#"{"nodes":[null]}"#, .nullElement),
    (#"{"strings":[null]}"#, .nullElement), (#"{"int32s":1}"#, .wrongType), (#"{"int32s":{"0":1}}"#, .wrongType),
    (#"{"int32s":[1,]}"#, .syntax), (#"{"int32s":[,1]}"#, .syntax), (#"{"int32s":[1 2]}"#, .syntax),
    (#"{"int32s":[1"#, .unexpectedEnd), (#"{"int32s":["#, .unexpectedEnd), (#"{"int32s":[[1]]}"#, .wrongType),
    (#"{"strings":[nul]}"#, .syntax), (#"{"colors":["PURPLE"]}"#, .unknownEnumValue),
  ])
  func otherListsAreRefused(json: String, code: JSONFault.Code) throws {
    #expect(try encodeFault(json, as: "Lists")?.code == code)
  }

  @Test func elementsMayBeNullWhereNullIsAValue() throws {
    #expect(
      try wire(#"{"listOfValues":[null,1]}"#, as: "WellKnown")
        == (Wire.message(21, .varint(1, 0)) + .message(21, .double(2, 1))).bytes)
    #expect(try encodeFault(#"{"strings":[null]}"#, as: "WellKnown")?.code == .nullElement)
    #expect(try encodeFault(#"{"timestamps":[null]}"#, as: "WellKnown")?.code == .nullElement)
  }

  @Test(arguments: [
    #"{"anInt32":1,"anInt32":1}"#, #"{"anInt32":1,"an_int32":1}"#, #"{"an_int32":null,"anInt32":1}"#,
    #"{"anInt32":1,"aBool":true,"anInt32":2}"#, #"{"anInt32":1,"\u0061nInt32":1}"#,
  ])
  func oneFieldTwiceIsRefused(json: String) throws {
    let fault = try encodeFault(json, as: "Scalars")
    #expect(fault?.code == .duplicateKey)
    #expect(fault?.fieldPath.isEmpty == false)
  }

  @Test(arguments: [
    #"{"byString":{"a":{},"a":{}}}"#, #"{"byString":{"a":{},"\u0061":{}}}"#, #"{"byInt32":{"1":"","1":""}}"#,
    #"{"byInt32":{"1":"","1.0":""}}"#, #"{"byBool":{"true":0,"true":0}}"#,
  ])
  func oneMapKeyTwiceIsRefused(json: String) throws {
    #expect(try encodeFault(json, as: "Maps")?.code == .duplicateKey)
  }

  /// Keys are found again when there are many, when values are long, and after nested maps.
  @Test(arguments: [1, 7, 8, 9, 30, 500], [0, 100, 130, 5000])
  func duplicatesAreFoundAmongMany(count: Int, valueLength: Int) throws {
    let filler = String(repeating: "v", count: valueLength)
    let members = (0..<count).map { "\"key\($0)\":{\"name\":\"\(filler)\"}" }
    let all = "{\"byString\":{\(members.joined(separator: ","))}}"
    #expect(throws: Never.self) { try wire(all, as: "Maps") }
    for again in [0, count / 2, count - 1] {
      let json = "{\"byString\":{\(members.joined(separator: ",")),\"key\(again)\":{}}}"
      #expect(try encodeFault(json, as: "Maps")?.code == .duplicateKey)
    }
  }

  @Test func freeFormObjectsKeepTheLastOfEqualKeys() throws {
    let json = #"{"structure":{"a":1,"a":2}}"#
    let a1 = Wire.message(1, .text(1, "a"), .message(2, .double(2, 1)))
    let a2 = Wire.message(1, .text(1, "a"), .message(2, .double(2, 2)))
    #expect(try wire(json, as: "WellKnown") == Wire.message(4, a1, a2).bytes)
  }

  @Test(
    arguments: [
      EncodeCase(#"{"text":"a"}"#, Wire.text(2, "a")), EncodeCase(#"{"text":""}"#, .text(2, "")),
      EncodeCase(#"{"number":"0"}"#, .varint(3, 0)),
      EncodeCase(#"{"flag":false}"#, .varint(7, 0)), EncodeCase(#"{"node":{}}"#, .message(4)),
      EncodeCase(#"{"nothing":null}"#, .varint(5, 0)),
      EncodeCase(#"{"nothing":"NULL_VALUE"}"#, .varint(5, 0)), EncodeCase(#"{"text":null,"number":1}"#, .varint(3, 1)),
      EncodeCase(#"{"number":1,"text":null}"#, .varint(3, 1)),
      EncodeCase(#"{"node":null,"before":"b"}"#, .text(1, "b")),
    ] as [EncodeCase])
  func oneMemberOfAOneofIsWritten(item: EncodeCase) throws {
    #expect(try wire(item.text, as: "Choice") == item.expected.bytes)
  }

  @Test(arguments: [
    #"{"text":"a","number":1}"#, #"{"number":1,"flag":false}"#, #"{"nothing":null,"text":"a"}"#,
    #"{"text":"a","nothing":null}"#, #"{"node":{},"before":"","text":""}"#,
  ])
  func twoMembersOfAOneofAreRefused(json: String) throws {
    let fault = try encodeFault(json, as: "Choice")
    #expect(fault?.code == .oneofConflict)
    #expect(fault?.expected.contains("kind") == true)
  }

  /// Lengths on both sides of every varint boundary, and of the boundary where they are put in at the end.
  @Test(arguments: [
    0, 1, 60, 120, 121, 122, 123, 124, 125, 126, 127, 128, 4000, 4090, 4095, 4096, 4097, 16_380, 16_384, 2_100_000,
  ])
  func nestedLengthsAreRight(count: Int) throws {
    let filler = String(repeating: "x", count: count)
    for depth in [1, 2, 3, 10] {
      var json = "{\"name\":\"\(filler)\"}"
      var expected = count == 0 ? [] : Wire.text(1, filler).bytes
      for level in 0..<depth {
        json = "{\"weight\":\"\(level)\",\"next\":\(json),\"children\":[{},{\"name\":\"c\"}]}"
        let weight = level == 0 ? [] : Wire.varint(4, UInt64(level)).bytes
        expected =
          weight + Wire.bytes(2, expected).bytes + Wire.message(3).bytes + Wire.message(3, .text(1, "c")).bytes
      }
      #expect(try wire(json, as: "Node") == expected)
    }
  }

  @Test func longSiblingsAreEachPutRight() throws {
    let sizes = [5000, 10, 4096, 200, 70_000, 0, 127, 5000]
    let children = sizes.map { "{\"children\":[{\"name\":\"\(String(repeating: "x", count: $0))\"}]}" }
    let expected = sizes.flatMap { size in
      let name = size == 0 ? Wire([]) : .text(1, String(repeating: "x", count: size))
      return Wire.message(3, .message(3, name)).bytes
    }
    #expect(try wire("{\"children\":[\(children.joined(separator: ","))]}", as: "Node") == expected)
  }

  @Test(arguments: [99, 100, 101, 5000])
  func nestingEndsAtAHundred(depth: Int) throws {
    let objects = String(repeating: "{\"next\":", count: depth - 1) + "{}" + String(repeating: "}", count: depth - 1)
    let fault = try encodeFault(objects, as: "Node")
    let lists = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let other = try encodeFault(lists, as: "google.protobuf.ListValue")
    let skipped = try encodeFault(
      "{\"x\":\(String(lists.dropFirst().dropLast()))}", as: "Node", .init(ignoreUnknownFields: true))
    for fault in [fault, other, skipped] {
      if depth <= 100 {
        #expect(fault == nil)
      } else {
        #expect(fault?.code == .tooDeep)
      }
    }
    #expect(try encodeFault("{\"next\":{}}", as: "Node", .init(maximumDepth: 1))?.code == .tooDeep)
    let endless = EncodingOptions(maximumDepth: .max)
    #expect((try encodeFault(objects, as: "Node", endless) != nil) == (depth > EncodingOptions.largestMaximumDepth))
  }

  @Test func unknownFieldsAreSkippedOnRequest() throws {
    let options = EncodingOptions(ignoreUnknownFields: true)
    let json = #"{"x":{"a":[1,"b",null,true,-1.5e3,{}]},"anInt32":1,"y":[],"aColor":"PURPLE","z":"\ud83d\ude00"}"#
    #expect(try wire(json, as: "Scalars", options) == Wire.varint(3, 1).bytes)
    #expect(try wire(#"{"colors":["PURPLE","BLUE","PINK"]}"#, as: "Lists", options) == Wire.bytes(16, [5]).bytes)
    #expect(try wire(#"{"colors":["PURPLE"]}"#, as: "Lists", options) == [])
    #expect(
      try wire(#"{"byBool":{"true":"PURPLE","false":"BLUE"}}"#, as: "Maps", options)
        == Wire.message(11, .varint(1, 0), .varint(2, 5)).bytes)
    for broken in [#"{"x":[1,]}"#, #"{"x":{"a"}}"#, #"{"x":01}"#, #"{"x":"\ud800"}"#, #"{"x":nul}"#, #"{"x":}"#] {
      #expect(try encodeFault(broken, as: "Scalars", options) != nil)
    }
  }
}
