import Foundation
import SwiftProtobuf
import Testing

@testable import ConformanceDriver

@Suite struct TesteeTests {
  private static let proto3 = "protobuf_test_messages.proto3.TestAllTypesProto3"
  private let testee: Testee

  init() throws {
    testee = try Testee(descriptorSet: Array(Data(contentsOf: Testee.descriptorSet)), origin: "test messages")
  }

  @Test func theRunnerIsToldOfNoKnownFailures() throws {
    #expect(
      try answer(.protobufPayload(Data()), to: .protobuf, as: "conformance.FailureSet") == .protobufPayload(Data()))
  }

  @Test func turnsJSONIntoProtobufAndBack() throws {
    let wire = Data([0x08, 0x2A])
    #expect(try answer(.jsonPayload(#"{"optionalInt32":42}"#), to: .protobuf) == .protobufPayload(wire))
    for payload in [Request.OneOf_Payload.protobufPayload(wire), .jsonPayload(#"{"optional_int32":"42"}"#)] {
      guard case .jsonPayload(let json) = try answer(payload, to: .json) else {
        Issue.record("no JSON")
        return
      }
      #expect(json.contains(#""optionalInt32":42"#))
    }
  }

  @Test func unknownFieldsAreIgnoredOnlyWhenAskedTo() throws {
    let json = Request.OneOf_Payload.jsonPayload(#"{"nothing":1}"#)
    #expect(try answer(json, to: .protobuf, category: .jsonIgnoreUnknownParsingTest) == .protobufPayload(Data()))
    guard case .parseError = try answer(json, to: .protobuf) else {
      Issue.record("the field was taken")
      return
    }
  }

  @Test(arguments: [
    (Request.OneOf_Payload.protobufPayload(Data()), Conformance_WireFormat.protobuf),
    (.protobufPayload(Data()), .textFormat), (.jsonPayload("{}"), .textFormat), (.jsonPayload("{}"), .jspb),
    (.textPayload(""), .protobuf), (.jspbPayload(""), .json),
  ])
  func whatTheGatewayNeverDoesIsSkipped(payload: Request.OneOf_Payload, format: Conformance_WireFormat) throws {
    guard case .skipped = try answer(payload, to: format) else {
      Issue.record("not skipped")
      return
    }
  }

  @Test func badInputIsAParseError() throws {
    for payload in [Request.OneOf_Payload.jsonPayload("{"), .protobufPayload(Data([0x08]))] {
      guard case .parseError = try answer(payload, to: .json) else {
        Issue.record("\(payload) was taken")
        return
      }
    }
    let response = try Conformance_ConformanceResponse(serializedBytes: testee.answer([0xFF]))
    guard case .runtimeError = response.result else {
      Issue.record("the request was taken")
      return
    }
  }

  @Test func messagesHaveTheirLengthInFront() throws {
    let (there, back) = (Pipe(), Pipe())
    let pipe = MessagePipe(input: there.fileHandleForReading, output: back.fileHandleForWriting)
    try there.fileHandleForWriting.write(contentsOf: Data([2, 0, 0, 0, 7, 8, 0, 0, 0, 0, 5, 0, 0, 0, 1]))
    try there.fileHandleForWriting.close()
    #expect(try pipe.read() == [7, 8])
    #expect(try pipe.read() == [])
    #expect(throws: MessagePipe.Truncated.self) { try pipe.read() }
    try pipe.write([9])
    try back.fileHandleForWriting.close()
    #expect(try back.fileHandleForReading.read(upToCount: 9) == Data([1, 0, 0, 0, 9]))
  }

  typealias Request = Conformance_ConformanceRequest

  private func answer(
    _ payload: Request.OneOf_Payload, to format: Conformance_WireFormat, as message: String = proto3,
    category: Conformance_TestCategory = .jsonTest
  ) throws -> Conformance_ConformanceResponse.OneOf_Result? {
    let request = Request.with {
      $0.payload = payload
      $0.requestedOutputFormat = format
      $0.messageType = message
      $0.testCategory = category
    }
    return try Conformance_ConformanceResponse(serializedBytes: testee.answer(request.serializedBytes())).result
  }
}
