/// The value of `X-Server-Timeout`: seconds, with a fraction if wanted, such as `15`, `0.25` or `.5`.
///
///     Value = 1*DIGIT [ "." *DIGIT ] / "." 1*DIGIT
///
/// Neither sign nor exponent, at most 32 characters. What is finer than a nanosecond is rounded up.
public enum XServerTimeout {
  private static let maximumCharacters = 32

  /// - Returns: nil when the text is not of the grammar. More than `Int64.max` nanoseconds are cut to that.
  public static func parse(_ text: some StringProtocol) -> GRPCTimeout? {
    guard text.utf8.count <= maximumCharacters else { return nil }
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
    var place: Int64 = 1_000_000_000
    var isPastPoint = false
    var digits = 0
    var isInexact = false
    var isTooLong = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "."), !isPastPoint {
        isPastPoint = true
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      digits += 1
      let digit = Int64(byte - UInt8(ascii: "0"))
      if isPastPoint {
        place /= 10
        nanoseconds += digit * place
        if place == 0, digit > 0 { isInexact = true }
      } else {
        let (tens, first) = seconds.multipliedReportingOverflow(by: 10)
        let (sum, second) = tens.addingReportingOverflow(digit)
        if first || second { isTooLong = true }
        seconds = sum
      }
    }
    guard digits > 0 else { return nil }
    if isInexact { nanoseconds += 1 }
    let (whole, first) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, second) = whole.addingReportingOverflow(nanoseconds)
    return GRPCTimeout(nanoseconds: isTooLong || first || second ? .max : sum)
  }
}
