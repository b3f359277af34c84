internal import NIOCore

/// Holds the five deprecated priority bytes of PRIORITY and HEADERS (RFC 9113 section 5.3.2); nothing follows from it.
public struct StreamPriority: Sendable, Equatable {
  public static let byteCount = 5

  public var isExclusive: Bool
  public var dependency: StreamID
  public var weight: UInt8

  public init(isExclusive: Bool, dependency: StreamID, weight: UInt8) {
    self.isExclusive = isExclusive
    self.dependency = dependency
    self.weight = weight
  }

  init?(readingFrom buffer: inout ByteBuffer) {
    guard let (dependency, weight) = buffer.readMultipleIntegers(as: (UInt32, UInt8).self) else { return nil }
    self.init(isExclusive: dependency >> 31 == 1, dependency: StreamID(dependency), weight: weight)
  }

  func write(into buffer: inout ByteBuffer) {
    buffer.writeMultipleIntegers(dependency.rawValue | (isExclusive ? 1 << 31 : 0), weight)
  }
}
