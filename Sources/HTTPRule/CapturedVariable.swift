/// Where the value of one path variable lies in the path that was matched.
///
/// Only offsets are kept: most values are plain and can be read where they lie (`needsDecoding` is false).
/// The value belongs to the path it was captured from; given another path, it reads that one's bytes,
/// clamped to its length.
public struct CapturedVariable: Sendable, Hashable {
  /// The offset of the value's first byte.
  public let start: Int
  /// The offset after the value's last byte; equal to `start` for a `**` that matched nothing.
  public let end: Int
  /// From here on `%2F` is decoded too, before it it stays as it came.
  ///
  /// A one-segment variable decodes everything (`start`), one of several segments keeps all of them (`end`);
  /// with `fully_decode_reserved_expansion` what `**` matched is decoded, and `*` beside it is not.
  let slashesDecodedFrom: Int

  @usableFromInline
  init(start: Int, end: Int, slashesDecodedFrom: Int) {
    self.start = start
    self.end = end
    self.slashesDecodedFrom = slashesDecodedFrom
  }

  /// The bytes as they came, still encoded.
  public var range: Range<Int> { start..<end }

  /// Whether the value holds a `%`.
  public func needsDecoding(in path: RawSpan) -> Bool {
    !PercentDecoding.everything.isIdentity(on: path.extracting(clamped(start..<end, to: path)))
  }

  /// The decoded value. The match has checked every `%` of the path, so there is nothing left to refuse.
  public func decoded(in path: RawSpan) -> [UInt8] {
    var value: [UInt8] = []
    let keeping = path.extracting(clamped(start..<slashesDecodedFrom, to: path))
    let decoding = path.extracting(clamped(slashesDecodedFrom..<end, to: path))
    do {
      try PercentDecoding.keepingSlashes.decode(keeping, appendingTo: &value)
      try PercentDecoding.everything.decode(decoding, appendingTo: &value)
    } catch {
      assertionFailure("a captured value belongs to another path")
    }
    return value
  }

  private func clamped(_ range: Range<Int>, to path: RawSpan) -> Range<Int> {
    range.clamped(to: 0..<path.byteCount)
  }
}
