/// Judges field names and values by RFC 9113 section 8.2.1.
public enum FieldSyntax {
  /// A non-empty name of token characters (RFC 9110 section 5.6.2) without upper case, and no pseudo-header field.
  public static func isName(_ name: String) -> Bool {
    var name = name
    return name.withUTF8 { octets in !octets.isEmpty && octets.allSatisfy(isTokenOctet) }
  }

  /// No NUL, CR or LF, with which a value could end a line further on. Leading and trailing spaces pass.
  public static func isValue(_ value: String) -> Bool {
    var value = value
    return value.withUTF8 { octets in octets.allSatisfy { $0 != 0 && $0 != 0x0a && $0 != 0x0d } }
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

  /// `!#$%&'*+-.^_`|~`, digits and lower-case letters, as two words of bits.
  @inline(__always)
  private static func isTokenOctet(_ octet: UInt8) -> Bool {
    let bits: UInt64 = octet < 64 ? 0x03FF_6CFA_0000_0000 : octet < 128 ? 0x57FF_FFFF_C000_0000 : 0
    return bits >> UInt64(octet & 63) & 1 == 1
  }
}
