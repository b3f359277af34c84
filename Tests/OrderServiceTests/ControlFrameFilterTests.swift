import NIOCore
import Testing

@testable import OrderService

@Suite struct ControlFrameFilterTests {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  static let settings: [UInt8] = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0x40, 0]
  /// A payload that looks like a PING frame itself.
  static let data: [UInt8] = [0, 0, 17, 0, 1, 0, 0, 0, 1] + ping(7)
  static let pingAcknowledgement: [UInt8] = [0, 0, 8, 6, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
  static let pingOnStream: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8]
  static let shortPing: [UInt8] = [0, 0, 4, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4]

  static let resetOfConnection: [UInt8] = [0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 8]
  static let longReset: [UInt8] = [0, 0, 5, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8, 0]

  static func reset(_ stream: UInt8) -> [UInt8] { [0, 0, 4, 3, 0, 0x80, 0, 0, stream, 0, 0, 0, 8] }
  static func ping(_ number: UInt8) -> [UInt8] { [0, 0, 8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number] }

  static let sent =
    preface + settings + ping(1) + data + reset(5) + ping(2) + pingAcknowledgement + pingOnStream + shortPing
    + resetOfConnection + reset(7) + longReset + ping(3)
  static let passedOn =
    preface + settings + data + pingAcknowledgement + pingOnStream + shortPing + resetOfConnection + longReset
  static let taken: [ControlFrameFilter.Frame] = [
    .ping(1), .reset(stream: 5), .ping(2), .reset(stream: 7), .ping(3),
  ]

  func feed(_ parts: [ArraySlice<UInt8>]) -> (passedOn: [UInt8], taken: [ControlFrameFilter.Frame]) {
    var filter = ControlFrameFilter()
    var passedOn: [UInt8] = []
    var taken: [ControlFrameFilter.Frame] = []
    for part in parts {
      let output = filter.received(ByteBuffer(bytes: part))
      passedOn += Array(output.passedOn.readableBytesView)
      taken += output.taken
    }
    return (passedOn, taken)
  }

  @Test func takesOutPingsAndResetsHoweverTheBytesCome() {
    let sent = Self.sent
    var feeds = [[sent[...]], sent.indices.map { sent[$0...$0] }]
    for split in sent.indices { feeds.append([sent[..<split], sent[split...]]) }
    for parts in feeds {
      let (passedOn, taken) = feed(parts)
      #expect(passedOn == Self.passedOn)
      #expect(taken == Self.taken)
    }
  }

  @Test func passesOnWhatGoesBeyondTheBudget() {
    var filter = ControlFrameFilter()
    let output = filter.received(ByteBuffer(bytes: Self.preface + Self.ping(1) + Self.ping(2)), budget: 1)
    #expect(output.taken == [.ping(1)])
    #expect(Array(output.passedOn.readableBytesView) == Self.preface + Self.ping(2))
  }

  @Test func holdsNothingButTheBeginningOfAFrame() {
    var filter = ControlFrameFilter()
    let output = filter.received(ByteBuffer(bytes: Self.preface + Self.data.prefix(20)))
    #expect(Array(output.passedOn.readableBytesView) == Self.preface + Self.data.prefix(20))
  }
}
