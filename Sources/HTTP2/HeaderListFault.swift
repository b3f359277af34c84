/// Says why a header list is malformed (RFC 9113 sections 8.2 and 8.3); positions are left out, as values are not
/// for logs.
public enum HeaderListFault: Error, Hashable, Sendable {
  /// A list longer than our MAX_HEADER_LIST_SIZE.
  case tooLarge
  /// A name that is empty or has an octet of another kind than lower-case token characters.
  case name
  /// A value with NUL, CR or LF.
  case value
  /// Connection, Keep-Alive, Proxy-Connection, Transfer-Encoding or Upgrade.
  case connectionSpecific
  /// A pseudo-header field behind a regular one.
  case pseudoAfterRegular
  /// A pseudo-header field that is not defined for this kind of list.
  case pseudoUnknown
  case pseudoRepeated
  /// `:status` that is not three digits from 100 to 599, or a request without what it needs.
  case pseudoMissing
}
