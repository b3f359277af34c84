import ProtobufJSON
import ProtobufSchema
import Testing

@Suite struct EncodeScalarTests {
  @Test(
    arguments: [
      EncodeCase(#"{"aDouble":1.5}"#, Wire.double(1, 1.5)),
      EncodeCase(#"{"aDouble":-0.0}"#, .double(1, -0.0)),
      EncodeCase(#"{"aDouble":"2.5"}"#, .double(1, 2.5)),
      EncodeCase(#"{"aDouble":"Infinity"}"#, .double(1, .infinity)),
      EncodeCase(#"{"aDouble":"-Infinity"}"#, .double(1, -.infinity)),
      EncodeCase(#"{"aDouble":1e-400}"#, []),
      EncodeCase(#"{"aFloat":"NaN"}"#, .float(2, .nan)),
      EncodeCase(#"{"aFloat":3.4028235e38}"#, .float(2, .greatestFiniteMagnitude)),
      EncodeCase(#"{"aFloat":2300}"#, .float(2, 2300)),
      EncodeCase(#"{"anInt32":2147483647}"#, .varint(3, 2_147_483_647)),
      EncodeCase(#"{"anInt32":-2147483648}"#, .int(3, -2_147_483_648)),
      EncodeCase(#"{"anInt32":"-1"}"#, .int(3, -1)),
      EncodeCase(#"{"anInt32":1e3}"#, .varint(3, 1000)),
      EncodeCase(#"{"anInt32":1.0}"#, .varint(3, 1)),
      EncodeCase(#"{"anInt32":"1e1"}"#, .varint(3, 10)),
      EncodeCase(#"{"anInt32":120e-1}"#, .varint(3, 12)),
      EncodeCase(#"{"anInt32":0.0e9999999999}"#, []),
      EncodeCase(#"{"anInt32":-0}"#, []),
      EncodeCase(#"{"anInt64":9223372036854775807}"#, .varint(4, 9_223_372_036_854_775_807)),
      EncodeCase(#"{"anInt64":"-9223372036854775808"}"#, .int(4, .min)),
      EncodeCase(#"{"anInt64":-9223372036854775808.000}"#, .int(4, .min)),
      EncodeCase(#"{"aUint32":4294967295}"#, .varint(5, 4_294_967_295)),
      EncodeCase(#"{"aUint32":-0}"#, []),
      EncodeCase(#"{"aUint64":18446744073709551615}"#, .varint(6, .max)),
      EncodeCase(#"{"aUint64":"18446744073709551615"}"#, .varint(6, .max)),
      EncodeCase(#"{"aUint64":1844674407370955161.5e1}"#, .varint(6, .max)),
      EncodeCase(#"{"aUint64":184467440737095516150000e-4}"#, .varint(6, .max)),
      EncodeCase(#"{"aSint32":-1}"#, .varint(7, 1)),
      EncodeCase(#"{"aSint32":2147483647}"#, .varint(7, 4_294_967_294)),
      EncodeCase(#"{"aSint32":-2147483648}"#, .varint(7, 4_294_967_295)),
      EncodeCase(#"{"aSint64":"-9223372036854775808"}"#, .varint(8, .max)),
      EncodeCase(#"{"aSint64":"9223372036854775807"}"#, .varint(8, .max - 1)),
      EncodeCase(#"{"aFixed32":4294967295}"#, .fixed32(9, .max)),
      EncodeCase(#"{"aFixed64":"18446744073709551615"}"#, .fixed64(10, .max)),
      EncodeCase(#"{"aSfixed32":-1}"#, .fixed32(11, .max)),
      EncodeCase(#"{"aSfixed64":"-1"}"#, .fixed64(12, .max)),
      EncodeCase(#"{"aBool":true}"#, .varint(13, 1)),
      EncodeCase(#"{"aBool":false}"#, []),
      EncodeCase(#"{"aString":"x"}"#, .text(14, "x")),
      EncodeCase(#"{"aString":""}"#, []),
      EncodeCase(#"{"someBytes":"AQID"}"#, .bytes(15, [1, 2, 3])),
      EncodeCase(#"{"someBytes":""}"#, []),
      EncodeCase(#"{"aColor":"BLUE"}"#, .varint(16, 5)),
      EncodeCase(#"{"aColor":5}"#, .varint(16, 5)),
      EncodeCase(#"{"aColor":-3}"#, .int(16, -3)),
      EncodeCase(#"{"aColor":77}"#, .varint(16, 77)),
      EncodeCase(#"{"aColor":"RED"}"#, []),
      EncodeCase(#"{"aColor":1e0}"#, .varint(16, 1)),
      EncodeCase(#"{"a_color":"GREEN","an_int32":1}"#, .varint(16, 1), .varint(3, 1)),
      EncodeCase(#"{"aString":null,"aColor":null,"anInt32":null,"aDouble":null}"#, []),
      EncodeCase(" \t\r\n{ \"anInt32\" \n:\t1 , \"aBool\":true } \n", .varint(3, 1), .varint(13, 1)),
      EncodeCase("{}", []),
    ] as [EncodeCase])
  func everyScalarHasItsWireForm(item: EncodeCase) throws {
    #expect(try wire(item.text, as: "Scalars") == item.expected.bytes)
  }

  @Test(arguments: [
    ("anInt32", "2147483648"), ("anInt32", "-2147483649"), ("anInt32", "\"2147483648\""), ("anInt32", "1e10"),
    ("anInt64", "9223372036854775808"), ("anInt64", "-9223372036854775809"), ("anInt64", "1e99999999999"),
    ("aUint32", "4294967296"), ("aUint32", "-1"), ("aUint64", "18446744073709551616"), ("aUint64", "\"-1\""),
    ("aUint64", "99999999999999999999999999"), ("aSint32", "2147483648"), ("aSint64", "9223372036854775808"),
    ("aFixed32", "4294967296"), ("aFixed64", "18446744073709551616"), ("aSfixed32", "-2147483649"),
    ("aSfixed64", "9223372036854775808"), ("aDouble", "1e400"), ("aDouble", "-1e400"), ("aDouble", "\"1e400\""),
    ("aFloat", "3.5e38"), ("aFloat", "1e40"), ("aColor", "2147483648"), ("aColor", "99999999999999999999"),
  ])
  func outOfRangeIsRefused(field: String, value: String) throws {
    let fault = try encodeFault("{\"\(field)\":\(value)}", as: "Scalars")
    #expect(fault?.code == .outOfRange)
    #expect(fault?.fieldPath == field)
    #expect(fault?.offset == field.utf8.count + 4)
  }

  @Test(arguments: [
    ("anInt32", "1.5"), ("anInt32", "1e-1"), ("anInt64", "\"0.1\""), ("aUint64", "12345678901234567890.5"),
    ("aColor", "0.5"),
  ])
  func fractionsAreNoIntegers(field: String, value: String) throws {
    #expect(try encodeFault("{\"\(field)\":\(value)}", as: "Scalars")?.code == .notAnInteger)
  }

  @Test(arguments: [
    ("anInt32", "true"), ("anInt32", "\"\""), ("anInt32", "\" 1\""), ("anInt32", "\"1 \""), ("anInt32", "\"+1\""),
    ("anInt32", "\"01\""), ("anInt32", "\"0x1\""), ("anInt32", "\"1.\""), ("anInt32", "[1]"), ("anInt32", "{}"),
    ("anInt32", "\"NaN\""), ("aDouble", "\"nan\""), ("aDouble", "\"inf\""), ("aDouble", "\"Infinity \""),
    ("aDouble", "\"\""), ("aDouble", "false"), ("aBool", "\"true\""), ("aBool", "1"), ("aBool", "0"),
    ("aString", "1"), ("aString", "true"), ("aString", "[\"x\"]"), ("aString", "{}"), ("someBytes", "1"),
    ("someBytes", "[1]"), ("aColor", "true"), ("aColor", "{}"), ("aColor", "[\"RED\"]"),
  ])
  func otherTypesAreRefused(field: String, value: String) throws {
    let fault = try encodeFault("{\"\(field)\":\(value)}", as: "Scalars")
    #expect(fault?.code == .wrongType)
    #expect(fault?.fieldPath == field)
  }

  @Test(arguments: ["NaN", "Infinity", "-Infinity", "+1", ".5", "0x10", "'a'", "undefined", "True"])
  func whatIsNotJSONIsNoNumber(value: String) throws {
    let fault = try encodeFault("{\"aDouble\":\(value)}", as: "Scalars")
    #expect(fault?.code == .syntax || fault?.code == .invalidNumber)
  }

  @Test(arguments: [
    ("01", 12), ("-", 12), ("1.", 13), ("1.e1", 13), ("1e", 13), ("1e+", 14), ("-a", 12), ("1.0.5", 14), ("1x", 12),
  ])
  func numbersFollowTheGrammar(value: String, offset: Int) throws {
    let fault = try encodeFault("{\"anInt32\":\(value)}", as: "Scalars")
    #expect(fault?.offset == offset)
    #expect(fault?.code == .invalidNumber || fault?.code == .syntax)
  }

  @Test(arguments: [
    ("AQ==", [UInt8(1)]), ("AQ", [1]), ("AQI=", [1, 2]), ("AQI", [1, 2]), ("AQID", [1, 2, 3]), ("-_8=", [251, 255]),
    ("+/8", [251, 255]), ("-/8", [251, 255]), (#"\u0041\u0051"#, [1]), (#"\/\/8"#, [255, 255]),
    ("AQIDBAUGBwg", [1, 2, 3, 4, 5, 6, 7, 8]),
  ])
  func bytesTakeBothAlphabetsPaddedOrNot(text: String, bytes: [UInt8]) throws {
    #expect(try wire("{\"someBytes\":\"\(text)\"}", as: "Scalars") == Wire.bytes(15, bytes).bytes)
  }

  @Test(arguments: ["A", "A===", "AQ=", "AQI==", "AQID=", "A Q=", "AQ==AQ==", "=", "==", "A*==", "\u{e9}\u{e9}"])
  func otherBase64IsRefused(text: String) throws {
    let fault = try encodeFault("{\"someBytes\":\"\(text)\"}", as: "Scalars")
    #expect(fault?.code == .invalidBase64)
    #expect(fault?.fieldPath == "someBytes")
  }

  @Test func defaultsAreWrittenWhereAFieldHasPresence() throws {
    let json = #"{"aDouble":0,"anInt32":0,"anInt64":"0","aBool":false,"aString":"","someBytes":"","aColor":"RED"}"#
    let expected =
      Wire.double(1, 0) + .varint(2, 0) + .varint(3, 0) + .varint(4, 0) + .text(5, "") + .bytes(6, []) + .varint(7, 0)
    #expect(try wire(json, as: "Optionals") == expected.bytes)
    #expect(try wire(#"{"scalars":{}}"#, as: "Optionals") == Wire.message(8).bytes)
    #expect(try wire(#"{"scalars":null,"aDouble":null}"#, as: "Optionals") == [])
  }

  @Test func namesMayBeEscaped() throws {
    #expect(try wire(#"{"\u0061nInt32":1}"#, as: "Scalars") == Wire.varint(3, 1).bytes)
    #expect(try wire(#"{"aColor":"B\u004cUE"}"#, as: "Scalars") == Wire.varint(16, 5).bytes)
    let first = Wire.message(1, .text(1, "a"))
    #expect(
      try wire(#"{"first":{"name":"a"},"quite \"other\"":"c"}"#, as: "Shuffled")
        == (first + .text(5, "c")).bytes)
    #expect(try wire(#"{"custom":"c"}"#, as: "Shuffled") == Wire.text(5, "c").bytes)
  }
}
