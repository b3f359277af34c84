public import NIOCore

/// Cuts the bytes of one direction into frames for somebody who watches and answers for nothing.
///
/// Unlike `FrameReader` it never gives up: a frame that breaks a rule is handed on as faulty, and the next one is found
/// behind it, since every length is believed. Bytes that do not begin as HTTP/2 are handed on as they are. What it
/// keeps is bounded by `maximumFrameBytes`, whatever a frame's header promises: DATA goes out as it arrives, and of a
/// longer frame of another type only the first octets are kept, to be shown.
public struct PassiveFrameReader: ~Copyable {
  public enum Event: Sendable, Equatable {
    case preface(ByteBuffer)
    /// A piece of a DATA frame's data, without padding. The frame follows when it is complete.
    case data(StreamID, ByteBuffer)
    case frame(ObservedFrame)
    /// Not HTTP/2, from here to the end of the direction.
    case opaque(ByteBuffer)
  }

  /// 64 KiB: four frames of the protocol's own default size; header blocks are far shorter, and of DATA this is what is
  /// shown of one frame.
  public static let defaultMaximumFrameBytes = 64 * 1024

  private enum State {
    /// Waiting for the 24 octets of the client's preface.
    case preface
    /// Waiting for the header of the first frame, which has to be SETTINGS.
    case firstHeader
    /// Waiting for a frame's header.
    case header
    /// The header is known; waiting for the whole payload.
    case payload(FrameHeader)
    /// Inside a DATA frame.
    case data(PartialDataFrame, dataLength: Int)
    /// Inside a frame whose payload is only passed by; octets still to come.
    case passing(ObservedFrame.Content, Int)
    case opaque

    var isPreface: Bool {
      if case .preface = self { true } else { false }
    }

    var isHeader: Bool {
      switch self {
      case .header, .firstHeader: true
      case .preface, .payload, .data, .passing, .opaque: false
      }
    }
  }

  private let maximumFrameBytes: Int
  private var state: State
  private var unread = ByteBuffer()
  /// True when `unread` is memory of our own, into which further bytes can go.
  private var ownsUnread = false
  /// The header of the frame that is being taken apart, and its first octets.
  private var header = FrameHeader(length: 0, type: .data, streamID: .connection)
  private var octets = ByteBuffer()
  /// False while nobody wants to see `octets`.
  public var keepsOctets = true

  public init(expectsPreface: Bool, maximumFrameBytes: Int = Self.defaultMaximumFrameBytes) {
    self.maximumFrameBytes = max(maximumFrameBytes, FrameHeader.byteCount)
    state = expectsPreface ? .preface : .firstHeader
  }

  /// Octets that are kept of a frame that is not complete.
  public var bufferedBytes: Int { unread.readableBytes + octets.readableBytes }

  /// Adds bytes as they were read; `next()` then tells what is in them.
  public mutating func append(_ bytes: ByteBuffer) {
    guard unread.readableBytes > 0 else {
      unread = bytes
      ownsUnread = false
      return
    }
    // What is left over mostly is a slice of the last read. It moves to memory of its own once and grows there.
    if !ownsUnread || unread.readerIndex > 0 {
      var merged = ByteBuffer()
      merged.reserveCapacity(unread.readableBytes + bytes.readableBytes)
      merged.writeImmutableBuffer(unread)
      unread = merged
      ownsUnread = true
    }
    unread.writeImmutableBuffer(bytes)
  }

  /// - Returns: nil when more bytes are needed.
  public mutating func next() -> Event? {
    let event = step()
    // What is used up is let go of, so that whoever reads from the socket can use its memory again.
    if event == nil, unread.readableBytes == 0 { unread = ByteBuffer() }
    return event
  }

  private mutating func step() -> Event? {
    while true {
      switch state {
      case .preface:
        if let preface = takePreface() { return preface }
        if state.isPreface { return nil }
      case .firstHeader, .header:
        takeHeader()
        if state.isHeader { return nil }
      case .payload(let header):
        guard var payload = unread.readSlice(length: header.length) else { return nil }
        keep(payload)
        return .frame(finish(content(header, &payload)))
      case .data(var partial, let dataLength):
        return takeData(&partial, dataLength)
      case .passing(let content, let left):
        let step = unread.readSlice(length: min(left, unread.readableBytes)) ?? ByteBuffer()
        keep(step)
        guard step.readableBytes == left else {
          state = .passing(content, left - step.readableBytes)
          return nil
        }
        return .frame(finish(content))
      case .opaque:
        guard unread.readableBytes > 0 else { return nil }
        defer { unread = ByteBuffer() }
        return .opaque(unread)
      }
    }
  }

