import HTTP2
import JSONTree
import NIOCore
import SeedDump
import Testing

@testable import WireTap

struct RenderingTests {
  private static func records(_ name: String) throws -> [TapRecord] {
    var bench = try TapBench()
    for entry in SeedDump(named: name).entries {
      bench.feed(ByteBuffer(bytes: entry.bytes), from: entry.side == .client ? .client : .server)
    }
    bench.close()
    return bench.records
  }

  @Test func framesOfOneReadAreOneBlock() throws {
    var bench = try TapBench()
    bench.feed(Wire.preface, from: .client)
    var both = Wire.settings()
    both.writeImmutableBuffer(Wire.settings([.init(.maxFrameSize, 16_384)]))
    bench.feed(both, from: .server)
    #expect(
      bench.text(try TestSchema.none()) == """
        00:00:01.001 from CLIENT [1]
        grpc:(http2:preface)
        00000000  50 52 49 20 2a 20 48 54  54 50 2f 32 2e 30 0d 0a  |PRI * HTTP/2.0..|
        00000010  0d 0a 53 4d 0d 0a 0d 0a                           |..SM....|

        00:00:01.002 from SERVER [1]
        grpc:(http2:settings)
        00000000  00 00 00 04 00 00 00 00  00                       |.........|
        grpc:(http2:settings max_frame_size:16384)
        00000000  00 00 06 04 00 00 00 00  00 00 05 00 00 40 00     |.............@.|

        """)
  }

  @Test(arguments: SeedDump.names)
  func everyRecordIsALineOfJSON(_ name: String) throws {
    let records = try Self.records(name)
    let lines = Rendering.json(records, try TestSchema.orders())
    #expect(lines.count == records.count)
    for line in lines {
      let tree = try JSONTree(parsing: Array(line.utf8))
      let isTimed = tree.member("time")?.string?.hasSuffix("Z")
      #expect(isTimed == true)
    }
  }

  @Test func jsonHoldsTheMessageAsJSON() throws {
    let lines = Rendering.json(try Self.records("unary"), try TestSchema.orders())
    let line = try #require(lines.first { $0.contains("\"messages\"") })
    let tree = try JSONTree(parsing: Array(line.utf8))
    let (from, frame, path) = (
      tree.member("from")?.string, tree.member("frame")?.string, tree.member("path")?.string
    )
    #expect(from == "client")
    #expect(frame == "data")
    #expect(path == "/order.OrderManagement/addOrder")
    let item = tree.member("messages")?.element(at: 0)?.member("value")?.member("items")?.element(at: 0)?.string
    #expect(item == "iPhone XS")
    let call = try JSONTree(parsing: Array(try #require(lines.first { $0.contains("\"call\"") }).utf8))
    let status = call.member("call")?.member("name")?.string
    #expect(status == "OK")
  }

  @Test func jsonHoldsLinesWithoutASchema() throws {
    let lines = Rendering.json(try Self.records("unary"), try TestSchema.none())
    let tree = try JSONTree(parsing: Array(try #require(lines.first { $0.contains("\"messages\"") }).utf8))
    let field = tree.member("messages")?.element(at: 0)?.member("fields")?.element(at: 0)?.string
    #expect(field == "#1: \"101\"")
  }

  @Test func coloursAreOnlyWhereTheyAreWanted() throws {
    let records = try Self.records("unary")
    #expect(!Rendering.text(records, try TestSchema.none()).contains("\u{1B}"))
    #expect(Rendering.text(records, try TestSchema.none(), hasColours: true).contains("\u{1B}[36m"))
  }
}
