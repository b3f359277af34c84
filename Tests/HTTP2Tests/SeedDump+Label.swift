import HTTP2
import NIOCore
import SeedDump

extension SeedDump {
  /// The name the recorder gives to a frame.
  static func label(of frame: Frame) -> String {
    switch frame {
    case .data(let data):
      "data stream:\(data.streamID) len:\(data.payload.readableBytes)" + (data.endStream ? " end_stream" : "")
    case .headers(let headers): "headers stream:\(headers.streamID) \(headers.endStream ? "end_stream" : "end_headers")"
    case .settings(let settings):
      if settings.isAcknowledgement {
        "settings:ack"
      } else {
        "settings" + settings.parameters.map { " \($0.id.description.lowercased()):\($0.value)" }.joined()
      }
    case .ping(let ping): "ping\(ping.isAcknowledgement ? ":ack" : "") " + Self.hex(ping.payload)
    case .windowUpdate(let update): "window_update window_size_increment:\(update.increment)"
    default: "\(frame)"
    }
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
