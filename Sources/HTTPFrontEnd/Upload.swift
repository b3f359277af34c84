import NIOCore
import ProtobufJSON

/// What becomes of a request's body.
enum Upload {
  /// The method takes nothing from it.
  case none
  /// One message: the whole body, collected.
  case whole(ByteBuffer, limit: Int)
  /// A message for each JSON value, sent as soon as its last byte is in.
  case stream(StreamedBody)
  /// A message for each piece that arrives; `sent` were there before.
  case pieces(sent: Int)

  init(_ kind: DispatchedCall.UploadKind, maximumBody: Int, maximumMessage: Int) {
    switch kind {
    case .none: self = .none
    case .whole: self = .whole(ByteBuffer(), limit: maximumBody)
    case .pieces: self = .pieces(sent: 0)
    case .stream(let form):
      self = .stream(StreamedBody(JSONStreamFramer(form: form, maximumValueSize: maximumMessage)))
    }
  }

  var isExpected: Bool {
    if case .none = self { false } else { true }
  }

  var isStream: Bool {
    switch self {
    case .stream, .pieces: true
    case .none, .whole: false
    }
  }
}

/// The part of a stream of JSON values that is not a whole value yet, and where its next value ends.
struct StreamedBody {
  private var framer: JSONStreamFramer
  private var buffer = ByteBuffer()
  private var ownsBuffer = false

  init(_ framer: JSONStreamFramer) { self.framer = framer }

  /// The memory that is held, for tests.
  var capacity: Int { buffer.storageCapacity }

  /// How many values were whole so far.
  var count: Int { framer.itemIndex }

  /// What was consumed stays in front of a buffer that is written to, and a slice of what the channel read
  /// keeps all of that alive; so what is left over is moved to memory of our own, whose front is given back.
  mutating func append(_ bytes: ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
      ownsBuffer = false
    } else if ownsBuffer {
      if buffer.readerIndex >= buffer.readableBytes { buffer.discardReadBytes() }
      buffer.writeImmutableBuffer(bytes)
    } else {
      var joined = ByteBufferAllocator().buffer(capacity: buffer.readableBytes + bytes.readableBytes)
      joined.writeImmutableBuffer(buffer)
      joined.writeImmutableBuffer(bytes)
      buffer = joined
      ownsBuffer = true
    }
  }

  /// The next whole value, with its place in the stream.
  mutating func next() throws(JSONStreamFault) -> (value: ByteBuffer, index: Int)? {
    var framer = framer
    let range = try framer.next(in: buffer.readableBytesSpan)
    if range == nil {
      buffer.moveReaderIndex(forwardBy: framer.discard())
      if buffer.readableBytes == 0 { buffer = ByteBuffer() }
    }
    self.framer = framer
    return range.flatMap(value)
  }

  /// The last value, when only the end of the stream tells that it is whole.
  mutating func finish() throws(JSONStreamFault) -> (value: ByteBuffer, index: Int)? {
    var framer = framer
    let range = try framer.finish(in: buffer.readableBytesSpan)
    self.framer = framer
    return range.flatMap(value)
  }

  private func value(_ range: Range<Int>) -> (value: ByteBuffer, index: Int)? {
    buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count).map { ($0, framer.itemIndex - 1) }
  }
}
