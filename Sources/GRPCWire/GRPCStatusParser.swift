public import NIOHPACK

/// Reads the status of a call from its trailers (or from the only header block of a trailers-only answer).
///
///     Status         = "grpc-status" 1*DIGIT
///     Status-Message = "grpc-message" Percent-Encoded
///     Status-Details = "grpc-status-details-bin" {base64 encoded value}
///
/// Nothing in there makes the parser fail: a status that is missing or cannot be read is UNKNOWN, anything
/// else that is wrong is left out, and `flaws` says so for the log.
public struct GRPCStatusParser: Sendable {
  /// What was wrong with the trailers.
  public struct Flaws: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No `grpc-status`.
    public static let statusMissing = Flaws(rawValue: 1)
    /// `grpc-status` is not a number from 0 to 16, or came twice with different values.
    public static let statusInvalid = Flaws(rawValue: 2)
    /// `grpc-message` has a `%` without two hexadecimal digits, or decodes to invalid UTF-8.
    public static let messageInvalid = Flaws(rawValue: 4)
    /// `grpc-status-details-bin` is not base64.
    public static let detailsInvalid = Flaws(rawValue: 8)
  }

  public private(set) var flaws: Flaws = []

  public init() {}

  /// - Parameter httpStatus: the `:status` that came with it. It is used only when `grpc-status` is missing.
  public mutating func parse(_ trailers: HPACKHeaders, httpStatus: Int? = nil) -> GRPCStatus {
    var status: String?
    var isRepeated = false
    var message: String?
    var details: String?
    for (name, value, _) in trailers {
      switch name {
      case "grpc-status":
        if let earlier = status, earlier != value { isRepeated = true }
        status = value
      case "grpc-message":
        message = value
      case "grpc-status-details-bin":
        details = value
      default:
        break
      }
    }

    var result = GRPCStatus(code: .unknown)
    if let status {
      if !isRepeated, let code = Self.code(status) {
        result.code = code
      } else {
        flaws.insert(.statusInvalid)
      }
    } else {
      flaws.insert(.statusMissing)
      if let httpStatus { result.code = GRPCCode(unexpectedHTTPStatus: httpStatus) }
    }
    if let message, !message.isEmpty {
      var isSound = true
      result.message = PercentEncodedMessage.decode(message, isSound: &isSound)
      if !isSound { flaws.insert(.messageInvalid) }
    }
    if let details, !details.isEmpty {
      result.detailsBin = BinaryMetadata.decode(details)
      if result.detailsBin == nil { flaws.insert(.detailsInvalid) }
    }
    return result
  }

  /// 1*DIGIT, so leading zeros are legal; a number past 16 is none of gRPC's codes.
  private static func code(_ text: String) -> GRPCCode? {
    var number = 0
    var digits = text.utf8.makeIterator()
    guard var digit = digits.next() else { return nil }
    while true {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      number = number * 10 + Int(digit - UInt8(ascii: "0"))
      guard number <= 16 else { return nil }
      guard let next = digits.next() else { return GRPCCode(rawValue: number) }
      digit = next
    }
  }
}

extension GRPCStatus {
  /// The status in `trailers`, as `GRPCStatusParser` reads it, whatever is wrong with them.
  public init(trailers: HPACKHeaders, httpStatus: Int? = nil) {
    var parser = GRPCStatusParser()
    self = parser.parse(trailers, httpStatus: httpStatus)
  }
}
