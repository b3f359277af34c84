import GRPCWire
import HTTP2
import NIOCore

/// HTTP/2 frames and the gRPC messages in them.
enum FrameSubjects {
  static var all: [Subject] { [writeFrames, readFrames, readStream, writeMessage, readMessage] }

  private static let message = OrderSamples.small.wire

  /// What goes up for a unary call: HEADERS that are index octets, and DATA.
  private static var writeFrames: Subject {
    let block = ByteBuffer(repeating: 0xbe, count: 12)
    let data = ByteBuffer(bytes: [0, 0, 0, 0, UInt8(message.count)] + message)
    return Subject("frame-write/unary-call", bytes: data.readableBytes) {
      let output = Holder(ByteBuffer())
      return { count in
        for index in 0..<count {
          let stream = StreamID(UInt32(truncatingIfNeeded: index) << 1 | 1)
          output.value.clear()
          HeadersFrame(streamID: stream, fragment: block, endStream: false).write(into: &output.value)
          DataFrame(streamID: stream, payload: data, endStream: true).write(into: &output.value)
          keep(output.value)
        }
      }
    }
  }

  /// What comes back for it: HEADERS, DATA, HEADERS with the trailers, in one read.
  private static var readFrames: Subject {
    var input = ByteBuffer()
    let stream = StreamID(1)
    let data = ByteBuffer(bytes: [0, 0, 0, 0, UInt8(message.count)] + message)
    HeadersFrame(streamID: stream, fragment: ByteBuffer(repeating: 0xbe, count: 3), endStream: false)
      .write(into: &input)
    DataFrame(streamID: stream, payload: data, endStream: false).write(into: &input)
    HeadersFrame(streamID: stream, fragment: ByteBuffer(repeating: 0xbf, count: 2), endStream: true)
      .write(into: &input)
    return read("frame-read/unary-answer", input, frames: 3)
  }

  /// A read of 64 KiB in the middle of a server stream, a message to a frame.
  private static var readStream: Subject {
    let data = ByteBuffer(bytes: [0, 0, 0, 0, UInt8(message.count)] + message)
    var input = ByteBuffer()
    var frames = 0
    while input.readableBytes < 65_536 {
      DataFrame(streamID: StreamID(1), payload: data, endStream: false).write(into: &input)
      frames += 1
    }
    return read("frame-read/stream-64k", input, frames: frames, sample: 50)
  }

  private static func read(_ name: String, _ input: ByteBuffer, frames: Int, sample: Int = 1000) -> Subject {
    Subject(name, bytes: input.readableBytes, sample: sample) {
      let reader = Holder(FrameReader(expecting: .settings))
      var settings = ByteBuffer()
      FrameHeader(length: 0, type: .settings, streamID: StreamID(0)).write(into: &settings)
      reader.value.append(settings)
      _ = try reader.value.next()
      return { count in
        for _ in 0..<count {
          reader.value.append(input)
          var seen = 0
          while let frame = try reader.value.next() {
            keep(frame)
            seen += 1
          }
          guard seen == frames else { throw SubjectError("\(seen) frames instead of \(frames)") }
        }
      }
    }
  }

  private static var writeMessage: Subject {
    Subject("grpc-write/message", bytes: message.count) {
      let output = Holder(ByteBuffer())
      return { count in
        for _ in 0..<count {
          output.value.clear()
          try MessageFramer.writeUncompressed(message.span.bytes, into: &output.value)
          keep(output.value)
        }
      }
    }
  }

  private static var readMessage: Subject {
    var input = ByteBuffer()
    input.writeMultipleIntegers(0 as UInt8, UInt32(message.count))
    input.writeBytes(message)
    return Subject("grpc-read/message", bytes: message.count) {
      let deframer = Holder(MessageDeframer())
      return { count in
        for _ in 0..<count {
          var payload = input
          while let message = try deframer.value.next(from: &payload) { keep(message) }
        }
      }
    }
  }
}
