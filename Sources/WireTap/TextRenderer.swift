import GRPCWire
import HTTP2
import NIOCore
import NIOHPACK

/// Writes records as tproxy does: a block for what was read at once, in it a line, a dump and the decoded text of each
/// frame.
struct TextRenderer: RecordRenderer {
  private struct Block: Equatable {
    var connection: TapConnection
    var side: TapSide?
    var read: Int
  }

  private let clock: TapClock
  private let colours: TapColours
  private let messages: MessageReading
  private var block: Block?
  /// The last line was an empty one.
  private var isAfterGap = true

  init(clock: TapClock, colours: TapColours, messages: MessageReading) {
    self.clock = clock
    self.colours = colours
    self.messages = messages
  }

  mutating func render(_ record: TapRecord, into text: inout [UInt8]) {
    switch record.content {
    case .notice(let notice):
      endBlock(&text)
      line("\(clock.timeOfDay(record.time)) \(prefix(of: record.connection))\(notice)", &text)
    case .call(let summary):
      endBlock(&text)
      let call = "\(clock.timeOfDay(record.time)) \(record.connection.label) \(Self.text(of: summary))"
      line(colours.summary(call, isFailure: summary.isFailure), &text)
    case .dropped(let records, let octets):
      endBlock(&text)
      line(
        colours.remark("... \(records) records of \(octets) octets dropped: the output is slower than the traffic"),
        &text)
    case .preface(let octets):
      begin(record, &text)
      label("preface", of: record.connection, &text)
      HexDump.append(octets, to: &text)
    case .frame(let frame):
      begin(record, &text)
      label(FrameLabel.text(of: frame.observed), of: record.connection, &text)
      HexDump.append(frame.observed.octets, to: &text)
      isAfterGap = false
      if frame.observed.omittedOctets > 0 { line("... \(frame.observed.omittedOctets) more octets", &text) }
      explain(frame, record.side, &text)
    case .bytes(let bytes, let omitted):
      begin(record, &text)
      if record.connection.proto == .text {
        PrintableText.append(String(buffer: bytes), keepingLines: true, to: &text)
        if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
      } else {
        line(colours.label("not HTTP/2"), &text)
        HexDump.append(bytes, to: &text)
      }
      isAfterGap = false
      if omitted > 0 { line("... \(omitted) more octets", &text) }
    }
  }

  /// 0 is no connection's number: what is told of the whole.
  private func prefix(of connection: TapConnection) -> String {
    connection.number == 0 ? "" : "\(connection.label) "
  }

  private mutating func begin(_ record: TapRecord, _ text: inout [UInt8]) {
    let block = Block(connection: record.connection, side: record.side, read: record.read)
    guard block != self.block else { return }
    endBlock(&text)
    gap(&text)
    self.block = block
    let name = record.side.map { record.connection.place.name(of: $0) } ?? ""
    let from = "\(clock.timeOfDay(record.time)) from \(name) \(record.connection.label)"
    line(colours.sender(from, record.side), &text)
  }

  private mutating func endBlock(_ text: inout [UInt8]) {
    guard block != nil else { return }
    gap(&text)
    block = nil
  }

  private mutating func gap(_ text: inout [UInt8]) {
    if !isAfterGap { text.append(UInt8(ascii: "\n")) }
    isAfterGap = true
  }

  private mutating func line(_ line: String, _ text: inout [UInt8]) {
    text += Array(line.utf8)
    text.append(UInt8(ascii: "\n"))
    isAfterGap = false
  }

  private mutating func label(_ label: String, of connection: TapConnection, _ text: inout [UInt8]) {
    let whole = connection.proto == .grpc ? "grpc:(http2:\(label))" : "http2:\(label)"
    line(colours.label(Self.printable(whole)), &text)
  }

  private static func printable(_ string: String) -> String {
    var text: [UInt8] = []
    PrintableText.append(string, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: What is in a frame

  private mutating func explain(_ frame: TappedFrame, _ side: TapSide?, _ text: inout [UInt8]) {
    for remark in frame.remarks { line(colours.remark("! \(Self.printable(remark))"), &text) }
    if let headers = frame.headers {
      gap(&text)
      for (name, value, _) in headers {
        line(value.isEmpty ? "\(Self.printable(name)):" : "\(Self.printable(name)): \(Self.printable(value))", &text)
      }
      gap(&text)
    }
    for message in frame.messages {
      gap(&text)
      switch messages.content(of: message) {
      case .remark(let remark): line(colours.remark(remark), &text)
      case .bytes(let bytes):
        if message.message.isCompressed {
          line(
            colours.remark("\(message.encoding ?? ""), \(message.message.length) -> \(bytes.readableBytes) bytes"),
            &text)
        }
        if bytes.readableBytes == 0 { line("(empty message)", &text) }
        messages.appendFields(of: bytes, path: frame.path, side: side, to: &text)
        isAfterGap = false
      }
      gap(&text)
    }
  }

  static func text(of call: CallSummary) -> String {
    let end: String
    switch call.end {
    case .status(let status):
      end = "\(status.code.rawValue) \(status.code.name)" + (status.message.isEmpty ? "" : " \"\(status.message)\"")
    case .http(let status): end = "HTTP \(status)"
    case .reset(let side, let code): end = "reset by \(side == .client ? "client" : "server"): \(code)"
    case .connectionClosed: end = "connection closed"
    }
    return printable(
      "\(call.method) \(call.path) -> \(end) \(milliseconds(call.duration)) ms, \(call.up) up \(call.down) down")
  }

  /// With one decimal.
  static func milliseconds(_ time: TimeAmount) -> String {
    let tenths = (max(0, time.nanoseconds) + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension CallSummary {
  var isFailure: Bool {
    switch end {
    case .status(let status): !status.isOK
    case .http(let status): !(200..<400).contains(status)
    case .reset, .connectionClosed: true
    }
  }
}

/// Colours for terminals; nothing at all when they are off.
struct TapColours: Sendable {
  let isOn: Bool

  private func paint(_ text: String, _ code: Int) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

  /// Cyan for the client, magenta for the server.
  func sender(_ text: String, _ side: TapSide?) -> String { paint(text, side == .client ? 36 : 35) }
  func label(_ text: String) -> String { paint(text, 33) }
  func summary(_ text: String, isFailure: Bool) -> String { paint(text, isFailure ? 31 : 32) }
  func remark(_ text: String) -> String { paint(text, 31) }
}
