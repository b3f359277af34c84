import SwiftProtobuf
import Testing

@testable import ProtobufSchema

@Suite struct SchemaTests {
  private static let colour = enumeration("Colour", [("RED", 0), ("BLUE", 5)])

  @Test func fieldsAreFoundByEitherNameAndByNumber() throws {
    let built = try schema(
      file(
        "a.proto",
        messages: [
          message(
            "M", [field("foo_bar", 1), field("other", 70_000, json: "custom \"x\""), field("third", 3, json: "other")])
        ]))
    let m = try #require(built.message(named: "t.M"))
    #expect(m.field(jsonOrProtoName: "fooBar")?.number == 1)
    #expect(m.field(jsonOrProtoName: "foo_bar")?.number == 1)
    #expect(m.field(jsonOrProtoName: "custom \"x\"")?.number == 70_000)
    // A JSON name wins over the proto name of another field.
    #expect(m.field(jsonOrProtoName: "other")?.number == 3)
    #expect(m.field(jsonOrProtoName: "third")?.number == 3)
    #expect(m.field(jsonOrProtoName: "") == nil)
    #expect(m.field(jsonOrProtoName: "fooBa") == nil)
    #expect(m.field(number: 70_000)?.name == "other")
    for number in [-1, 0, 2, 4, 69_999, 70_001, 536_870_911, Int.max] { #expect(m.field(number: number) == nil) }
    #expect(m.fields.map(\.name) == ["foo_bar", "other", "third"])
    #expect(m.fields[1].jsonKeyBytes == Array(#""custom \"x\"":"#.utf8))
    #expect(m.fields[0].tagBytes == [0x0A])
    #expect(m.fields[1].tagBytes == [0x82, 0x97, 0x22])
    #expect(m.nearestFieldName(to: "fobar") == "fooBar")
    #expect(m.sourceFile == "a.proto")
    #expect(m.fields[0].containingMessage == m)
  }

  @Test(arguments: [1, 3, 40, 500])
  func everyNameAndNumberIsFoundAmongMany(count: Int) throws {
    var random = SystemRandomNumberGenerator()
    var numbers = Set<Int32>()
    while numbers.count < count {
      let number = Int32.random(in: 1...(Bool.random() ? 600 : 536_870_911), using: &random)
      if !(19_000...19_999).contains(number) { numbers.insert(number) }
    }
    let fields = numbers.shuffled().enumerated().map { i, number in
      field(String(repeating: "n", count: i % 23) + "_\(i)", number)
    }
    let m = try #require(try schema(file("a.proto", messages: [message("M", fields)])).message(named: "t.M"))
    for field in fields {
      #expect(m.field(number: Int(field.number))?.name == field.name)
      #expect(m.field(jsonOrProtoName: field.name)?.number == Int(field.number))
      #expect(m.field(number: Int(field.number) + 1) == nil || numbers.contains(field.number + 1))
    }
  }

  private func only(_ file: FileDescriptor) throws -> FieldSchema {
    try #require(try schema(file).message(named: "t.M")?.fields.first)
  }

  @Test func proto2FieldsHavePresenceAndAreNotPacked() throws {
    let built = try schema(
      file(
        "a.proto", syntax: "proto2",
        messages: [
          message(
            "M",
            [
              field("a", 1, .int32), field("b", 2, .int32, label: .repeated), field("c", 3, .int32, label: .required),
              field("d", 4, .int32, label: .repeated).with { $0.options.packed = true },
              field("e", 5, .group, of: ".t.M.E"),
              field("f", 6, .enum, of: ".t.Colour").with { $0.defaultValue = "BLUE" },
              field("g", 7, .string, label: .repeated).with { $0.options.packed = true },
            ], nested: [message("E")])
        ], enums: [Self.colour]))
    let fields = try #require(built.message(named: "t.M")?.fields)
    #expect(fields.map(\.hasPresence) == [true, false, true, false, true, true, false])
    #expect(fields.map(\.isPacked) == [false, false, false, true, false, false, false])
    #expect(fields.map(\.isRequired) == [false, false, true, false, false, false, false])
    #expect(fields[4].kind == .group)
    #expect(fields[4].tagBytes == [0x2B])
    #expect(fields[5].enumeration?.isClosed == true)
    #expect(fields[5].defaultText == "BLUE")
    #expect(!fields[6].validatesUTF8)
  }

  @Test func proto3FieldsHavePresenceOnlyWhereAsked() throws {
    let built = try schema(
      file(
        "a.proto",
        messages: [
          message(
            "M",
            [
              field("a", 1, .int32), field("b", 2, .int32, label: .repeated),
              field("c", 3, .int32, oneof: 1).with { $0.proto3Optional = true }, field("d", 4, .int32, oneof: 0),
              field("e", 5, .message, of: ".t.M"),
              field("f", 6, .int32, label: .repeated).with { $0.options.packed = false },
              field("g", 7, .enum, of: ".t.Colour", oneof: 0), field("h", 8, .string),
            ], oneofs: ["choice", "_c"])
        ], enums: [Self.colour]))
    let m = try #require(built.message(named: "t.M"))
    #expect(m.fields.map(\.hasPresence) == [false, false, true, true, true, false, true, false])
    #expect(m.fields.map(\.isPacked) == [false, true, false, false, false, false, false, false])
    #expect(m.oneofs.map(\.name) == ["choice", "_c"])
    #expect(m.oneofs.map(\.isSynthetic) == [false, true])
    #expect(m.oneofs[0].fields.map(\.name) == ["d", "g"])
    #expect(m.fields.map { $0.oneof?.name } == [nil, nil, nil, "choice", nil, nil, "choice", nil])
    #expect(m.fields[2].oneofIndex == 1)
    #expect(m.fields[6].enumeration?.isClosed == false)
    #expect(m.fields[7].validatesUTF8)
  }

  @Test(arguments: [Google_Protobuf_Edition.edition2023, .edition2024, .edition2026, .unstable])
  func editionsTakeTheirDefaultsAndFeatures(edition: Google_Protobuf_Edition) throws {
    let fields = [
      field("a", 1, .int32), field("b", 2, .int32, label: .repeated), field("c", 3, .message, of: ".t.M"),
      field("d", 4, .enum, of: ".t.Colour"), field("e", 5, .string),
    ]
    let plain = file("a.proto", edition: edition, messages: [message("M", fields)], enums: [Self.colour])
    var m = try #require(try schema(plain).message(named: "t.M"))
    #expect(m.fields.map(\.hasPresence) == [true, false, true, true, true])
    #expect(m.fields[1].isPacked)
    #expect(m.fields[2].kind == .message)
    #expect(m.fields[3].enumeration?.isClosed == false)
    #expect(m.fields[4].validatesUTF8)
    let changed = plain.with {
      $0.options.features.fieldPresence = .implicit
      $0.options.features.messageEncoding = .delimited
      $0.options.features.enumType = .closed
      $0.messageType[0].options.features.repeatedFieldEncoding = .expanded
      $0.messageType[0].field[0].options.features.fieldPresence = .legacyRequired
      $0.messageType[0].field[4].options.features.utf8Validation = .none
    }
    m = try #require(try schema(changed).message(named: "t.M"))
    #expect(m.fields.map(\.hasPresence) == [true, false, true, false, false])
    #expect(m.fields.map(\.isRequired) == [true, false, false, false, false])
    #expect(!m.fields[1].isPacked)
    #expect(m.fields[2].kind == .group)
    #expect(m.fields[3].enumeration?.isClosed == true)
    #expect(!m.fields[4].validatesUTF8)
  }

  @Test func mapsAreNeverDelimited() throws {
    let entry = mapEntry("EsEntry", key: field("key", 1, .sint64), value: field("value", 2, .message, of: ".t.M"))
    let built = try schema(
      file(
        "a.proto", edition: .edition2023,
        messages: [
          message("M", [field("es", 1, .message, of: ".t.M.EsEntry", label: .repeated)], nested: [entry])
        ]
      ).with { $0.options.features.messageEncoding = .delimited })
    let map = try #require(built.message(named: "t.M")?.fields.first)
    #expect(map.cardinality == .map)
    #expect(map.kind == .message)
    #expect(map.mapKey?.kind == .sint64)
    #expect(map.mapValue?.kind == .message)
    #expect(map.message?.isMapEntry == true)
  }

  @Test func extensionsBelongToTheMessageTheyExtend() throws {
    var range = MessageDescriptor.ExtensionRange()
    range.start = 100
    range.end = 536_870_912
    let scope = message("Scope").with {
      $0.extension = [field("inner", 100, .int32, label: .repeated).with { $0.extendee = ".t.M" }]
    }
    let built = try schema(
      file(
        "a.proto", syntax: "proto2",
        messages: [message("M", [field("a", 1)]).with { $0.extensionRange = [range] }, scope]),
      file(
        "b.proto", package: "u", syntax: "proto2", imports: ["a.proto"],
        extensions: [field("deep", 500_000_000, .message, of: ".t.M").with { $0.extendee = ".t.M" }]))
    let m = try #require(built.message(named: "t.M"))
    #expect(m.fields.map(\.name) == ["a"])
    #expect(m.extensions.map(\.fullName) == ["t.Scope.inner", "u.deep"])
    #expect(m.field(number: 100)?.jsonName == "[t.Scope.inner]")
    #expect(m.field(jsonOrProtoName: "[u.deep]")?.number == 500_000_000)
    #expect(m.field(jsonOrProtoName: "deep") == nil)
    #expect(m.field(number: 500_000_000)?.hasPresence == true)
    #expect(m.field(number: 500_000_000)?.isExtension == true)
    #expect(m.field(number: 500_000_000)?.sourceFile == "b.proto")
    #expect(m.field(number: 500_000_000)?.containingMessage == m)
  }

  @Test func enumsAreFoundByNameAndNumber() throws {
    let values: [(String, Int32)] = [("ZERO", 0), ("BIG", .max), ("SMALL", .min), ("ONE", 1), ("UNO", 1)]
    let built = try schema(
      file("a.proto", enums: [enumeration("E", values)]).with { $0.enumType[0].options.allowAlias = true },
      file("b.proto", package: "u", enums: [enumeration("F", [("A", 0), ("B", 1), ("C", -1)])]))
    let e = try #require(built.enumeration(named: "t.E"))
    for (name, number) in values { #expect(e.number(named: name) == number) }
    #expect(e.number(named: "TWO") == nil)
    #expect(e.name(of: 1) == "ONE")
    #expect(e.nearestName(to: "BGI") == "BIG")
    let f = try #require(built.enumeration(named: "u.F"))
    for (layout, numbers) in [(e.layout, [0, .max, .min, 1]), (f.layout, [0, 1, -1])]
      as [(UnsafePointer<EnumLayout>, [Int32])]
    {
      for number in numbers { #expect(layout.pointee.value(number: number)?.pointee.number == number) }
      for number in [2, -2, 77, .max - 1, .min + 1] as [Int32] { #expect(layout.pointee.value(number: number) == nil) }
    }
    #expect(!e.layout.pointee.isContiguous)
    #expect(f.layout.pointee.isContiguous)
  }

  @Test func methodsAreFoundByPathAndKeepTheirOptions() throws {
    let built = try schema(
      file("a.proto").with {
        $0.service = [
          service(
            "S",
            [
              ("One", ".google.protobuf.Empty", ".google.rpc.Status"),
              ("two", "google.rpc.Status", ".google.protobuf.Empty"),
            ])
        ]
        $0.service[0].method[0].clientStreaming = true
        $0.service[0].method[0].options.unknownFields = UnknownStorage()
        $0.service[0].method[0].options.deprecated = true
      })
    let one = try #require(built.method(named: "t.S/One"))
    #expect(one == built.method(named: "t.S.One"))
    #expect(one == built.method(named: "/t.S/One"))
    #expect(built.method(named: "t.S/one") == nil)
    #expect(one.path == "/t.S/One")
    #expect(one.fullName == "t.S.One")
    #expect(one.clientStreaming)
    #expect(!one.serverStreaming)
    #expect(one.input.wellKnown == .empty)
    #expect(one.output.fullName == "google.rpc.Status")
    #expect(one.isDeprecated)
    #expect(one.optionsBytes == [0x88, 0x02, 0x01])
    #expect(built.method(named: "t.S.two")?.optionsBytes == [])
    #expect(built.service(named: "t.S")?.methods.map(\.name) == ["One", "two"])
    #expect(built.services.map(\.fullName) == ["t.S"])
    #expect(one.service.fullName == "t.S")
  }

  @Test func commentsAreKeptOnRequest() throws {
    func location(_ path: [Int32], _ leading: String, _ trailing: String = "")
      -> Google_Protobuf_SourceCodeInfo.Location
    {
      var location = Google_Protobuf_SourceCodeInfo.Location()
      location.path = path
      location.leadingComments = leading
      location.trailingComments = trailing
      return location
    }
    let commented = file(
      "a.proto",
      messages: [message("M", [field("a", 1, oneof: 0)], nested: [message("N", [field("b", 1)])], oneofs: ["o"])],
      enums: [Self.colour]
    )
    .with {
      $0.service = [service("S", [("m", ".t.M", ".t.M")])]
      $0.sourceCodeInfo.location = [
        location([4, 0], " message\n"), location([4, 0, 2, 0], "", " behind\n"),
        location([4, 0, 3, 0, 2, 0], "nested"),
        location([4, 0, 8, 0], "oneof"), location([5, 0], "enum"), location([5, 0, 2, 1], "value"),
        location([6, 0], "service"),
        location([6, 0, 2, 0], "method"),
      ]
    }
    let built = try schema(commented, options: SchemaOptions(keepsComments: true))
    let m = try #require(built.message(named: "t.M"))
    #expect(m.comments == " message\n")
    #expect(m.fields[0].comments == " behind\n")
    #expect(m.nestedMessages[0].fields[0].comments == "nested")
    #expect(m.oneofs[0].comments == "oneof")
    #expect(built.enumeration(named: "t.Colour")?.comments == "enum")
    #expect(built.enumeration(named: "t.Colour")?.values[1].comments == "value")
    #expect(built.services[0].comments == "service")
    #expect(built.services[0].methods[0].comments == "method")
    #expect(try schema(commented).message(named: "t.M")?.comments == "")
  }

  @Test(arguments: [
    ("foo_bar", "fooBar"), ("foo", "foo"), ("_foo", "Foo"), ("foo__bar", "fooBar"), ("foo_1", "foo1"),
    ("FOO_BAR", "FOOBAR"),
    ("foo_Bar", "fooBar"), ("f_", "f"), ("", ""),
  ])
  func jsonNamesAreCamelCase(name: String, json: String) {
    #expect(JSONNaming.camelCase(name) == json)
  }

  @Test func viewsKeepTheSchemaAlive() throws {
    var built: Schema? = try schema(file("a.proto", messages: [message("M", [field("a", 1, .message, of: ".t.M")])]))
    weak let watched = built
    var m = built?.message(named: "t.M")
    built = nil
    #expect(m?.fields.first?.message?.fields.first?.message?.name == "M")
    #expect(watched != nil)
    m = nil
    #expect(watched == nil, "nothing in a schema refers back to it")
  }
}
