import Foundation
import ProtobufJSON
import ProtobufSchema
import Testing

/// The schema of `DecodeProtos/`.
let decodeSchema: Schema? = {
  guard let set = Data(base64Encoded: decodeDescriptorSet) else { return nil }
  var builder = SchemaBuilder()
  builder.add(descriptorSet: [UInt8](set), origin: "DecodeProtos")
  return try? builder.build()
}()

/// Decodes and answers the text; `type` is a message of `decode.values`, or a full name.
func json(_ wire: Wire, as type: String, _ options: DecodingOptions = DecodingOptions()) throws -> String {
  try json(wire.bytes, as: type, options)
}

func json(_ wire: [UInt8], as type: String, _ options: DecodingOptions = DecodingOptions()) throws -> String {
  let schema = try #require(decodeSchema)
  let message = try #require(schema.message(named: type.contains(".") ? type : "decode.values.\(type)"))
  var output = OutputBuffer()
  try MessageDecoder(schema: schema, options: options).decode(wire.span.bytes, as: message, into: &output)
  return String(decoding: output.array, as: UTF8.self)
}

/// The text without fields that hold their default.
func sparse(_ wire: Wire, as type: String) throws -> String {
  try json(wire, as: type, DecodingOptions(emitDefaults: false))
}

/// The fault, or nil when the bytes are a message.
func fault(_ wire: Wire, as type: String, _ options: DecodingOptions = DecodingOptions()) throws -> WireFault? {
  do {
    _ = try json(wire, as: type, options)
    return nil
  } catch let fault as WireFault {
    return fault
  }
}

/// Wire bytes, written field by field.
struct Wire: ExpressibleByArrayLiteral, Sendable, CustomTestStringConvertible {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }
  init(arrayLiteral bytes: UInt8...) { self.bytes = bytes }

  static func + (a: Wire, b: Wire) -> Wire { Wire(a.bytes + b.bytes) }

  static func raw(_ value: UInt64) -> Wire {
    var bytes: [UInt8] = []
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7F | 0x80))
      value >>= 7
    }
    return Wire(bytes + [UInt8(value)])
  }

  static func tag(_ number: UInt64, _ type: UInt64) -> Wire { raw(number << 3 | type) }
  static func varint(_ number: UInt64, _ value: UInt64) -> Wire { tag(number, 0) + raw(value) }
  static func int(_ number: UInt64, _ value: Int64) -> Wire { tag(number, 0) + raw(UInt64(bitPattern: value)) }
  static func fixed64(_ number: UInt64, _ value: UInt64) -> Wire {
    tag(number, 1) + Wire((0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }
  static func fixed32(_ number: UInt64, _ value: UInt32) -> Wire {
    tag(number, 5) + Wire((0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }
  static func double(_ number: UInt64, _ value: Double) -> Wire { fixed64(number, value.bitPattern) }
  static func float(_ number: UInt64, _ value: Float) -> Wire { fixed32(number, value.bitPattern) }
  static func bytes(_ number: UInt64, _ value: [UInt8]) -> Wire {
    tag(number, 2) + raw(UInt64(value.count)) + Wire(value)
  }
  static func text(_ number: UInt64, _ value: String) -> Wire { bytes(number, Array(value.utf8)) }
  static func message(_ number: UInt64, _ parts: Wire...) -> Wire { bytes(number, parts.flatMap(\.bytes)) }
  static func group(_ number: UInt64, _ parts: Wire...) -> Wire {
    tag(number, 3) + Wire(parts.flatMap(\.bytes)) + tag(number, 4)
  }

  var testDescription: String { bytes.map { String($0, radix: 16) }.joined(separator: " ") }
}

/// SplitMix64: the same sequence for the same seed on every machine.
struct DecodeRandom: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
