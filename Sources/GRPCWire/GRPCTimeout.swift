/// The value of `grpc-timeout`.
///
///     TimeoutValue = 1*8DIGIT
///     TimeoutUnit  = "H" / "M" / "S" / "m" / "u" / "n"
///
/// gRPC's text says "positive integer of at most 8 digits"; 0 is accepted as a deadline that has passed, as
/// the gRPC libraries do.
public struct GRPCTimeout: Sendable, Hashable {
  /// At most `Int64.max`: longer ones (292 years) are cut to it.
  public let nanoseconds: Int64

  /// Negative values count as 0.
  public init(nanoseconds: Int64) {
    self.nanoseconds = max(0, nanoseconds)
  }

  /// Reads a header value; nil when it is not exactly of the grammar.
  public init?(parsing text: some StringProtocol) {
    var value: Int64 = 0
    var digits = 0
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        digits += 1
        guard digits <= 8 else { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        continue
      }
      guard digits > 0, let unit = Self.units.first(where: { $0.letter == byte }), bytes.next() == nil else {
        return nil
      }
      let (product, overflow) = value.multipliedReportingOverflow(by: unit.nanoseconds)
      self.nanoseconds = overflow ? .max : product
      return
    }
    return nil
  }

  /// The header value: the coarsest unit that says it exactly, or else the finest that fits eight digits.
  ///
  /// Rounding is upward, so that the other side never gives up before the sender of the header does.
  public var headerValue: String {
    if nanoseconds == 0 { return "0n" }
    let limit: Int64 = 99_999_999
    for unit in Self.units where nanoseconds % unit.nanoseconds == 0 {
      let count = nanoseconds / unit.nanoseconds
      if count <= limit { return Self.text(count, unit) }
    }
    for unit in Self.units.reversed() {
      let (count, rest) = nanoseconds.quotientAndRemainder(dividingBy: unit.nanoseconds)
      let rounded = rest == 0 ? count : count + 1
      if rounded <= limit { return Self.text(rounded, unit) }
    }
    // Unreachable: `Int64.max` nanoseconds are 2,562,048 hours.
    return "\(limit)H"
  }

  private struct Unit {
    let letter: UInt8
    let nanoseconds: Int64
  }

  private static func text(_ count: Int64, _ unit: Unit) -> String {
    "\(count)\(Unicode.Scalar(unit.letter))"
  }

  /// From coarse to fine.
  private static let units = [
    Unit(letter: UInt8(ascii: "H"), nanoseconds: 3_600_000_000_000),
    Unit(letter: UInt8(ascii: "M"), nanoseconds: 60_000_000_000),
    Unit(letter: UInt8(ascii: "S"), nanoseconds: 1_000_000_000),
    Unit(letter: UInt8(ascii: "m"), nanoseconds: 1_000_000),
    Unit(letter: UInt8(ascii: "u"), nanoseconds: 1_000),
    Unit(letter: UInt8(ascii: "n"), nanoseconds: 1),
  ]
}
