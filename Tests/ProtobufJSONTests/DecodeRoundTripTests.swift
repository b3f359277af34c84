import ProtobufJSON
import ProtobufSchema
import SwiftProtobuf
import Testing

/// Decoded and encoded again: the same message, by our own two directions together.
@Suite struct DecodeRoundTripTests {
  typealias Everything = Decode_Values_Everything

  static let options = [
    DecodingOptions(), DecodingOptions(emitDefaults: false), DecodingOptions(protoFieldNames: true, indent: 2),
    DecodingOptions(enumsAsNumbers: true, indent: 0),
  ]

  @Test(arguments: options)
  func aMessageComesBackAsItWas(options: DecodingOptions) throws {
    var messages = RandomMessages(seed: 50)
    for _ in 0..<300 {
      let message = messages.everything(depth: 2)
      let text = try json(try message.serializedBytes(), as: "Everything", options)
      let back = try wire(text, as: "Everything")
      #expect(try Everything(serializedBytes: back) == message)
    }
  }

  /// What we encoded ourselves is decoded to the very same text.
  @Test(arguments: options)
  func textIsStable(options: DecodingOptions) throws {
    var messages = RandomMessages(seed: 51)
    for _ in 0..<300 {
      let first = try json(try messages.everything(depth: 1).serializedBytes(), as: "Everything", options)
      let second = try json(try wire(first, as: "Everything"), as: "Everything", options)
      #expect(first == second)
    }
  }

  @Test(arguments: [
    #"{"any":{"@type":"type.googleapis.com/decode.values.Node","name":"n","children":[{"name":"c"}]}}"#,
    #"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"-1.500s"}}"#,
    #"{"anys":[{"@type":"/google.protobuf.Any","value":{"@type":"/google.protobuf.Struct","value":{"a":[1,null]}}},{}]}"#,
    #"{"any":{"@type":"/google.protobuf.Empty"}}"#,
  ])
  func anysComeBack(text: String) throws {
    #expect(try sparse(Wire(try wire(text, as: "WellKnown")), as: "WellKnown") == text)
  }

  @Test(arguments: [
    #"{"id":1,"name":"","size":"HUGE","sizes":["SMALL"],"shades":{"x":"DARK"},"aSize":"LARGE","numbers":[1,2]}"#,
    #"{"part":{"label":"l","count":"5","screw":[{"length":1},{}]},"item":[{"label":"i"},{}]}"#,
    #"{"[decode.legacy.note]":"n","[decode.legacy.marks]":[1,2],"[decode.legacy.Scope.scoped_size]":"SMALL","#
      + #""[decode.legacy.tree]":{"name":"t"}}"#,
  ])
  func legacyMessagesComeBack(text: String) throws {
    let text = text.hasPrefix(#"{"id""#) ? text : #"{"id":1,"# + text.dropFirst()
    #expect(
      try json(try wire(text, as: "decode.legacy.Legacy"), as: "decode.legacy.Legacy", .init(emitDefaults: false))
        == text)
  }

  /// The deepest message that is decoded is also encoded.
  @Test func theDepthLimitsMeet() throws {
    let deepest = (1..<100).reduce(Wire([])) { wire, _ in .message(2, wire) }
    let text = try sparse(deepest, as: "Node")
    #expect(try wire(text, as: "Node") == deepest.bytes)
    let lists = (1..<100).reduce(Wire([])) { wire, _ in .message(1, .message(6, wire)) }
    let nested = try json(lists, as: "google.protobuf.ListValue")
    #expect(try wire(nested, as: "google.protobuf.ListValue") == lists.bytes)
  }
}
