internal import NIOCore
internal import NIOHPACK

/// What a server says about retries: `grpc-retry-pushback-ms` in its trailers.
enum RetryPushback: Equatable {
  /// Nothing.
  case none
  /// Not before so long.
  case after(TimeAmount)
  /// Not at all: a negative number, or what is none.
  case never

  /// An hour: a number of milliseconds past it would outlast any call.
  static let maximum: TimeAmount = .hours(1)

  init(_ trailers: HPACKHeaders) {
    let values = trailers["grpc-retry-pushback-ms"]
    guard let text = values.first else {
      self = .none
      return
    }
    guard values.count == 1, let milliseconds = Int64(text), milliseconds >= 0 else {
      self = .never
      return
    }
    self = .after(.milliseconds(min(milliseconds, Self.maximum.nanoseconds / 1_000_000)))
  }
}
