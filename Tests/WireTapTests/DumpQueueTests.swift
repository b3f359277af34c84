import Foundation
import NIOCore
import SeedDump
import Testing

@testable import WireTap

struct DumpQueueTests {
  private static func pipe() throws -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [0, 0]
    try #require(Foundation.pipe(&ends) == 0)
    return (ends[0], ends[1])
  }

  private static func everything(from descriptor: CInt) -> String {
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count <= 0 { break }
      text += chunk[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func tap(_ descriptor: CInt, queuedBytes: Int) throws -> Tap {
    var options = TapOptions()
    options.limits.maximumQueuedBytes = queuedBytes
    return Tap(options: options, schema: try SchemaSource.empty(), descriptor: descriptor)
  }

  @Test func everythingIsWrittenInOrder() throws {
    let ends = try Self.pipe()
    let tap = try Self.tap(ends.writing, queuedBytes: 1 << 20)
    for number in 0..<500 { tap.say("notice \(number).") }
    tap.finish(within: 10)
    close(ends.writing)
    let text = Self.everything(from: ends.reading)
    close(ends.reading)
    let numbers = text.split(separator: "\n").compactMap { $0.split(separator: " ").last.map { String($0.dropLast()) } }
    #expect(numbers == (0..<500).map { "\($0)" })
    #expect(tap.totals.dropped == 0)
  }

  /// tproxy's seventh fault: there the traffic waits for the terminal.
  @Test func outputThatNobodyReadsStopsNothingAndIsSaidToHaveLostFrames() throws {
    let ends = try Self.pipe()
    let tap = try Self.tap(ends.writing, queuedBytes: 256 << 10)
    let connection = tap.connectionOpened(number: 1, place: .proxy, proto: .grpc)
    connection.received(Wire.preface, from: .client)
    connection.received(Wire.settings(), from: .client)
    connection.received(Wire.request(), from: .client)
    let message = Wire.data(1, Wire.message(Array(repeating: 0x20, count: 16_000)))
    // 32 MB, of which the pipe takes 64 KiB and the queue 256.
    for _ in 0..<2000 { connection.received(message, from: .client) }
    #expect(tap.totals.dropped > 1900)
    // Somebody reads after all: the loss is told in its place, and the call as it was.
    let reader = Thread { _ = Self.everything(from: ends.reading) }
    reader.start()
    connection.closed()
    tap.finish(within: 10)
    close(ends.writing)
    #expect(tap.totals.calls == 1)
    #expect(tap.totals.up == 24 + 9 + Wire.request().readableBytes + 2000 * message.readableBytes)
  }

  @Test func lossIsToldWhereItHappened() throws {
    let ends = try Self.pipe()
    let tap = try Self.tap(ends.writing, queuedBytes: 64 << 10)
    let connection = tap.connectionOpened(number: 1, place: .proxy, proto: .text)
    let line = ByteBuffer(string: String(repeating: "x", count: 1000) + "\n")
    var sent = 0
    while tap.totals.dropped < 10 {
      connection.received(line, from: .client)
      sent += 1
    }
    let text = TextBox()
    let reader = Thread { text.value = Self.everything(from: ends.reading) }
    reader.start()
    connection.say("the end")
    tap.finish(within: 10)
    close(ends.writing)
    while text.value == nil { sched_yield() }
    let whole = try #require(text.value)
    #expect(whole.contains(" dropped: the output is slower than the traffic\n"))
    #expect(whole.contains("the end\n"))
    #expect(whole.split(separator: "\n").filter { $0.hasPrefix("xxx") }.count + tap.totals.dropped == sent)
  }

  @Test func outputThatIsClosedEndsNothing() throws {
    let ends = try Self.pipe()
    let tap = try Self.tap(ends.writing, queuedBytes: 64 << 10)
    close(ends.reading)
    for _ in 0..<10_000 { tap.say("nobody hears") }
    tap.finish(within: 10)
    close(ends.writing)
    #expect(tap.totals.dropped > 0)
  }
}

/// `@unchecked Sendable`: guarded by the lock.
private final class TextBox: @unchecked Sendable {
  private let lock = NSLock()
  private var text: String?

  var value: String? {
    get { lock.withLock { text } }
    set { lock.withLock { text = newValue } }
  }
}
