/// Finds where each value of a stream of JSON values ends, as the bytes arrive.
///
/// It follows only nesting, strings and escapes; whether a value is right is judged by whoever reads it. No byte is
/// looked at twice, however the stream is cut.
///
/// The caller keeps one buffer: it appends what arrives, asks for values until there is none, and then drops what is
/// done with:
///
///     while let value = try framer.next(in: buffer) { … buffer[value] … }
///     let done = framer.discard()      // drop so many bytes from the front of the buffer
///
/// and at the end of the stream calls `finish`, which may have one last value.
///
///     concatenated = *( ws value ) ws                            NDJSON is the case of ws = LF
///     array        = ws "[" ws [ value *( ws "," ws value ) ] ws "]" ws
///     sequence     = *( 1*RS ws [ value ] ws )                   RFC 7464
public struct JSONStreamFramer: Sendable {
  public enum Form: Sendable, Hashable {
    case concatenated
    case array
    case sequence
    /// An array when the first byte that is not white space is `[`, else concatenated.
    case arrayOrConcatenated
  }

  /// The default is that of one streamed message, 4 MiB.
  public static let defaultMaximumValueSize = 4 << 20

  enum State: Sendable, Hashable {
    /// Outside of a value; what may come depends on the form.
    case between
    /// Array: a value must come, for a comma has.
    case afterComma
    /// Array: a comma or the end must come. Sequence: RS or the end must come.
    case afterValue
    /// Array: before `[`. Sequence: before the first RS.
    case beforeStart
    /// Array: after `]`.
    case afterEnd
    case inContainer
    case inString
    case inEscape
    /// A number or word outside of any container, which only ends by what follows it.
    case inScalar
  }

  public let maximumValueSize: Int
  /// How many values were complete so far: the index of the one that comes next.
  public internal(set) var itemIndex = 0
  var form: Form
  var state: State
  var depth = 0
  /// Bytes of the caller's buffer that have been looked at.
  var scanned = 0
  /// Where in the buffer the value begins that is being looked at.
  var valueStart = 0
  /// Bytes dropped from the front of the buffer so far.
  var dropped = 0

  public init(form: Form, maximumValueSize: Int = defaultMaximumValueSize) {
    self.form = form
    self.maximumValueSize = maximumValueSize
    state = form == .concatenated ? .between : .beforeStart
  }

  /// Whether the stream may end here: no value and no array is open.
  public var isAtBoundary: Bool {
    switch state {
    case .between: form != .array
    case .afterEnd: true
    case .beforeStart: form != .array
    case .afterValue: form == .sequence
    case .afterComma, .inContainer, .inString, .inEscape, .inScalar: false
    }
  }

  /// The next complete value as a range of the buffer, or nil when more bytes are needed.
  ///
  /// - Parameter buffer: everything that arrived and was not dropped, the bytes of earlier calls included.
  public mutating func next(in buffer: RawSpan) throws(JSONStreamFault) -> Range<Int>? {
    var fault: JSONStreamFault?
    let value = buffer.withUnsafeBytes { bytes -> Range<Int>? in
      do throws(JSONStreamFault) {
        return try scan(bytes)
      } catch {
        fault = error
        return nil
      }
    }
    if let fault { throw fault }
    return value
  }

  /// How many bytes at the front of the buffer are done with; the caller drops them before the next call.
  public mutating func discard() -> Int {
    let done = isInValue ? valueStart : scanned
    dropped += done
    scanned -= done
    valueStart = 0
    return done
  }

  /// The stream has ended: the last value, if only its end was missing, or nil.
  public mutating func finish(in buffer: RawSpan) throws(JSONStreamFault) -> Range<Int>? {
    if state == .inScalar, form == .concatenated || form == .sequence {
      state = form == .sequence ? .afterValue : .between
      itemIndex += 1
      return valueStart..<scanned
    }
    if isAtBoundary { return nil }
    let missing = isInValue ? "within a value" : "before the ']' of its array"
    throw fault(.incomplete, at: buffer.byteCount, "the stream ends \(missing)")
  }

  private var isInValue: Bool {
    switch state {
    case .inContainer, .inString, .inEscape, .inScalar: true
    case .between, .afterComma, .afterValue, .beforeStart, .afterEnd: false
    }
  }

  func fault(_ code: JSONStreamFault.Code, at place: Int, _ text: String) -> JSONStreamFault {
    let offset = dropped + place
    return JSONStreamFault(
      code: code, offset: offset, itemIndex: itemIndex,
      message: "item \(itemIndex), byte \(offset) of the stream: \(text)")
  }
}
