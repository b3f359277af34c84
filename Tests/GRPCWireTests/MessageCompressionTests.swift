import Compression
import GRPCWire
import NIOCore
import Testing

struct MessageCompressionTests {
  static let encodings: [MessageEncoding] = [.gzip, .deflate]
  static let text = Array(String(repeating: "iPhone XS, Mac Book Pro; ", count: 20).utf8)

  @Test(arguments: encodings)
  func compressedAndPlainMessagesMix(encoding: MessageEncoding) throws {
    let bytes =
      prefixed(try compressed(Self.text, encoding), flag: 1) + prefixed([1, 2, 3])
      + prefixed(try compressed([], encoding), flag: 1) + prefixed(try compressed([9], encoding), flag: 1)
    for pieces in everyWay(ofFeeding: bytes) {
      #expect(try deframed(pieces, encoding: encoding) == [Self.text, [1, 2, 3], [], [9]])
    }
  }

  @Test func theBareDeflateOfSomeSendersIsRead() throws {
    let zlib = try compressed(Self.text, .deflate)
    // Header of two bytes, Adler-32 of four.
    let bare = Array(zlib[2..<zlib.count - 4])
    #expect(try deframed([prefixed(bare, flag: 1)], encoding: .deflate) == [Self.text])
  }

  @Test(arguments: encodings)
  func theLimitHoldsAfterInflating(encoding: MessageEncoding) throws {
    let bytes = prefixed(try compressed(Self.text, encoding), flag: 1)
    #expect(try deframed([bytes], encoding: encoding, maximumMessageBytes: Self.text.count) == [Self.text])
    #expect(code([bytes], encoding, maximumMessageBytes: Self.text.count - 1) == .tooLarge)
  }

  @Test(arguments: encodings)
  func aBombIsRefused(encoding: MessageEncoding) throws {
    let bomb = prefixed(try compressed([UInt8](repeating: 0, count: 8 * 1024 * 1024), encoding), flag: 1)
    #expect(bomb.count < 10_000)
    #expect(code([bomb], encoding) == .tooLarge)
  }

  @Test(arguments: encodings)
  func whatIsNotOfTheEncodingIsCorrupt(encoding: MessageEncoding) throws {
    let sound = try compressed(Self.text, encoding)
    var wrongChecksum = sound
    wrongChecksum[sound.count - 5] ^= 1
    wrongChecksum[sound.count - 1] ^= 1
    for bytes in [[], [0x1F], Array("plain".utf8), Array(sound.dropLast()), sound + [0], wrongChecksum] {
      #expect(code([prefixed(bytes, flag: 1)], encoding) == .corruptCompression)
    }
  }

  @Test(arguments: encodings)
  func whatIsFramedIsDeframed(encoding: MessageEncoding) throws {
    var random = SeededGenerator(seed: 7)
    var framer = MessageFramer(encoding: encoding, minimumCompressedBytes: 100)
    var buffer = ByteBuffer()
    var messages: [[UInt8]] = []
    for _ in 0..<100 {
      let message = random.compressibleBytes(count: Int.random(in: 0...4000, using: &random))
      messages.append(message)
      try framer.write(message.span.bytes, into: &buffer)
    }
    #expect(buffer.readableBytes < messages.reduce(0) { $0 + $1.count })
    #expect(try deframed([Array(buffer.readableBytesView)], encoding: encoding) == messages)
  }

  @Test func aMessageThatDoesNotShrinkIsSentAsItIs() throws {
    var random = SeededGenerator(seed: 8)
    let noise = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) }
    var framer = MessageFramer(encoding: .gzip)
    var buffer = ByteBuffer(bytes: [0xAA])
    try framer.write(noise.span.bytes, into: &buffer)
    #expect(Array(buffer.readableBytesView) == [0xAA] + prefixed(noise))
  }

  @Test func aShortMessageIsSentAsItIs() throws {
    var framer = MessageFramer(encoding: .gzip)
    for (count, flag) in [(1023, UInt8(0)), (1024, 1)] {
      var buffer = ByteBuffer()
      try framer.write([UInt8](repeating: 7, count: count).span.bytes, into: &buffer)
      #expect(buffer.getInteger(at: 0) == flag)
    }
  }

  @Test(
    arguments: [
      (nil, .identity), ("identity", .identity), ("gzip", .gzip), ("deflate", .deflate), ("snappy", nil), ("GZIP", nil),
      ("", nil),
    ] as [(String?, MessageEncoding?)])
  func encodingsHaveNames(value: String?, encoding: MessageEncoding?) {
    #expect(MessageEncoding(headerValue: value) == encoding)
  }

  private func compressed(_ bytes: [UInt8], _ encoding: MessageEncoding) throws -> [UInt8] {
    var deflater = try Deflater(encoding == .gzip ? .gzip : .zlib)
    var output: [UInt8] = []
    deflater.deflate(bytes.span.bytes, flush: .finish, appendingTo: &output)
    return output
  }

  private func code(
    _ pieces: [[UInt8]], _ encoding: MessageEncoding, maximumMessageBytes: Int = 4 * 1024 * 1024
  ) -> MessageFault.Code? {
    do {
      _ = try deframed(pieces, encoding: encoding, maximumMessageBytes: maximumMessageBytes)
      return nil
    } catch {
      return error.code
    }
  }
}

struct MessageFramerTests {
  @Test(arguments: SeedMessage.all)
  func theSeedsMessagesAreFramedAsInTheSeed(seed: SeedMessage) throws {
    var framer = MessageFramer()
    var buffer = ByteBuffer()
    try framer.write(seed.message.span.bytes, into: &buffer)
    #expect(Array(buffer.readableBytesView) == seed.payload)
  }

  @Test func aLengthOf32BitsIsTheMost() throws {
    var buffer = ByteBuffer()
    try MessageFramer.writePrefix(length: 0xFFFF_FFFF, isCompressed: true, into: &buffer)
    #expect(Array(buffer.readableBytesView) == [1, 0xFF, 0xFF, 0xFF, 0xFF])
    for length in [0x1_0000_0000, -1] {
      #expect(throws: MessageFault.self) {
        try MessageFramer.writePrefix(length: length, isCompressed: false, into: &buffer)
      }
    }
    #expect(buffer.readableBytes == 5)
  }

  @Test func everyFaultHasTheCodeThatGRPCLibrariesReport() {
    var codes: [GRPCCode] = []
    for bytes in [[0, 0xFF, 0, 0, 0], [2, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0] as [UInt8]] {
      do { _ = try deframed([bytes]) } catch { codes.append(error.grpcCode) }
    }
    #expect(codes == [.resourceExhausted, .internal, .internal, .internal])
  }
}
