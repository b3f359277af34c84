import NIOCore
import NIOHPACK
import Testing

@testable import HTTP2

struct LiteralFieldsTests {
  /// At 127 a length takes a second octet, at 255 a third.
  static let lengths = [0, 1, 126, 127, 128, 254, 255, 256, 20_000]

  private func decoded(_ fields: LiteralFields) throws -> [(name: String, value: String, indexable: HPACKIndexing)] {
    var decoder = HPACKDecoder(allocator: ByteBufferAllocator(), maxDynamicTableSize: 4096, maxHeaderListSize: 100_000)
    var block = fields.block
    return Array(try decoder.decodeHeaders(from: &block))
  }

  @Test(arguments: lengths, lengths.dropFirst())
  func aPeerReadsWhatWasAdded(valueLength: Int, nameLength: Int) throws {
    let field = (String(repeating: "n", count: nameLength), String(repeating: "v", count: valueLength))
    let fields = LiteralFields([("a", "b"), field, ("grpc-timeout", "15S")])
    let expected = ["a: b", "\(field.0): \(field.1)", "grpc-timeout: 15S"]
    #expect(try decoded(fields).map { "\($0.name): \($0.value)" } == expected)
    #expect(fields.entries.map { "\($0.name): \($0.value)" } == expected)
  }

  @Test func namesAreLoweredAndValuesAreNot() {
    var fields = LiteralFields()
    fields.append(lowercasing: "X-AZ@[`az{.1".utf8.span, "AZ é".utf8.span)
    #expect(fields.entries.map { "\($0.name): \($0.value)" } == ["x-az@[`az{.1: AZ é"])
  }

  @Test(arguments: [
    ("authorization", true), ("Cookie", true), ("proxy-authorization", true), ("x-a", false), ("bookie", false),
  ])
  func secretsAreNeverIndexed(name: String, isSecret: Bool) throws {
    var fields = LiteralFields()
    fields.append(lowercasing: name.utf8.span, "x".utf8.span)
    #expect(try decoded(fields).map { "\($0.indexable)" } == [isSecret ? "[neverIndexed]" : "[non-indexable]"])
  }

  @Test func fieldsAreTakenOutByName() {
    var fields = LiteralFields([("a", "1"), ("b", "2"), ("a", "3"), ("c", "")])
    fields.removeAll { $0 == "a" }
    #expect(fields == LiteralFields([("b", "2"), ("c", "")]))
    fields.removeAll { _ in true }
    #expect(fields == LiteralFields())
  }
}
