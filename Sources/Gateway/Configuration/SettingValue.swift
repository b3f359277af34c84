import GRPCUpstream
import NIOCore

/// How the values of one kind of setting are read and written.
struct SettingValue<Value: Sendable>: Sendable {
  /// What a value looks like, for help: `size`.
  var placeholder: String
  /// What is said to whoever wrote something else: `a size such as 4MiB`.
  var expected: String
  var parse: @Sendable (String) -> Value?
  var show: @Sendable (Value) -> String
  /// What is wrong with a text, where that can be said more closely than by what was expected.
  var fault: @Sendable (String) -> String? = { _ in nil }
}

extension SettingValue where Value == Int {
  static func count(_ range: ClosedRange<Int>) -> SettingValue {
    SettingValue(
      placeholder: "n", expected: "a number from \(range.lowerBound) to \(range.upperBound)",
      parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }, show: { "\($0)" })
  }

  /// Bytes within bounds.
  static func size(_ range: ClosedRange<Int>) -> SettingValue {
    SettingValue(
      placeholder: "size",
      expected: "a size such as 512, 64KiB or 4MiB, from \(range.lowerBound) to \(range.upperBound) bytes",
      parse: { text in size.parse(text).flatMap { range.contains($0) ? $0 : nil } }, show: size.show)
  }

  /// Bytes, with a binary unit where one is given.
  static let size = SettingValue(
    placeholder: "size", expected: "a size such as 512, 64KiB or 4MiB",
    parse: { text in
      for (unit, factor) in sizeUnits where text.hasSuffix(unit) {
        guard let number = natural(text.dropLast(unit.count)) else { return nil }
        let (size, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : size
      }
      return natural(text)
    },
    show: { size in
      for (unit, factor) in sizeUnits where size > 0 && size % factor == 0 { return "\(size / factor)\(unit)" }
      return "\(size)"
    })

  private static let sizeUnits = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]

  private static func natural(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int(text)
  }
}

extension SettingValue where Value == Double {
  static func decimal(_ range: ClosedRange<Double>) -> SettingValue {
    SettingValue(
      placeholder: "number", expected: "a number from \(range.lowerBound) to \(range.upperBound)",
      parse: { text in Double(text).flatMap { range.contains($0) ? $0 : nil } }, show: { "\($0)" })
  }
}

extension SettingValue where Value == TimeAmount {
  /// A day is the longest: nothing here means to wait longer, and sums of times stay far from their end.
  static let time = SettingValue(
    placeholder: "time", expected: "a time such as 250ms, 10s, 5m or 1h, at most 24h",
    parse: { text in
      for (unit, nanoseconds) in timeUnits where text.hasSuffix(unit) {
        return amount(text.dropLast(unit.count), nanoseconds)
      }
      // Seconds, as the older options took them.
      return amount(text, 1_000_000_000)
    },
    show: { time in
      guard time.nanoseconds > 0 else { return "0s" }
      for (unit, nanoseconds) in timeUnits.reversed() where time.nanoseconds % nanoseconds == 0 {
        return "\(time.nanoseconds / nanoseconds)\(unit)"
      }
      return "\(Double(time.nanoseconds) / 1e6)ms"
    })

  private static let minute: Int64 = 60_000_000_000
  private static let hour: Int64 = 3_600_000_000_000
  /// From the shortest, and `ms` before `s` and `m`, whose suffix it has or begins with.
  private static let timeUnits: [(String, Int64)] = [
    ("ms", 1_000_000), ("s", 1_000_000_000), ("m", minute), ("h", hour),
  ]

  private static func amount(_ text: some StringProtocol, _ unit: Int64) -> TimeAmount? {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard text.utf8.allSatisfy({ digits.contains($0) || $0 == UInt8(ascii: ".") }), let number = Double(text) else {
      return nil
    }
    let nanoseconds = number * Double(unit)
    return nanoseconds <= Double(24 * hour) ? .nanoseconds(Int64(nanoseconds)) : nil
  }
}

extension SettingValue where Value == Bool {
  static let flag = SettingValue(
    placeholder: "true|false", expected: "true or false", parse: { Bool($0) }, show: { "\($0)" })
}

extension SettingValue where Value == SocketAddressText {
  static let address = SettingValue(
    placeholder: "host:port", expected: "host:port, an IPv6 host in brackets", parse: { SocketAddressText($0) },
    show: { "\($0)" })
}

extension SettingValue where Value == UpstreamName {
  static let upstream = SettingValue(
    placeholder: "name", expected: "host:port, dns:///host:port, ipv4:address:port,… or ipv6:[address]:port,…",
    parse: { try? UpstreamName(parsing: $0) }, show: { "\($0)" },
    fault: { text in
      do throws(UpstreamNameError) { _ = try UpstreamName(parsing: text) } catch { return error.reason }
      return nil
    })
}

extension SettingValue where Value == String {
  /// A service as `grpc.health.v1` names it: there the empty name is the whole server, which a file cannot well say.
  static let healthService = SettingValue(
    placeholder: "service", expected: "the name of a service, or * for the whole server",
    parse: { $0.isEmpty ? nil : $0 == "*" ? "" : $0 }, show: { $0.isEmpty ? "*" : $0 })

  static let text = SettingValue(
    placeholder: "text", expected: "a text", parse: { $0.isEmpty ? nil : $0 }, show: { $0 })

  static let file = SettingValue(
    placeholder: "file", expected: "the name of a file", parse: { $0.isEmpty ? nil : $0 }, show: { $0 })
}

extension SettingValue where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of a closed list.
  static var choice: SettingValue {
    let names = Value.allCases.map(\.rawValue)
    return SettingValue(
      placeholder: names.joined(separator: "|"), expected: "one of \(names.joined(separator: ", "))",
      parse: { Value(rawValue: $0) }, show: { $0.rawValue })
  }
}
