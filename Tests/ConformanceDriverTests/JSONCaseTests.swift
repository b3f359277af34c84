import Foundation
import SwiftProtobuf
import Testing

@testable import ConformanceDriver

/// `Vectors/json-cases.txt`, for the test messages of proto2 and proto3 and for what they are in edition 2023.
@Suite struct JSONCaseTests {
  @Test(arguments: [false, true])
  func whatComesBackIsAsTheCaseSays(asEdition: Bool) throws {
    let testee = try Self.testee(asEdition: asEdition)
    for item in try Self.cases() {
      for name in item.messages {
        let result = try Self.send(item, to: testee, as: "protobuf_test_messages.\(name)")
        #expect(item.isMet(by: result), "\(name), \(item.line): \(result)")
      }
    }
  }

  @Test func deepNestingEndsAtTheLimit() throws {
    let testee = try Self.testee(asEdition: false)
    for (field, open, close) in [("optionalValue", "[", "]"), ("optionalStruct", #"{"n":"#, "}")] {
      for (depth, isTaken) in [(25, true), (99, true), (100, false), (200, false)] {
        let json =
          "{\"\(field)\":" + String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth) + "}"
        let item = Case(line: json, types: "3", input: .jsonPayload(json), outputs: [isTaken ? json : nil])
        let result = try Self.send(item, to: testee, as: "protobuf_test_messages.proto3.TestAllTypesProto3")
        #expect(item.isMet(by: result), "\(depth) \(field): \(result)")
      }
    }
  }

  // MARK: - Cases

  struct Case {
    var line: String
    var types: Substring
    var input: Conformance_ConformanceRequest.OneOf_Payload
    /// The JSON to come back, nil for a refusal; any of them will do.
    var outputs: [String?]

    var messages: [String] {
      let all = ["3": ["proto3.TestAllTypesProto3"], "2": ["proto2.TestAllTypesProto2"]]
      return all[String(types.prefix(1))] ?? all.values.flatMap(\.self)
    }

    func isMet(by result: Conformance_ConformanceResponse.OneOf_Result) -> Bool {
      switch result {
      case .jsonPayload(let json): outputs.contains(json)
      case .parseError, .serializeError: outputs.contains(nil)
      default: false
      }
    }
  }

  static func cases() throws -> [Case] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/json-cases.txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("# ") }
    let cases = try lines.filter { $0 != "#" }.map { line in
      let halves = line.split(separator: " => ", maxSplits: 1, omittingEmptySubsequences: false)
      let words = halves[0].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      try #require(halves.count == 2 && words.count == 2, "\(line)")
      return Case(
        line: String(line), types: words[0], input: try input(words[1]),
        outputs: halves[1].split(separator: "|").map { $0 == "!" ? nil : String($0) })
    }
    try #require(cases.count > 250)
    return cases
  }

  private static func input(_ text: Substring) throws -> Conformance_ConformanceRequest.OneOf_Payload {
    guard text.first != "#" else {
      let digits = Array(text.dropFirst().utf8)
      try #require(digits.count.isMultiple(of: 2), "\(text)")
      return .protobufPayload(
        Data(
          try stride(from: 0, to: digits.count, by: 2).map { index in
            try #require(UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16))
          }))
    }
    return .jsonPayload(String(text))
  }

  // MARK: - The testee

  private static func send(
    _ item: Case, to testee: Testee, as message: String
  ) throws -> Conformance_ConformanceResponse.OneOf_Result {
    var request = Conformance_ConformanceRequest()
    request.payload = item.input
    request.requestedOutputFormat = .json
    request.messageType = message
    request.testCategory = item.types.hasSuffix("+") ? .jsonIgnoreUnknownParsingTest : .jsonTest
    let answer = testee.answer(try request.serializedBytes())
    return try #require(try Conformance_ConformanceResponse(serializedBytes: answer).result)
  }

  private static func testee(asEdition: Bool) throws -> Testee {
    var set = try Google_Protobuf_FileDescriptorSet(serializedBytes: Data(contentsOf: Testee.descriptorSet))
    if asEdition { set.file = set.file.map { EditionForm.of($0) } }
    return try Testee(descriptorSet: set.serializedBytes(), origin: "test messages")
  }
}
