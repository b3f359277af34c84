import GRPCWire
import HTTP2
import NIOCore
import NIOHPACK
import SeedDump
import Testing

@testable import WireTap

/// The recorded connections of the four modes: what the recorder showed, and what it could not.
struct SeedSessionTests {
  private static func side(_ side: SeedDump.Side) -> TapSide { side == .client ? .client : .server }

  /// Entry by entry, in the recorded order.
  private static func replay(_ dump: SeedDump) throws -> TapBench {
    var bench = try TapBench()
    for entry in dump.entries { bench.feed(ByteBuffer(bytes: entry.bytes), from: side(entry.side)) }
    bench.close()
    return bench
  }

  private static func labels(_ bench: borrowing TapBench, _ side: TapSide) -> [String] {
    bench.frames(from: side).map { FrameLabel.text(of: $0.observed) }
  }

  @Test(arguments: SeedDump.all)
  func frameLinesAreThoseRecorded(_ dump: SeedDump) throws {
    let bench = try Self.replay(dump)
    #expect(Self.labels(bench, .client) == dump.labels(from: .client))
    #expect(Self.labels(bench, .server) == dump.labels(from: .server))
    let text = bench.text(try TestSchema.none())
    for entry in dump.entries { #expect(text.contains("grpc:(http2:\(entry.label))\n")) }
    #expect(
      text.contains(
        "from CLIENT [1]\ngrpc:(http2:preface)\n00000000  50 52 49 20 2a 20 48 54  54 50 2f 32 2e 30 0d 0a  |PRI * HTTP/2.0..|\n"
      ))
  }

  /// What a reader sees of a connection, but for the times and for what was read at once.
  private struct Shown: Equatable {
    var labels: [TapSide: [String]] = [:]
    var headers: [TapSide: [[String]]] = [:]
    var messages: [TapSide: [TappedMessage]] = [:]
    var calls: [String] = []

    init(_ bench: borrowing TapBench) {
      for side in TapSide.allCases {
        let frames = bench.frames(from: side)
        labels[side] = SeedSessionTests.labels(bench, side)
        headers[side] = frames.compactMap { $0.headers?.map { "\($0.name): \($0.value)" } }
        messages[side] = frames.flatMap(\.messages)
      }
      calls = bench.calls.map { "\($0.path) \($0.end) \($0.up) \($0.down)" }.sorted()
    }
  }

  /// The dumps' bytes, one direction after the other.
  private static func shown(_ dump: SeedDump, _ sizes: [Int]) throws -> Shown {
    var bench = try TapBench()
    bench.feed(dump.bytes(from: .client), from: .client, sizes: sizes)
    bench.feed(dump.bytes(from: .server), from: .server, sizes: sizes)
    return Shown(bench)
  }

  @Test(arguments: SeedDump.all)
  func whatIsShownDoesNotDependOnWhereTheBytesAreCut(_ dump: SeedDump) throws {
    let length = max(dump.bytes(from: .client).readableBytes, dump.bytes(from: .server).readableBytes)
    let whole = try Self.shown(dump, [])
    #expect(whole.labels == [.client: dump.labels(from: .client), .server: dump.labels(from: .server)])
    #expect(whole.messages.values.allSatisfy { !$0.isEmpty })
    #expect(try Self.shown(dump, Array(repeating: 1, count: length)) == whole)
    for cut in 0...length { #expect(try Self.shown(dump, [cut]) == whole) }
  }

  @Test(arguments: SeedDump.all)
  func whatIsShownDoesNotDependOnHowManyPiecesThereAre(_ dump: SeedDump) throws {
    let whole = try Self.shown(dump, [])
    var random = SeededGenerator(11)
    for _ in 0..<200 {
      let most = Int.random(in: 1...80, using: &random)
      let sizes = (0..<400).map { _ in Int.random(in: 1...most, using: &random) }
      #expect(try Self.shown(dump, sizes) == whole)
    }
  }

  /// tproxy's fifth fault: a decoder of its own for each block knows nothing of those before.
  @Test(arguments: SeedDump.all)
  func headersAreThoseRecordedAndThoseOfTheSecondCall(_ dump: SeedDump) throws {
    let bench = try Self.replay(dump)
    for side in [SeedDump.Side.client, .server] {
      let entries = dump.entries.filter { $0.side == side && $0.label.hasPrefix("headers") }
      let frames = bench.frames(from: Self.side(side)).filter { $0.observed.header.type == .headers }
      #expect(frames.count == entries.count)
      for (entry, frame) in zip(entries, frames) {
        let lines = try #require(frame.headers).map { "\($0.name): \($0.value)" }
        if !entry.headers.isEmpty {
          #expect(lines == entry.headers)
        } else {
          #expect(frame.streamID.rawValue == 3)
          switch (side, entry.label.hasSuffix("end_stream")) {
          case (.client, _):
            #expect(lines.contains(":path: /order.OrderManagement/getOrder") && lines.contains("te: trailers"))
          case (.server, false): #expect(lines == [":status: 200", "content-type: application/grpc"])
          case (.server, true): #expect(lines == ["grpc-status: 0", "grpc-message: "])
          }
        }
      }
    }
  }

  /// Its first and second faults: `#2:` with `#13: (fixed64)` in it, and `#4: (fixed32)`.
  @Test func fieldsHaveNamesAndValuesWithASchema() throws {
    let text = try Self.replay(SeedDump(named: "unary")).text(TestSchema.orders())
    #expect(text.contains("\nid: \"101\"\nitems: \"iPhone XS\"\nitems: \"Mac Book Pro\"\nprice: 2300\n"))
    #expect(text.contains("\nvalue: \"Order Added: 101\"\n"))
    #expect(!text.contains("#13"))
  }

  @Test func fieldsHaveNumbersAndValuesWithoutOne() throws {
    let text = try Self.replay(SeedDump(named: "unary")).text(TestSchema.none())
    #expect(text.contains("\n#1: \"101\"\n#2: \"iPhone XS\"\n"))
    #expect(text.contains("\n#4: 0x450fc000 (fixed32, as float 2300)\n#5 {\n  #1: \"Tom, Shanghai\"\n}\n"))
  }

  /// Its third fault: only a DATA frame whose flags were exactly END_STREAM was looked into.
  @Test(arguments: [("client-stream", 2, 1), ("server-stream", 1, 1), ("bidi-stream", 2, 2), ("unary", 1, 1)])
  func everyMessageIsFoundInBothDirections(_ name: String, _ up: Int, _ down: Int) throws {
    let bench = try Self.replay(SeedDump(named: name))
    let call = try #require(bench.calls.first)
    #expect(call.end == .status(.ok))
    #expect((call.up, call.down) == (up, down))
    #expect(bench.calls.count == (name == "unary" ? 2 : 1))
  }

  @Test func summaryNamesTheCall() throws {
    let text = try Self.replay(SeedDump(named: "unary")).text(TestSchema.none())
    #expect(text.contains("[1] POST /order.OrderManagement/addOrder -> 0 OK "))
    #expect(text.contains(" ms, 1 up 1 down\n"))
  }

  @Test func enumsAndNestedMessagesHaveTheirNames() throws {
    // The recording was made with field 5 as the addresses; its bytes are shown as the schema of today has them.
    let text = try Self.replay(SeedDump(named: "bidi-stream")).text(TestSchema.orders())
    #expect(text.contains("\nid: \"cmb - Mike, Shanghai\"\nstatus: \"Processed!\"\norderList {\n  id: \"101\"\n"))
  }
}
