import ProtobufSchema
import Testing

@testable import ProtobufJSON

/// Messages as lines of text without a schema; with one, the wire tap's tests have them.
struct FieldTextTests {
  private static func lines(_ wire: [UInt8]) throws -> (String, WireFault?) {
    var output = OutputBuffer()
    let fault = FieldTextPrinter(schema: try SchemaBuilder().build()).print(wire.span.bytes, as: nil, into: &output)
    return (output.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }, fault)
  }

  @Test(
    arguments: [
      ([0x08, 0x96, 0x01], "#1: 150\n"),
      ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "#1: 18446744073709551615 (-1)\n"),
      ([0x25, 0x00, 0xC0, 0x0F, 0x45], "#4: 0x450fc000 (fixed32, as float 2300)\n"),
      ([0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F], "#1: 0x3ff0000000000000 (fixed64, as double 1)\n"),
      ([0x0A, 0x03, 0x31, 0x30, 0x31], "#1: \"101\"\n"),
      ([0x0A, 0x00], "#1: \"\"\n"),
      ([0x0A, 0x02, 0xFF, 0x00], "#1: 0xff00 (2 bytes)\n"),
      ([0x0A, 0x02, 0x08, 0x01], "#1 {\n  #1: 1\n}\n"),
      ([0x0B, 0x10, 0x01, 0x0C], "#1 (group) {\n  #2: 1\n}\n"),
      // Text and a message: both.
      (
        [0x12, 0x09] + Array("iPhone XS".utf8),
        "#2: \"iPhone XS\"\n#2 as a message {\n  #13: 0x535820656e6f6850 (fixed64, as double 8.19518353655217e+93)\n}\n"
      ),
      // A message whose bytes are text too, white space in front: the message first.
      (
        [0x0A, 0x0B, 0x0A, 0x09] + Array("Shanghai!".utf8),
        "#1 {\n  #1: \"Shanghai!\"\n}\n#1 as text: \"\\n\\tShanghai!\"\n"
      ),
    ] as [([UInt8], String)])
  func valuesAreShownAndWhatIsAmbiguousBothWays(_ wire: [UInt8], _ text: String) throws {
    let (lines, fault) = try Self.lines(wire)
    #expect(
      lines == text
        || text.contains("8.19518353655217e+93")
          && lines.hasPrefix("#2: \"iPhone XS\"\n#2 as a message {\n  #13: 0x535820656e6f6850 (fixed64")
    )
    #expect(fault == nil)
  }

  @Test func whatIsReadBeforeAFaultIsShown() throws {
    let (lines, fault) = try Self.lines([0x08, 0x01, 0x12, 0x05, 0x41])
    #expect(lines == "#1: 1\n")
    #expect(fault?.code == .truncated)
  }

  @Test func outputIsBounded() throws {
    var output = OutputBuffer()
    let wire = (0..<10_000).flatMap { _ in [0x08, 0x01] as [UInt8] }
    let fault = FieldTextPrinter(schema: try SchemaBuilder().build(), maximumOutputBytes: 1000)
      .print(wire.span.bytes, as: nil, into: &output)
    #expect(fault?.code == .outputTooLong)
    #expect(output.count < 1100)
  }

  @Test func guessesWithinGuessesEnd() throws {
    var wire: [UInt8] = [0x08, 0x01]
    for _ in 0..<200 where wire.count < 120 { wire = [0x0A, UInt8(wire.count)] + wire }
    let (lines, fault) = try Self.lines(wire)
    #expect(fault == nil)
    #expect(lines.split(separator: "\n").count < 100)
  }
}
