/// Opens every HTTP/2 connection, from the client's side (RFC 9113 section 3.4); SETTINGS follow it.
public enum ConnectionPreface {
  public static let bytes: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
}
