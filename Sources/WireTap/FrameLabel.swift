import HTTP2
import NIOCore

/// A frame in one line, such as `headers stream:1 end_headers`; what tproxy prints, and what it leaves out.
enum FrameLabel {
  static func text(of observed: ObservedFrame) -> String {
    let header = observed.header
    switch observed.content {
    case .data(let length, let padding):
      var label = "data stream:\(header.streamID) len:\(length)"
      if header.flags.contains(.padded) { label += " padding:\(padding)" }
      if header.flags.contains(.endStream) { label += " end_stream" }
      return label
    case .frame(let frame): return text(of: frame, header)
    case .faulty, .notRead: return "\(name(of: header.type)) stream:\(header.streamID) len:\(header.length)"
    }
  }

  static func name(of type: FrameType) -> String {
    type.rawValue <= FrameType.continuation.rawValue ? type.description.lowercased() : "unknown type:\(type.rawValue)"
  }

  private static func text(of frame: Frame, _ header: FrameHeader) -> String {
    switch frame {
    case .headers(let headers):
      var label = "headers stream:\(headers.streamID)"
      // tproxy names one of the two; where a block goes on in CONTINUATION there is no end_headers.
      if headers.endStream { label += " end_stream" }
      if !headers.endHeaders { label += " continued" } else if !headers.endStream { label += " end_headers" }
      return label + padding(header)
    case .data(let data): return "data stream:\(data.streamID) len:\(data.payload.readableBytes)"
    case .priority(let priority):
      return "priority stream:\(priority.streamID) depends_on:\(priority.priority.dependency) "
        + "weight:\(priority.priority.weight)"
    case .resetStream(let reset): return "rst_stream stream:\(reset.streamID) error_code:\(reset.code)"
    case .settings(let settings):
      if settings.isAcknowledgement { return "settings:ack" }
      return "settings" + settings.parameters.map { " \($0.id.description.lowercased()):\($0.value)" }.joined()
    case .pushPromise(let promise):
      return "push_promise stream:\(promise.streamID) promised_stream:\(promise.promisedStreamID)"
        + (promise.endHeaders ? " end_headers" : " continued") + padding(header)
    case .ping(let ping): return "ping\(ping.isAcknowledgement ? ":ack" : "") \(hex(ping.payload))"
    case .goAway(let goAway):
      var label = "goaway last_stream:\(goAway.lastStreamID) error_code:\(goAway.code)"
      if goAway.debugData.readableBytes > 0 {
        label += " debug:\"\(String(decoding: goAway.debugData.readableBytesView.prefix(1024), as: UTF8.self))\""
      }
      return label
    case .windowUpdate(let update):
      let stream = update.streamID == .connection ? "" : " stream:\(update.streamID)"
      return "window_update\(stream) window_size_increment:\(update.increment)"
    case .continuation(let continuation):
      return "continuation stream:\(continuation.streamID)" + (continuation.endHeaders ? " end_headers" : " continued")
    case .unknown(let header):
      return "\(name(of: header.type)) stream:\(header.streamID) len:\(header.length) flags:\(header.flags.rawValue)"
    }
  }

  private static func padding(_ header: FrameHeader) -> String { header.flags.contains(.padded) ? " padded" : "" }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The flags that the frame's type has, by their names.
  static func flags(of header: FrameHeader) -> [String] {
    var names: [String] = []
    let isData = header.type == .data
    let isHeaders = header.type == .headers
    let isBlock = isHeaders || header.type == .pushPromise || header.type == .continuation
    if header.type == .settings || header.type == .ping, header.flags.contains(.acknowledgement) { names.append("ack") }
    if isData || isHeaders, header.flags.contains(.endStream) { names.append("end_stream") }
    if isBlock, header.flags.contains(.endHeaders) { names.append("end_headers") }
    if isData || isHeaders || header.type == .pushPromise, header.flags.contains(.padded) { names.append("padded") }
    if isHeaders, header.flags.contains(.priority) { names.append("priority") }
    return names
  }
}