  /// Judges as early as the first octet that differs.
  private mutating func takePreface() -> Event? {
    let expected = ConnectionPreface.bytes.utf8CodeUnitCount
    let count = min(expected, unread.readableBytes)
    let matches = unread.withUnsafeReadableBytes { bytes in
      ConnectionPreface.bytes.withUTF8Buffer { $0.prefix(count).elementsEqual(bytes.prefix(count)) }
    }
    guard matches else {
      state = .opaque
      return nil
    }
    guard count == expected, let preface = unread.readSlice(length: expected) else { return nil }
    state = .firstHeader
    return .preface(preface)
  }

  private mutating func takeHeader() {
    let start = unread
    guard let header = FrameHeader(readingFrom: &unread) else { return }
    if case .firstHeader = state {
      guard header.type == .settings, header.flags.isEmpty, header.hasItsStream, header.hasItsLength,
        header.length <= maximumFrameBytes
      else {
        unread = start
        state = .opaque
        return
      }
    }
    self.header = header
    octets = ByteBuffer()
    if let octets = start.getSlice(at: start.readerIndex, length: FrameHeader.byteCount) { keep(octets) }
    if let fault = Self.fault(of: header) {
      state = .passing(.faulty(fault), header.length)
    } else if header.type == .data {
      state = .data(PartialDataFrame(header), dataLength: 0)
    } else if !header.isRecognised {
      state = .passing(.frame(.unknown(header)), header.length)
    } else if header.length > maximumFrameBytes - FrameHeader.byteCount {
      state = .passing(.notRead, header.length)
    } else {
      state = .payload(header)
    }
  }

  private static func fault(of header: FrameHeader) -> ConnectionFault? {
    if !header.hasItsStream { return .streamForbidden(header.type) }
    if !header.hasItsLength { return .frameSize(header.type) }
    return nil
  }

  private func content(_ header: FrameHeader, _ payload: inout ByteBuffer) -> ObservedFrame.Content {
    do throws(ConnectionFault) {
      return .frame(try Frame(header, payload: &payload))
    } catch {
      return .faulty(error)
    }
  }

  private mutating func takeData(_ partial: inout PartialDataFrame, _ dataLength: Int) -> Event? {
    let before = unread
    let piece: DataFrame?
    do throws(ConnectionFault) {
      piece = try partial.takePiece(from: &unread)
    } catch {
      // The padding's length byte is read, and is wrong.
      let taken = before.readableBytes - unread.readableBytes
      keep(before, count: taken)
      state = .passing(.faulty(error), header.length - taken)
      return step()
    }
    keep(before, count: before.readableBytes - unread.readableBytes)
    let length = dataLength + (piece?.payload.readableBytes ?? 0)
    if partial.isComplete {
      state = .passing(.data(length: length, padding: header.length - length), 0)
    } else {
      state = .data(partial, dataLength: length)
    }
    if let piece, piece.payload.readableBytes > 0 { return .data(header.streamID, piece.payload) }
    return partial.isComplete ? step() : nil
  }

  private mutating func keep(_ bytes: ByteBuffer, count: Int? = nil) {
    guard keepsOctets else { return }
    let room = maximumFrameBytes - octets.readableBytes
    let count = min(count ?? bytes.readableBytes, room)
    guard count > 0, let slice = bytes.getSlice(at: bytes.readerIndex, length: count) else { return }
    octets.writeImmutableBuffer(slice)
  }

  private mutating func finish(_ content: ObservedFrame.Content) -> ObservedFrame {
    state = .header
    defer { octets = ByteBuffer() }
    return ObservedFrame(
      header: header, content: content, octets: octets,
      omittedOctets: FrameHeader.byteCount + header.length - octets.readableBytes)
  }
}
