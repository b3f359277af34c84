import Foundation
import ProtobufJSON
import ProtobufSchema
import Testing

/// Encodes with the schema of `DecodeProtos/`; `type` is a message of `decode.values`, or a full name.
func wire(
  _ json: String, as type: String, bound: BoundFields? = nil, _ options: EncodingOptions = EncodingOptions()
) throws -> [UInt8] {
  try wire(Array(json.utf8), as: type, bound: bound, options)
}

func wire(
  _ json: [UInt8], as type: String, bound: BoundFields? = nil, _ options: EncodingOptions = EncodingOptions()
) throws -> [UInt8] {
  let message = try encodeMessage(type)
  var output = OutputBuffer()
  // Whatever stood in the buffer stays, and no place in it is counted from its start.
  output.append(contentsOf: "before")
  do {
    try MessageEncoder(schema: message.schema, options: options)
      .encode(json.span.bytes, as: message, bound: bound, into: &output)
  } catch {
    #expect(output.array == Array("before".utf8), "a fault leaves the buffer as it was")
    throw error
  }
  return Array(output.array.dropFirst(6))
}

func encodeMessage(_ type: String) throws -> MessageSchema {
  let schema = try #require(decodeSchema)
  return try #require(schema.message(named: type.contains(".") ? type : "decode.values.\(type)"))
}

/// The fault, or nil when the text is a message.
func encodeFault(
  _ json: String, as type: String, bound: BoundFields? = nil, _ options: EncodingOptions = EncodingOptions()
) throws -> JSONFault? {
  try encodeFault(Array(json.utf8), as: type, bound: bound, options)
}

func encodeFault(
  _ json: [UInt8], as type: String, bound: BoundFields? = nil, _ options: EncodingOptions = EncodingOptions()
) throws -> JSONFault? {
  do {
    _ = try wire(json, as: type, bound: bound, options)
    return nil
  } catch let fault as JSONFault {
    return fault
  }
}

/// A file of `Vectors/`; one that is missing or empty fails the test.
func vectorLines(_ name: String) throws -> [String] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors")
  let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
  try #require(!lines.isEmpty)
  return lines
}

/// A text and the wire bytes that it stands for; in some tables also a type or a field.
struct EncodeCase: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var expected: Wire

  init(_ text: String, _ expected: Wire...) {
    name = ""
    self.text = text
    self.expected = Wire(expected.flatMap(\.bytes))
  }

  init(_ name: String, _ text: String, _ expected: Wire...) {
    self.name = name
    self.text = text
    self.expected = Wire(expected.flatMap(\.bytes))
  }

  var testDescription: String { "\(name) \(text)" }
}
