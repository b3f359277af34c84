public import NIOHPACK

/// A decoded header list with what has been found out about it once, so that a list that is recognised by its bytes
/// needs no second look.
public struct HeaderList: Sendable, Equatable {
  /// What a list is, by its pseudo-header fields.
  public enum Kind: Sendable, Equatable {
    /// `:status` from 200 on.
    case response(status: Int)
    /// `:status` 1xx: a response is still to come.
    case informational(status: Int)
    /// Has `:method`.
    case request
    /// Has no pseudo-header fields.
    case trailers
    case malformed(HeaderListFault)
  }

  public let headers: HPACKHeaders
  public let kind: Kind

  /// - Parameter maximumSize: names + values + 32 a field, octets.
  public init(_ headers: HPACKHeaders, maximumSize: Int = .max) {
    self.headers = headers
    do throws(HeaderListFault) {
      self.kind = try Self.judge(headers, maximumSize)
    } catch {
      self.kind = .malformed(error)
    }
  }

  private static func judge(_ headers: HPACKHeaders, _ maximumSize: Int) throws(HeaderListFault) -> Kind {
    var size = 0
    var status: String?
    var method: String?
    var seenOfRequest: Set<String> = []
    var hasRegular = false
    for (name, value, _) in headers {
      size += name.utf8.count + value.utf8.count + 32
      guard size <= maximumSize else { throw .tooLarge }
      guard FieldSyntax.isValue(value) else { throw .value }
      if name.utf8.first == UInt8(ascii: ":") {
        guard !hasRegular else { throw .pseudoAfterRegular }
        switch name {
        case ":status":
          guard status == nil else { throw .pseudoRepeated }
          status = value
        case ":method", ":scheme", ":path", ":authority", ":protocol":
          guard seenOfRequest.insert(name).inserted else { throw .pseudoRepeated }
          if name == ":method" { method = value }
        default:
          throw .pseudoUnknown
        }
      } else {
        hasRegular = true
        guard FieldSyntax.isName(name) else { throw .name }
        guard !FieldSyntax.isConnectionSpecific(name) else { throw .connectionSpecific }
      }
    }
    if let status {
      guard seenOfRequest.isEmpty else { throw .pseudoUnknown }
      return try kind(ofStatus: status)
    }
    guard method == nil else { return .request }
    guard seenOfRequest.isEmpty else { throw .pseudoMissing }
    return .trailers
  }

  private static func kind(ofStatus text: String) throws(HeaderListFault) -> Kind {
    guard text.utf8.count == 3, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let status = Int(text), status >= 100
    else { throw .pseudoMissing }
    return status < 200 ? .informational(status: status) : .response(status: status)
  }
}
