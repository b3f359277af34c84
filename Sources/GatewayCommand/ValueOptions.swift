import ArgumentParser
import ProtobufJSON
import Transcoding

/// How values are read and written.
struct ValueOptions: ParsableArguments {
  @Flag(
    help: "Leave out fields without presence that hold their default; else they are written, as REST clients expect.")
  var omitDefaults = false

  @Flag(help: "Write fields by their names in the .proto file (last_updated) instead of their JSON names.")
  var protoFieldNames = false

  @Flag(help: "Write enum values as numbers.")
  var enumsAsNumbers = false

  @Option(
    help: ArgumentHelp(
      "Write answers over several lines, with n spaces a level; lines of a stream stay lines. A caller asks for it by ?pretty.",
      valueName: "n"))
  var indent: Int?

  @Flag(help: "Pass over JSON fields and enum names that the message does not have, instead of answering 400.")
  var ignoreUnknownFields = false

  @Flag(help: "Pass over query parameters that name no field, instead of answering 400.")
  var ignoreUnknownParameters = false

  func validate() throws {
    guard let indent else { return }
    guard (0...DecodingOptions.maximumIndent).contains(indent) else {
      throw ValidationError("The indent must be from 0 to \(DecodingOptions.maximumIndent) spaces.")
    }
  }

  var transcoding: TranscodingOptions {
    TranscodingOptions(
      encoding: EncodingOptions(ignoreUnknownFields: ignoreUnknownFields),
      decoding: DecodingOptions(
        emitDefaults: !omitDefaults, protoFieldNames: protoFieldNames, enumsAsNumbers: enumsAsNumbers, indent: indent),
      ignoreUnknownParameters: ignoreUnknownParameters)
  }
}
