import SwiftProtobuf
import Testing

@testable import ProtobufSchema

/// Broken descriptor sets are refused or linked, and never trap.
@Suite struct SchemaFuzzTests {
  /// Everything a view can say, so that an index out of range would trap.
  private func walk(_ schema: Schema) {
    var count = 0
    for message in schema.messages {
      count +=
        message.oneofs.reduce(0) { $0 + $1.fields.count } + message.nestedMessages.count + message.nestedEnums.count
      for field in message.fields + message.extensions {
        count += field.tagBytes.count + field.jsonKeyBytes.count + (field.message?.fields.count ?? 0)
        count += (field.enumeration?.values.count ?? 0) + (field.mapKey?.number ?? 0) + (field.oneof?.fields.count ?? 0)
        #expect(message.field(number: field.number) == field)
        #expect(message.field(jsonOrProtoName: field.jsonName)?.containingMessage == message)
      }
    }
    for enumeration in schema.enumerations {
      for value in enumeration.values { #expect(enumeration.number(named: value.name) == value.number) }
    }
    for service in schema.services {
      for method in service.methods { count += method.input.fields.count + method.output.fields.count }
    }
    #expect(count > 0)
  }

  private func build(_ bytes: [UInt8]) -> Bool {
    var builder = SchemaBuilder(options: SchemaOptions(keepsComments: true))
    builder.add(descriptorSet: bytes, origin: "fuzz")
    do {
      walk(try builder.build())
      return true
    } catch {
      #expect(!error.errors.isEmpty)
      return false
    }
  }

  @Test func theBuiltInSetIsWhole() {
    #expect(build(BuiltInDescriptors.bytes))
  }

  @Test func everyTruncationIsRefusedOrLinked() {
    let bytes = BuiltInDescriptors.bytes
    for count in stride(from: 0, to: bytes.count, by: 97) { _ = build(Array(bytes[..<count])) }
  }

  @Test(arguments: 1...6)
  func mutationsAreRefusedOrLinked(seed: UInt64) {
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let original = BuiltInDescriptors.bytes
    var linked = 0
    for _ in 0..<60 {
      var bytes = original
      for _ in 0...random(4) { bytes[random(bytes.count)] = UInt8(random(256)) }
      if build(bytes) { linked += 1 }
    }
    #expect(linked < 60)
  }

  /// Mutations of the parsed descriptors reach the linker more often than those of bytes.
  @Test(arguments: 1...4)
  func strangeDescriptorsAreRefusedOrLinked(seed: UInt64) throws {
    var state = seed &+ 99
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let original = try Google_Protobuf_FileDescriptorSet(serializedBytes: BuiltInDescriptors.bytes)
    for _ in 0..<40 {
      var set = original
      let file = random(set.file.count)
      guard !set.file[file].messageType.isEmpty else { continue }
      let place = random(set.file[file].messageType.count)
      var message = set.file[file].messageType[place]
      if !message.field.isEmpty {
        let field = random(message.field.count)
        switch random(10) {
        case 0: message.field[field].number = Int32(random(3) - 1)
        case 1: message.field[field].clearType()
        case 2: message.field[field].typeName = ".google.protobuf.\(["Any", "Nope", "NullValue", ""][random(4)])"
        case 3: message.field[field].oneofIndex = Int32(random(3) - 1)
        case 4: message.field[field].label = .required
        case 5: message.field[field].type = [.message, .group, .enum, .bytes][random(4)]
        case 6: message.options.mapEntry = true
        case 7: message.field[field].proto3Optional = true
        case 8: message.oneofDecl.removeAll()
        default: message.field.remove(at: field)
        }
      }
      set.file[file].messageType[place] = message
      _ = build(try set.serializedBytes(partial: true))
    }
  }
}
