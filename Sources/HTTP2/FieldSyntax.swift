/// Judges field names and values by RFC 9113 section 8.2.1.
public enum FieldSyntax {
  /// A non-empty name of token characters (RFC 9110 section 5.6.2) without upper case, and no pseudo-header field.
  public static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { isTokenOctet[Int($0)] }
  }

  /// No NUL, CR or LF, with which a value could end a line further on. Leading and trailing spaces pass.
  public static func isValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { $0 != 0 && $0 != 0x0a && $0 != 0x0d }
  }

  /// The fields that HTTP/2 has no place for (section 8.2.2).
  public static func isConnectionSpecific(_ name: String) -> Bool {
    switch name {
    case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": true
    default: false
    }
  }

  private static let isTokenOctet: [Bool] = {
    var table = [Bool](repeating: false, count: 256)
    for octet in "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz".utf8 { table[Int(octet)] = true }
    return table
  }()
}
