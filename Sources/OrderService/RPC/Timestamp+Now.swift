import Foundation
import SwiftProtobuf

extension Google_Protobuf_Timestamp {
  /// The time of day to the nanosecond, as the system has it; a `Date` would round it to about 100 ns.
  static var now: Self {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Self(seconds: Int64(time.tv_sec), nanos: Int32(time.tv_nsec))
  }
}
