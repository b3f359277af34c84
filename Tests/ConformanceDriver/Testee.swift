import Foundation
import ProtobufJSON
import ProtobufSchema
import SwiftProtobuf

/// Answers the runner's requests by encoding and decoding as ProtoJSON has it by default: as the gateway does, but for
/// fields that hold their default, which some tests want left out.
///
/// What the gateway never does is skipped: text format, JSPB, and protobuf to protobuf.
struct Testee {
  private let schema: Schema
  private let strict: MessageEncoder
  private let lenient: MessageEncoder
  private let decoder: MessageDecoder

  static let descriptorSet = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "test_messages.binpb")

  init(descriptorSet: [UInt8], origin: String) throws {
    var builder = SchemaBuilder()
    builder.add(descriptorSet: descriptorSet, origin: origin)
    schema = try builder.build()
    strict = MessageEncoder(schema: schema)
    lenient = MessageEncoder(schema: schema, options: EncodingOptions(ignoreUnknownFields: true))
    decoder = MessageDecoder(schema: schema, options: DecodingOptions(emitDefaults: false))
  }

  /// A serialized `ConformanceResponse` to a serialized `ConformanceRequest`.
  func answer(_ request: [UInt8]) -> [UInt8] {
    var response = Conformance_ConformanceResponse()
    do {
      response.result = result(try Conformance_ConformanceRequest(serializedBytes: request))
    } catch {
      response.result = .runtimeError("the request cannot be read: \(error)")
    }
    do {
      return try response.serializedBytes()
    } catch {
      return []
    }
  }

  private func result(_ request: Conformance_ConformanceRequest) -> Conformance_ConformanceResponse.OneOf_Result {
    // The runner asks first which tests are known to fail: none.
    if request.messageType == "conformance.FailureSet" { return .protobufPayload(Data()) }
    guard let message = schema.message(named: request.messageType) else {
      return .skipped("no message \(request.messageType) in the schema")
    }

    switch (request.payload, request.requestedOutputFormat) {
    case (.jsonPayload(let json), .protobuf), (.jsonPayload(let json), .json):
      let encoder = request.testCategory == .jsonIgnoreUnknownParsingTest ? lenient : strict
      do throws(JSONFault) {
        var wire = OutputBuffer(minimumCapacity: json.utf8.count)
        try encoder.encode(Array(json.utf8).span.bytes, as: message, into: &wire)
        return request.requestedOutputFormat == .json
          ? decoded(wire.array, as: message) : .protobufPayload(Data(wire.array))
      } catch {
        return .parseError("\(error)")
      }
    case (.protobufPayload(let wire), .json): return decoded(Array(wire), as: message)
    case (.protobufPayload, _), (.jsonPayload, _), (.jspbPayload, _), (.textPayload, _), (nil, _):
      return .skipped("only JSON to protobuf, protobuf to JSON and JSON to JSON are spoken")
    }
  }

  private func decoded(
    _ wire: [UInt8], as message: MessageSchema
  ) -> Conformance_ConformanceResponse.OneOf_Result {
    do throws(WireFault) {
      var json = OutputBuffer(minimumCapacity: 1024)
      try decoder.decode(wire.span.bytes, as: message, into: &json)
      return .jsonPayload(String(decoding: json.array, as: UTF8.self))
    } catch {
      return isMalformed(error.code) ? .parseError("\(error)") : .serializeError("\(error)")
    }
  }

  /// Whether the bytes are no protobuf; else they are, and JSON cannot say what they hold.
  private func isMalformed(_ code: WireFault.Code) -> Bool {
    switch code {
    case .truncated, .varintTooLong, .invalidTag, .wrongWireType, .unmatchedGroup, .invalidUTF8, .tooDeep,
      .messageTooLong:
      true
    case .timestampOutOfRange, .durationOutOfRange, .fieldMaskPath, .valueNotFinite, .unknownAnyType, .invalidAnyType,
      .outputTooLong:
      false
    }
  }
}
