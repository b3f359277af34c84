import Compression
import GRPCWire
import NIOCore
import Testing

struct MessageDeframerTests {
  @Test(arguments: SeedMessage.all)
  func theSeedsPayloadsAreItsMessages(seed: SeedMessage) throws {
    for pieces in everyWay(ofFeeding: seed.payload) {
      #expect(try deframed(pieces) == [seed.message])
    }
  }

  @Test func theSeedsPayloadsInOneRunAreItsMessages() throws {
    let run = SeedMessage.all.flatMap(\.payload)
    for pieces in everyWay(ofFeeding: run) {
      #expect(try deframed(pieces) == SeedMessage.all.map(\.message))
    }
  }

  @Test func anEmptyMessageIsAMessage() throws {
    for pieces in everyWay(ofFeeding: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) {
      #expect(try deframed(pieces) == [[], []])
    }
    #expect(try deframed([[]]) == [])
  }

  @Test func aWholeMessageIsASliceOfThePayload() throws {
    var payload = ByteBuffer(bytes: [0, 0, 0, 0, 3, 1, 2, 3])
    let address = payload.withUnsafeReadableBytes { $0.baseAddress.map { $0 + 5 } }
    var deframer = MessageDeframer()
    let message = try deframer.next(from: &payload)
    #expect(message?.withUnsafeReadableBytes { $0.baseAddress } == address)
    #expect(deframer.bufferedBytes == 0)
  }

  @Test func whatIsIncompleteIsCopiedAndCounted() throws {
    var deframer = MessageDeframer()
    var payload = ByteBuffer(bytes: [0, 0, 0, 0, 3, 1])
    #expect(try deframer.next(from: &payload) == nil)
    #expect(payload.readableBytes == 0)
    #expect(deframer.bufferedBytes == 6)
    var rest = ByteBuffer(bytes: [2, 3, 0])
    #expect(try deframer.next(from: &rest) == ByteBuffer(bytes: [1, 2, 3]))
    #expect(deframer.bufferedBytes == 0)
    #expect(rest.readableBytes == 1)
    #expect(try deframer.next(from: &rest) == nil)
    #expect(deframer.bufferedBytes == 1)
  }

  @Test func aPromiseOfALongMessageTakesNoMemory() throws {
    var deframer = MessageDeframer()
    var payload = ByteBuffer(bytes: [0, 0, 0x40, 0, 0, 1])
    #expect(try deframer.next(from: &payload) == nil)
    #expect(deframer.bufferedBytes == 6)
  }

  @Test func theEndInsideAMessageIsAFault() throws {
    let payload = SeedMessage.all[0].payload
    for count in 1..<payload.count {
      #expect(fault([Array(payload[..<count])])?.code == .truncated)
    }
  }

  @Test(arguments: [0, 1, 5, 1000])
  func theLimitIsReachedButNotPassed(limit: Int) throws {
    let message = [UInt8](repeating: 9, count: limit + 1)
    let atLimit = prefixed(Array(message.dropLast()))
    let past = prefixed(message)
    for pieces in everyWay(ofFeeding: atLimit) {
      #expect(try deframed(pieces, maximumMessageBytes: limit) == [Array(message.dropLast())])
    }
    for pieces in everyWay(ofFeeding: past) {
      #expect(fault(pieces, maximumMessageBytes: limit)?.code == .tooLarge)
    }
  }

  @Test func theLimitIsJudgedOnThePrefixAlone() {
    for length in [UInt32(4 * 1024 * 1024 + 1), .max] {
      let prefix = [0] + withUnsafeBytes(of: length.bigEndian) { Array($0) }
      for pieces in everyWay(ofFeeding: prefix) {
        #expect(fault(pieces)?.code == .tooLarge)
      }
    }
  }

  @Test(arguments: [UInt8(2), 3, 0x80, 0x81, 0xFF])
  func reservedFlagsAreRefused(flag: UInt8) {
    for encoding in MessageEncoding.allCases {
      for pieces in everyWay(ofFeeding: [flag, 0, 0, 0, 1, 7]) {
        #expect(fault(pieces, encoding: encoding)?.code == .reservedFlag)
      }
    }
  }

  @Test func theCompressedFlagNeedsAnEncoding() {
    let code = fault([[1, 0, 0, 0, 1, 7]])?.code
    #expect(code == .compressedWithoutEncoding)
    #expect(fault([[1, 0, 0, 0, 0]])?.code == .compressedWithoutEncoding)
  }

  @Test func aFaultIsThrownAgain() throws {
    var deframer = MessageDeframer()
    var codes: [MessageFault.Code] = []
    for bytes in [[UInt8](arrayLiteral: 0, 0), [0xFF, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [9]] {
      var payload = ByteBuffer(bytes: bytes)
      do { _ = try deframer.next(from: &payload) } catch { codes.append(error.code) }
    }
    do { try deframer.finish() } catch { codes.append(error.code) }
    #expect(codes == [.tooLarge, .tooLarge, .tooLarge, .tooLarge])
    #expect(deframer.bufferedBytes == 0)
  }

  @Test func randomMessagesSurviveRandomCuts() throws {
    var random = SeededGenerator(seed: 6)
    for _ in 0..<200 {
      let messages = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        random.compressibleBytes(count: Int.random(in: 0...(Bool.random(using: &random) ? 8 : 5000), using: &random))
      }
      var rest = messages.flatMap { prefixed($0) }[...]
      var pieces: [[UInt8]] = []
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 0...min(rest.count, 700), using: &random))
        pieces.append(Array(piece))
        rest = rest.dropFirst(piece.count)
      }
      #expect(try deframed(pieces) == messages)
    }
  }

  private func fault(
    _ pieces: [[UInt8]], encoding: MessageEncoding = .identity, maximumMessageBytes: Int = 4 * 1024 * 1024
  ) -> MessageFault? {
    do {
      _ = try deframed(pieces, encoding: encoding, maximumMessageBytes: maximumMessageBytes)
      return nil
    } catch {
      return error
    }
  }
}
