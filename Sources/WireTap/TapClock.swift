import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns the loop's time into the time of day.
struct TapClock: Sendable {
  private let offset: Int64
  private let usesUTC: Bool

  /// - Parameter offset: nanoseconds between the loop's zero and 1970; taken from the system's clock when nil.
  init(offset: Int64? = nil, usesUTC: Bool = false) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let wall = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    self.offset = offset ?? wall - Int64(NIODeadline.now().uptimeNanoseconds)
    self.usesUTC = usesUTC
  }

  private func parts(_ time: NIODeadline) -> (tm, nanoseconds: Int) {
    let wall = Int64(clamping: time.uptimeNanoseconds).addingReportingOverflow(offset).partialValue
    var seconds = time_t(wall / 1_000_000_000)
    var parts = tm()
    if usesUTC { gmtime_r(&seconds, &parts) } else { localtime_r(&seconds, &parts) }
    return (parts, Int(wall % 1_000_000_000))
  }

  /// `20:05:47.203`, local time.
  func timeOfDay(_ time: NIODeadline) -> String {
    let (parts, nanoseconds) = parts(time)
    return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padded(nanoseconds / 1_000_000, 3))"
  }

  /// RFC 3339, with microseconds.
  func timestamp(_ time: NIODeadline) -> String {
    var utc = self
    utc = TapClock(offset: offset, usesUTC: true)
    let (parts, nanoseconds) = utc.parts(time)
    return
      "\(padded(Int(parts.tm_year) + 1900, 4))-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):"
      + "\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padded(nanoseconds / 1000, 6))Z"
  }

  private func two(_ value: CInt) -> String { padded(Int(value), 2) }

  private func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
