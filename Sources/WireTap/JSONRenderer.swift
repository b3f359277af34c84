import GRPCWire
import HTTP2
import JSONTree
import NIOCore
import NIOHPACK

/// Writes each record as one line of JSON.
struct JSONRenderer: RecordRenderer {
  private let clock: TapClock
  private let messages: MessageReading

  init(clock: TapClock, messages: MessageReading) {
    self.clock = clock
    self.messages = messages
  }

  func render(_ record: TapRecord, into text: inout [UInt8]) {
    var object = JSONTree.object()
    object.set("time", to: clock.timestamp(record.time))
    if record.connection.number > 0 {
      object.set("connection", to: record.connection.number)
      if record.connection.place != .proxy { object.set("place", to: record.connection.place.rawValue) }
    }
    if let side = record.side { object.set("from", to: side == .client ? "client" : "server") }
    switch record.content {
    case .notice(let notice): object.set("notice", to: notice)
    case .preface(let octets):
      object.set("frame", to: "preface")
      object.set("hex", to: Self.hex(octets))
    case .frame(let frame): describe(frame, record.side, &object)
    case .bytes(let bytes, let omitted):
      if record.connection.proto == .text {
        object.set("text", to: String(buffer: bytes))
      } else {
        object.set("hex", to: Self.hex(bytes))
      }
      if omitted > 0 { object.set("omitted", to: omitted) }
    case .call(let summary): object.set("call", to: Self.tree(of: summary))
    case .dropped(let records, let octets):
      object.set("dropped", to: records)
      object.set("octets", to: octets)
    }
    text += object.serialized()
    text.append(UInt8(ascii: "\n"))
  }

  private func describe(_ frame: TappedFrame, _ side: TapSide?, _ object: inout JSONTree) {
    let header = frame.observed.header
    object.set("frame", to: header.type.description.lowercased())
    object.set("stream", to: Int(header.streamID.rawValue))
    object.set("length", to: header.length)
    object.set("flags", to: FrameLabel.flags(of: header))
    if let path = frame.path { object.set("path", to: path) }
    object.set("summary", to: FrameLabel.text(of: frame.observed))
    if let headers = frame.headers {
      var list = JSONTree.array()
      for (name, value, _) in headers {
        var pair = JSONTree.array()
        pair.append(name)
        pair.append(value)
        list.append(pair)
      }
      object.set("headers", to: list)
    }
    if !frame.messages.isEmpty {
      var list = JSONTree.array()
      for message in frame.messages { list.append(tree(of: message, frame.path, side)) }
      object.set("messages", to: list)
    }
    if !frame.remarks.isEmpty { object.set("remarks", to: frame.remarks) }
    object.set("hex", to: Self.hex(frame.observed.octets))
    if frame.observed.omittedOctets > 0 { object.set("omitted", to: frame.observed.omittedOctets) }
  }

  private func tree(of message: TappedMessage, _ path: String?, _ side: TapSide?) -> JSONTree {
    var object = JSONTree.object()
    object.set("length", to: message.message.length)
    object.set("compressed", to: message.message.isCompressed)
    switch messages.content(of: message) {
    case .remark(let remark): object.set("remark", to: remark)
    case .bytes(let bytes):
      if message.message.isCompressed { object.set("inflated", to: bytes.readableBytes) }
      if let json = messages.json(of: bytes, path: path, side: side) {
        object.set("value", to: .verbatim(json))
      } else {
        var lines: [UInt8] = []
        messages.appendFields(of: bytes, path: path, side: side, to: &lines)
        object.set("fields", to: String(decoding: lines, as: UTF8.self).split(separator: "\n").map(String.init))
      }
    }
    return object
  }

  private static func tree(of call: CallSummary) -> JSONTree {
    var object = JSONTree.object()
    object.set("stream", to: Int(call.streamID.rawValue))
    object.set("method", to: call.method)
    object.set("path", to: call.path)
    switch call.end {
    case .status(let status):
      object.set("status", to: status.code.rawValue)
      object.set("name", to: status.code.name)
      if !status.message.isEmpty { object.set("message", to: status.message) }
    case .http(let status): object.set("httpStatus", to: status)
    case .reset(let side, let code):
      object.set("resetBy", to: side == .client ? "client" : "server")
      object.set("code", to: code.description)
    case .connectionClosed: object.set("connectionClosed", to: true)
    }
    object.set("milliseconds", to: .double(Double(call.duration.nanoseconds / 1000) / 1000))
    object.set("up", to: call.up)
    object.set("down", to: call.down)
    return object
  }

  private static func hex(_ bytes: ByteBuffer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.readableBytes * 2)
    for byte in bytes.readableBytesView {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
