import ProtobufSchema
import SwiftProtobuf

/// The input is a descriptor set.
///
/// It is linked or refused with a reason; what is sound of it links without the rest, and its annotations are read or
/// refused.
enum DescriptorsTarget {
  static func run(_ bytes: [UInt8]) throws {
    var builder = SchemaBuilder(options: SchemaOptions(keepsComments: true))
    builder.add(descriptorSet: bytes, origin: "fuzz")
    // Linking takes its time; bytes that are no set at all are refused before it.
    guard (try? Google_Protobuf_FileDescriptorSet(serializedBytes: bytes, partial: true)) != nil, !bytes.isEmpty else {
      return
    }
    let (sound, errors) = builder.buildWhatIsSound()
    guard let sound else { return try require(!errors.isEmpty, "no schema and no reason") }
    for message in sound.messages {
      for field in message.fields {
        try require(message.field(number: field.number) == field, "\(field.fullName) is not found by its number")
      }
    }
    let annotated = sound.annotatedHTTPRules()
    for rule in annotated.declarations {
      try require(sound.method(named: rule.selector) != nil, "a rule of no method")
    }
    for error in annotated.errors { try require(!error.message.isEmpty, "refused without a reason") }
  }
}
