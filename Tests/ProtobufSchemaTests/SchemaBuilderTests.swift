import ProtobufSchema
import SwiftProtobuf
import Testing

@Suite struct SchemaBuilderTests {
  @Test func builtInTypesAreAlwaysThere() throws {
    let schema = try SchemaBuilder().build()
    for known in WellKnownType.allCases { #expect(schema.message(named: known.fullName)?.wellKnown == known) }
    for name in [
      "google.rpc.Status", "google.rpc.ErrorInfo", "google.rpc.BadRequest.FieldViolation", "google.api.HttpRule",
      "google.api.HttpBody",
    ] {
      #expect(schema.message(named: name)?.wellKnown == nil)
      #expect(schema.message(named: name) != nil)
    }
    #expect(schema.enumeration(named: "google.rpc.Code")?.number(named: "UNAVAILABLE") == 14)
    #expect(schema.enumeration(named: "google.protobuf.NullValue")?.isNullValue == true)
    let options = try #require(schema.message(named: "google.protobuf.MethodOptions"))
    #expect(options.field(number: 72_295_728)?.jsonName == "[google.api.http]")
    let http = options.extensions.first { $0.fullName == "google.api.http" }
    #expect(http?.message?.name == "HttpRule")
    #expect(schema.files.allSatisfy { $0.isBuiltIn })
    #expect(schema.services.isEmpty)
  }

  @Test func anOwnCopyOfABuiltInFileWins() throws {
    let own = file(
      "google/rpc/code.proto", package: "google.rpc", enums: [enumeration("Code", [("OK", 0), ("OURS", 99)])])
    let built = try schema(own)
    #expect(built.enumeration(named: "google.rpc.Code")?.values.map(\.name) == ["OK", "OURS"])
    // The same types under another path leave no room for ours.
    let moved = file(
      "third_party/code.proto", package: "google.rpc", enums: [enumeration("Code", [("OK", 0), ("OURS", 99)])])
    #expect(try schema(moved).enumeration(named: "google.rpc.Code")?.values.count == 2)
  }

  @Test func theSameFileMayComeTwice() throws {
    let a = file("a.proto", messages: [message("A", [field("x", 1)])])
    var builder = SchemaBuilder()
    builder.add(descriptorSet: try set([a]), origin: "one.binpb")
    builder.add(descriptorSet: try set([a.with { $0.sourceCodeInfo.location = [.init()] }]), origin: "two.binpb")
    builder.add(fileDescriptor: try a.serializedBytes(), origin: "reflection")
    #expect(try builder.build().files.filter { !$0.isBuiltIn }.count == 1)

    var clash = SchemaBuilder()
    clash.add(descriptorSet: try set([a]), origin: "one.binpb")
    clash.add(descriptorSet: try set([a.with { $0.messageType[0].field[0].number = 2 }]), origin: "two.binpb")
    let found = faults(of: clash)
    #expect(found.map(\.code) == [.duplicate])
    #expect(found.first?.description == "a.proto: the file in two.binpb differs from the one in one.binpb")
  }

  @Test func bytesThatAreNoSetAreNamed() {
    var builder = SchemaBuilder()
    builder.add(descriptorSet: [0xFF, 0xFF], origin: "x.binpb")
    builder.add(fileDescriptor: [0x0A, 0x7F], origin: "y")
    builder.add(descriptorSet: [], origin: "z.binpb")
    let found = faults(of: builder)
    #expect(found.map(\.file) == ["x.binpb", "y", "z.binpb"])
    #expect(found.allSatisfy { $0.code == .malformed })
  }

  private struct Broken: Sendable {
    var file: FileDescriptor
    var code: SchemaError.Code
    var element: String
    var words: String
  }

  private static let empty = message("M")

  private static func broken(
    _ fields: [FieldDescriptor], _ code: SchemaError.Code, _ element: String, _ words: String,
    syntax: String = "proto3", nested: [MessageDescriptor] = [], oneofs: [String] = []
  ) -> Broken {
    Broken(
      file: file("a.proto", syntax: syntax, messages: [message("M", fields, nested: nested, oneofs: oneofs)]),
      code: code, element: element, words: words)
  }

  private static let table: [Broken] = [
    broken([field("a", 1), field("b", 1)], .duplicate, "t.M.b", "number 1"),
    broken([field("a", 1), field("a", 2)], .duplicate, "t.M.a", "twice in this file"),
    broken([field("a", 0)], .invalid, "t.M.a", "0 is no field number"),
    broken([field("a", -1)], .invalid, "t.M.a", "-1 is no field number"),
    broken([field("a", 19_000)], .invalid, "t.M.a", "19000"),
    broken([field("a", 536_870_912)], .invalid, "t.M.a", "536870912"),
    broken([field("", 1)], .invalid, "t.M", "\"\" is not a name"),
    broken([field("a b", 1)], .invalid, "t.M", "is not a name"),
    broken([field("a", 1, .message, of: ".t.None")], .unresolvedType, "t.M.a", "\".t.None\""),
    broken([field("a", 1, .enum, of: ".t.M")], .unresolvedType, "t.M.a", "a message, not an enum"),
    broken([field("a", 1, .message)], .unresolvedType, "t.M.a", "no type"),
    broken([field("foo_bar", 1), field("fooBar", 2)], .jsonNameConflict, "t.M.fooBar", "foo_bar"),
    broken(
      [field("a", 1, json: "x"), field("b", 2, json: "x")], .jsonNameConflict, "t.M.b", "\"x\"", syntax: "proto2"),
    broken([field("a", 1, json: "[a]")], .invalid, "t.M.a", "brackets"),
    broken([field("a", 1, oneof: 0)], .invalid, "t.M.a", "oneof (0)"),
    broken([field("a", 1, oneof: -1)], .invalid, "t.M.a", "oneof (-1)"),
    broken([field("a", 1)], .invalid, "t.M.o", "no fields", oneofs: ["o"]),
    broken([field("a", 1, label: .repeated, oneof: 0)], .invalid, "t.M.o", "repeated", oneofs: ["o"]),
    broken([field("a", 1).with { $0.proto3Optional = true }], .invalid, "t.M.a", "no oneof of its own"),
    broken([field("a", 1).with { $0.extendee = ".t.M" }], .invalid, "t.M.a", "extension"),
    broken(
      [field("m", 1, .message, of: ".t.M.E", label: .repeated)], .invalid, "t.M.E", "map entry",
      nested: [mapEntry("E", key: field("key", 1, .double), value: field("value", 2))]),
    broken(
      [field("m", 1, .message, of: ".t.M.E")], .invalid, "t.M.m", "no map",
      nested: [mapEntry("E", key: field("key", 1), value: field("value", 2))]),
    Broken(file: file("a.proto", imports: ["b.proto"]), code: .missingImport, element: "", words: "--include_imports"),
    Broken(file: file("a.proto", imports: ["a.proto"]), code: .importCycle, element: "", words: "circle"),
    Broken(file: file("a.proto", syntax: "proto4"), code: .unsupportedEdition, element: "", words: "\"proto4\""),
    Broken(file: file("a.proto", edition: .legacy), code: .unsupportedEdition, element: "", words: "900"),
    Broken(file: file("a.proto", package: "a..b"), code: .invalid, element: "", words: "dotted name"),
    Broken(file: file("a.proto", enums: [enumeration("E", [])]), code: .invalid, element: "t.E", words: "no values"),
    Broken(
      file: file("a.proto", enums: [enumeration("E", [("A", 1)])]), code: .invalid, element: "t.E", words: "is 0, not 1"
    ),
    Broken(
      file: file("a.proto", enums: [enumeration("E", [("A", 0), ("B", 0)])]), code: .duplicate, element: "t.B",
      words: "allow_alias"),
    Broken(
      file: file("a.proto", messages: [message("A")], enums: [enumeration("E", [("A", 0)])]), code: .duplicate,
      element: "t.A", words: "twice"),
    Broken(
      file: file("a.proto").with { $0.service = [service("S", [("m", ".t.X", ".google.protobuf.Empty")])] },
      code: .unresolvedType, element: "t.S.m", words: "request type"),
    Broken(
      file: file("a.proto").with { $0.service = [service("S", [("m", ".google.protobuf.Empty", ".google.rpc.Code")])] },
      code: .unresolvedType, element: "t.S.m", words: "response type"),
    Broken(
      file: file("a.proto", extensions: [field("e", 5).with { $0.extendee = ".t.X" }]), code: .unresolvedType,
      element: "t.e", words: "extends"),
    Broken(
      file: file("a.proto", messages: [empty], extensions: [field("e", 5).with { $0.extendee = ".t.M" }]),
      code: .invalid, element: "t.e", words: "set the number 5 aside"),
    Broken(
      file: file("google/protobuf/timestamp.proto", package: "google.protobuf", messages: [message("Timestamp")]),
      code: .invalid, element: "google.protobuf.Timestamp", words: "JSON form"),
  ]

  @Test(arguments: table.indices)
  func faultsNameFileElementAndReason(index: Int) throws {
    let item = Self.table[index]
    let found = try faults(item.file)
    let match = found.first { $0.code == item.code && $0.element == item.element }
    #expect(match?.message.contains(item.words) == true, "\(found)")
    #expect(match?.file == item.file.name)
  }

  @Test func allFaultsAreReportedAtOnce() throws {
    let found = try faults(
      file(
        "a.proto", imports: ["no.proto"], messages: [message("A", [field("x", 0), field("y", 1, .message, of: ".No")])]),
      file("b.proto", messages: [message("A"), message("B", [field("x", 1), field("y", 1)])]))
    #expect(Set(found.map(\.code)) == [.missingImport, .invalid, .unresolvedType, .duplicate])
    #expect(found.count == 5)
    #expect(Set(found.map(\.file)) == ["a.proto", "b.proto"])
  }

  @Test func importsMayComeInAnyOrder() throws {
    let a = file(
      "a.proto", imports: ["b.proto", "google/protobuf/timestamp.proto"],
      messages: [message("A", [field("b", 1, .message, of: ".t.B")])])
    let b = file("b.proto", messages: [message("B")])
    #expect(try schema(a, b).message(named: "t.A")?.field(number: 1)?.message?.fullName == "t.B")
    #expect(
      try faults(
        a.with {
          $0.dependency.append("weak.proto"); $0.weakDependency = [2]
        }, b) == [])
    let cycle = try faults(a, b.with { $0.dependency = ["a.proto"] })
    #expect(cycle.map(\.code) == [.importCycle, .importCycle])
  }

  @Test func namesAreLookedUpFromTheInside() throws {
    let inner = message("Inner", [field("x", 1, .message, of: "T")], nested: [message("T")])
    let built = try schema(
      file(
        "a.proto", package: "p.q",
        messages: [
          message("T"),
          message(
            "Outer",
            [
              field("x", 1, .message, of: "T"), field("y", 2, .message, of: "q.T"),
              field("z", 3, .message, of: "Inner.T"),
            ], nested: [inner]),
        ]))
    #expect(
      built.message(named: "p.q.Outer")?.fields.map { $0.message?.fullName } == ["p.q.T", "p.q.T", "p.q.Outer.Inner.T"])
    #expect(built.message(named: "p.q.Outer.Inner")?.fields.first?.message?.fullName == "p.q.Outer.Inner.T")
  }
}
