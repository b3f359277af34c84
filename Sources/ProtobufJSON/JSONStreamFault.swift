/// Why a stream of JSON values cannot be cut into values any further.
public struct JSONStreamFault: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Hashable, CaseIterable {
    /// One value is longer than the limit.
    case tooLarge
    /// The stream ends within a value or within its array.
    case incomplete
    /// A byte that no value starts with, or a missing or doubled comma.
    case unexpectedByte
    /// Something follows the end of the array, or of a value within its record.
    case trailing
    /// A record of `application/json-seq` does not begin with RS (0x1E).
    case missingSeparator
  }

  public let code: Code
  /// Bytes of the stream in front of the fault.
  public let offset: Int
  /// How many values were complete before.
  public let itemIndex: Int
  public let message: String

  public init(code: Code, offset: Int, itemIndex: Int, message: String) {
    self.code = code
    self.offset = offset
    self.itemIndex = itemIndex
    self.message = message
  }

  public var description: String { message }
}
