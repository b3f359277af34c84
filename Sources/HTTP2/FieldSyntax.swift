/// Judges field names and values by RFC 9113 section 8.2.1.
public enum FieldSyntax {
  /// A non-empty name of token characters (RFC 9110 section 5.6.2) without upper case, and no pseudo-header field.
  public static func isName(_ name: String) -> Bool {
    let octets = name.utf8.span
    let table = tokenOctets.utf8Start
    for index in octets.indices {
      let octet = octets[index]
      guard octet < 128, table[Int(octet)] == UInt8(ascii: "1") else { return false }
    }
    return !octets.isEmpty
  }

  /// No NUL, CR or LF, with which a value could end a line further on. Leading and trailing spaces pass.
  public static func isValue(_ value: String) -> Bool {
    let octets = value.utf8.span
    for index in octets.indices {
      let octet = octets[index]
      // Nearly every octet passes at the first question.
      guard octet > 0x0d || octet != 0 && octet != 0x0a && octet != 0x0d else { return false }
    }
    return true
  }

  /// The fields that HTTP/2 has no place for (section 8.2.2).
  public static func isConnectionSpecific(_ name: String) -> Bool {
    // By length first: this is asked of every field of every call.
    switch name.utf8.count {
    case 7: name == "upgrade"
    case 10: name == "connection" || name == "keep-alive"
    case 16: name == "proxy-connection"
    case 17: name == "transfer-encoding"
    default: false
    }
  }

  /// For each ASCII octet a `1` if it is one of `!#$%&'*+-.^_`|~`, a digit or a lower-case letter: this is asked of
  /// every octet of every field name, so it is looked up.
  private static let tokenOctets: StaticString = """
    0000000000000000000000000000000001011111001101101111111111000000\
    0000000000000000000000000000001111111111111111111111111111101010
    """
}
