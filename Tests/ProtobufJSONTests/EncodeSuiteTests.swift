import ProtobufJSON
import ProtobufSchema
import Testing

/// JSONTestSuite, read as `google.protobuf.Value`, as an unknown field that is skipped, and in a stream.
@Suite struct EncodeSuiteTests {
  struct Case: Sendable {
    var name: String
    var bytes: [UInt8]
  }

  static func cases(_ prefix: String) throws -> [Case] {
    let lines = try vectorLines("JSONTestSuite.txt").filter { $0.hasPrefix(prefix) }
    var cases = try lines.map { line in
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      try #require(parts.count == 2)
      return Case(name: String(parts[0]), bytes: unescape(Array(parts[1].utf8)))
    }
    if prefix == "n_" {
      cases.append(Case(name: "n_structure_100000_opening_arrays", bytes: [UInt8](repeating: 0x5B, count: 100_000)))
      let open = String(repeating: "[{\"\":", count: 50_000) + "\n"
      cases.append(Case(name: "n_structure_open_array_object", bytes: Array(open.utf8)))
    }
    return cases
  }

  private static func unescape(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var i = 0
    while i < text.count {
      if text[i] == UInt8(ascii: "%"), i + 2 < text.count {
        bytes.append(UInt8(String(decoding: text[i + 1...i + 2], as: UTF8.self), radix: 16) ?? 0)
        i += 3
      } else {
        bytes.append(text[i])
        i += 1
      }
    }
    return bytes
  }

  private func isAccepted(_ bytes: [UInt8]) throws -> Bool {
    try encodeFault(bytes, as: "google.protobuf.Value") == nil
  }

  private func isSkipped(_ bytes: [UInt8]) throws -> Bool {
    let json = Array("{\"x\":".utf8) + bytes + Array("}".utf8)
    return try encodeFault(json, as: "Scalars", .init(ignoreUnknownFields: true)) == nil
  }

  @Test func whatMustBeAcceptedIs() throws {
    let cases = try Self.cases("y_")
    #expect(cases.count == 95)
    for item in cases {
      #expect(try isAccepted(item.bytes), "\(item.name)")
      #expect(try isSkipped(item.bytes), "\(item.name)")
    }
  }

  @Test func whatMustBeRefusedIs() throws {
    let cases = try Self.cases("n_")
    #expect(cases.count == 188)
    for item in cases {
      #expect(try !isAccepted(item.bytes), "\(item.name)")
      // A text that closes what it did not open can be whole inside of another.
      if item.name != "n_structure_object_followed_by_closing_object" || item.bytes != Array("{}}".utf8) {
        #expect(try !isSkipped(item.bytes), "\(item.name)")
      }
    }
  }

  /// Of what may be either, all numbers that are doubles are taken, and no string that is not Unicode.
  @Test func whatMayBeEitherIsJudgedStrictly() throws {
    let cases = try Self.cases("i_")
    #expect(cases.count == 35)
    let accepted = try cases.filter { try isAccepted($0.bytes) }.map(\.name)
    #expect(
      accepted == [
        "i_number_double_huge_neg_exp", "i_number_real_underflow", "i_number_too_big_neg_int",
        "i_number_too_big_pos_int", "i_number_very_big_negative_int",
      ])
  }
}
