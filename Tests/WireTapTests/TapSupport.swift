import GRPCWire
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import OrderService
import ProtobufSchema
import SeedDump

@testable import HTTP2
@testable import WireTap

/// One connection under the tap, fed by hand.
struct TapBench: ~Copyable {
  var session: TapSession
  private(set) var records: [TapRecord] = []
  private var time = NIODeadline.uptimeNanoseconds(1_000_000_000)

  init(
    _ proto: TapProtocol = .grpc, limits: TapLimits = TapLimits(), filter: [String] = [], showsFrames: Bool = true
  ) throws {
    session = TapSession(
      connection: TapConnection(.proxy, 1, proto), limits: limits, filter: try TapFilter(filter),
      showsFrames: showsFrames)
  }

  mutating func feed(_ bytes: ByteBuffer, from side: TapSide, keepsOctets: Bool = true) {
    time = time + .milliseconds(1)
    var told: [TapRecord] = []
    session.received(bytes, from: side, at: time, keepsOctets: keepsOctets) { told.append($0) }
    records += told
  }

  /// The bytes in pieces of these sizes, the rest at the end.
  mutating func feed(_ bytes: ByteBuffer, from side: TapSide, sizes: [Int]) {
    var rest = bytes
    for size in sizes where rest.readableBytes > 0 {
      if let piece = rest.readSlice(length: min(size, rest.readableBytes)) { feed(piece, from: side) }
    }
    if rest.readableBytes > 0 { feed(rest, from: side) }
  }

  mutating func close() {
    var told: [TapRecord] = []
    session.closed(at: time) { told.append($0) }
    records += told
  }

  var frames: [TappedFrame] {
    records.compactMap { if case .frame(let frame) = $0.content { frame } else { nil } }
  }

  func frames(from side: TapSide) -> [TappedFrame] {
    records.compactMap { record in
      if record.side == side, case .frame(let frame) = record.content { frame } else { nil }
    }
  }

  var calls: [CallSummary] {
    records.compactMap { if case .call(let call) = $0.content { call } else { nil } }
  }

  func text(_ schema: Schema) -> String { Rendering.text(records, schema) }
}

enum Rendering {
  static func text(_ records: [TapRecord], _ schema: Schema, hasColours: Bool = false) -> String {
    var renderer = TextRenderer(
      clock: TapClock(offset: 0, usesUTC: true), colours: TapColours(isOn: hasColours), messages: reading(schema))
    var text: [UInt8] = []
    for record in records { renderer.render(record, into: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  static func json(_ records: [TapRecord], _ schema: Schema) -> [String] {
    let renderer = JSONRenderer(clock: TapClock(offset: 0, usesUTC: true), messages: reading(schema))
    var text: [UInt8] = []
    for record in records { renderer.render(record, into: &text) }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func reading(_ schema: Schema) -> MessageReading {
    MessageReading(schema: SchemaSource(schema), maximumMessageBytes: 1 << 20)
  }
}

enum TestSchema {
  static func none() throws -> Schema { try SchemaBuilder().build() }

  static func orders() throws -> Schema {
    var builder = SchemaBuilder()
    builder.add(descriptorSet: OrderServiceDescription.descriptorSet, origin: "order.binpb")
    return try builder.build()
  }
}

/// A call from its frames on, as tests write them.
enum Wire {
  static let preface = ByteBuffer(staticString: ConnectionPreface.bytes)

  static func block(_ fields: [(String, String)]) -> ByteBuffer {
    LiteralFields(fields).block
  }

  static func settings(_ parameters: [SettingsFrame.Parameter] = []) -> ByteBuffer {
    var buffer = ByteBuffer()
    SettingsFrame(parameters).write(into: &buffer)
    return buffer
  }

  static func request(
    _ stream: UInt32 = 1, path: String = "/order.OrderManagement/addOrder", encoding: String? = nil,
    endStream: Bool = false
  ) -> ByteBuffer {
    var fields = [
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "a"),
      ("content-type", "application/grpc"),
    ]
    if let encoding { fields.append(("grpc-encoding", encoding)) }
    return headers(stream, fields, endStream: endStream)
  }

  static func headers(_ stream: UInt32, _ fields: [(String, String)], endStream: Bool = false) -> ByteBuffer {
    var buffer = ByteBuffer()
    HeadersFrame(streamID: StreamID(stream), fragment: block(fields), endStream: endStream).write(into: &buffer)
    return buffer
  }

  static func data(_ stream: UInt32, _ bytes: [UInt8], endStream: Bool = false, padding: UInt8? = nil) -> ByteBuffer {
    var buffer = ByteBuffer()
    DataFrame(streamID: StreamID(stream), payload: ByteBuffer(bytes: bytes), endStream: endStream)
      .write(into: &buffer, padding: padding)
    return buffer
  }

  /// With its prefix.
  static func message(_ bytes: [UInt8], isCompressed: Bool = false) -> [UInt8] {
    [isCompressed ? 1 : 0] + withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
  }

  /// `id: "101"`
  static let order: [UInt8] = [0x0A, 3, 0x31, 0x30, 0x31]
}

struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
