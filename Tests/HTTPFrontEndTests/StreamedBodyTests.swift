import NIOCore
import ProtobufJSON
import Testing

@testable import HTTPFrontEnd

@Suite struct StreamedBodyTests {
  private func values(_ text: String, pieces: Int) throws -> [String] {
    var body = StreamedBody(JSONStreamFramer(form: .arrayOrConcatenated))
    var found: [String] = []
    var rest = ByteBuffer(string: text)
    while let piece = rest.readSlice(length: min(pieces, rest.readableBytes)), piece.readableBytes > 0 {
      body.append(piece)
      while let (value, index) = try body.next() {
        #expect(index == found.count)
        found.append(String(buffer: value))
      }
    }
    if let (value, _) = try body.finish() { found.append(String(buffer: value)) }
    #expect(body.count == found.count)
    return found
  }

  @Test(arguments: 1...12) func valuesAreTheSameHoweverTheyArrive(pieces: Int) throws {
    #expect(try values("{\"a\":1}\n[2,\"]\"] 3", pieces: pieces) == ["{\"a\":1}", "[2,\"]\"]", "3"])
    #expect(try values("[{\"a\":1}, 2]", pieces: pieces) == ["{\"a\":1}", "2"])
  }

  /// Reads that never end where a value does must not make it keep what it is done with.
  @Test(arguments: [700, 10_000, 100_000]) func memoryIsThatOfAFewReads(valueSize: Int) throws {
    let value = "\"" + String(repeating: "x", count: valueSize - 3) + "\"\n"
    let read = 65_536
    var body = StreamedBody(JSONStreamFramer(form: .concatenated))
    let source = Array(value.utf8)
    var offset = 0
    var found = 0
    for _ in 0..<60 {
      let bytes = (0..<read).map { source[(offset + $0) % source.count] }
      offset = (offset + read) % source.count
      body.append(ByteBuffer(bytes: bytes))
      while try body.next() != nil { found += 1 }
      #expect(body.capacity <= 4 * (read + valueSize))
    }
    #expect(found == 60 * read / source.count)
  }
}
