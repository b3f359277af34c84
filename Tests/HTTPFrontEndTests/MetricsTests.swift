import ErrorBody
import GRPCWire
import NIOCore
import Synchronization
import Testing
import Transcoding

@testable import HTTPFrontEnd

@Suite struct MetricsTests {
  @Test(arguments: [(0, 0), (500_000, 0), (500_001, 1), (30_000_000_000, 14), (30_000_000_001, 15)] as [(Int64, Int)])
  func latencyFallsIntoTheFirstBucketThatHoldsIt(nanoseconds: Int64, bucket: Int) {
    var histogram = LatencyHistogram()
    histogram.record(nanoseconds)
    #expect(histogram.counts.firstIndex(of: 1) == bucket)
    #expect(histogram.sum == nanoseconds)
  }

  @Test func figuresOfLoopsAddUp() {
    let identity = MethodIdentity(name: "a.B/c", mode: .serverStream)
    let (one, two) = (WorkerMetrics(), WorkerMetrics())
    one.method(identity).callEnded(.ok, nanoseconds: 1_000_000, sent: 1, received: 3)
    two.method(identity).callEnded(.notFound, nanoseconds: 2_000_000, sent: 1, received: 0)
    one.answered(200)
    two.answered(404)
    two.answered(99_999)
    two.failed(.routeNotFound)
    var merged = one.figures
    merged.merge(two.figures)
    #expect(merged.methods[identity]?.codes[0] == 1)
    #expect(merged.methods[identity]?.codes[5] == 1)
    #expect(merged.methods[identity]?.latency.count == 2)
    #expect(merged.methods[identity]?.messagesReceived == 3)
    #expect(merged.statuses == [200: 1, 404: 1])
    #expect(merged.reasons == ["ROUTE_NOT_FOUND": 1])
  }

  @Test func textIsTheExpositionFormat() {
    var text = PrometheusText()
    text.family("calls_total", .counter, "Calls\nof \\ all.")
    text.sample("calls_total", [("method", "a\"b\\c\nd")], 3)
    #expect(
      text.text == """
        # HELP calls_total Calls\\nof \\\\ all.
        # TYPE calls_total counter
        calls_total{method="a\\"b\\\\c\\nd"} 3

        """)
  }

  @Test func bucketsAreCumulativeAndEndWithInfinity() {
    var histogram = LatencyHistogram()
    for nanoseconds: Int64 in [400_000, 600_000, 60_000_000_000] { histogram.record(nanoseconds) }
    var text = PrometheusText()
    text.histogram("d", [], histogram)
    let lines = text.text.split(separator: "\n")
    #expect(lines.first == #"d_bucket{le="0.0005"} 1"#)
    #expect(lines[1] == #"d_bucket{le="0.001"} 2"#)
    #expect(lines[14] == #"d_bucket{le="30.0"} 2"#)
    #expect(lines[15] == #"d_bucket{le="+Inf"} 3"#)
    #expect(lines.last == "d_count 3")
  }
}

@Suite struct AccessLogTests {
  private func record(_ path: String) -> AccessRecord {
    AccessRecord(
      time: WallTime(milliseconds: 1_769_849_377_005), requestID: "0123", remoteAddress: "::1", method: "GET",
      path: path, rpc: "order.OrderManagement/getOrder", status: 404, code: .notFound, bytesIn: 0, bytesOut: 300,
      messagesIn: 1, messagesOut: 0, upstreamTime: .microseconds(900), totalTime: .microseconds(1200))
  }

  private func text(_ format: AccessLogFormat, _ path: String) -> String {
    String(decoding: format.line(record(path)), as: UTF8.self)
  }

  @Test func oneJSONObjectOnEachLine() {
    #expect(
      text(.json, "/v1/orders/1")
        == #"{"time":"2026-01-31T08:49:37.005Z","id":"0123","remote":"::1","method":"GET","path":"/v1/orders/1","#
        + #""rpc":"order.OrderManagement/getOrder","status":404,"code":"NOT_FOUND","bytes_in":0,"bytes_out":300,"#
        + #""messages_in":1,"messages_out":0,"upstream_us":900,"total_us":1200}"# + "\n")
  }

  @Test func textIsKeysAndValues() {
    #expect(
      text(.text, "/v1/orders/1")
        == "time=2026-01-31T08:49:37.005Z id=0123 remote=::1 method=GET path=/v1/orders/1 "
        + "rpc=order.OrderManagement/getOrder status=404 code=NOT_FOUND bytes_in=0 bytes_out=300 messages_in=1 "
        + "messages_out=0 upstream_us=900 total_us=1200\n")
  }

  @Test(arguments: [
    ("a\nb", #"a\u000ab"#), ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("\u{1B}[31m", #"\u001b[31m"#),
    ("\u{85}\u{2028}\u{7F}", #"\u0085\u2028\u007f"#), ("é", "é"),
  ])
  func noValueEndsItsLineOrSteersATerminal(path: String, written: String) {
    for format in AccessLogFormat.allCases {
      let line = text(format, path)
      #expect(line.contains("\"\(written)\""), "\(line)")
      #expect(line.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
    }
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_400_999, "2000-02-29T00:00:00.999Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func timesAreRFC3339(milliseconds: Int64, text: String) {
    #expect(WallTime(milliseconds: milliseconds).text == text)
  }

  @Test func whatHasNoRoomIsCountedAndTold() {
    let length = AccessLogFormat.json.line(record("/")).count
    let log = AccessLog(format: .json, capacity: 2 * length) {}
    for _ in 0..<5 { log.append(record("/")) }
    #expect(log.dropped == 3)
    let lines = String(decoding: log.take(), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.last?.hasSuffix(#""dropped":3}"#) == true)
    #expect(log.take().isEmpty)
  }

  @Test func theWriterIsWokenOnceUntilItHasTakenAll() {
    let wakes = Counter()
    let log = AccessLog(format: .text) { wakes.add() }
    log.append(record("/"))
    log.append(record("/"))
    #expect(wakes.value == 1)
    _ = log.take()
    log.append(record("/"))
    #expect(wakes.value == 1)
    _ = log.take()
    _ = log.take()
    log.append(record("/"))
    #expect(wakes.value == 2)
  }
}

private final class Counter: Sendable {
  private let count = Atomic(0)

  var value: Int { count.load(ordering: .relaxed) }

  func add() { count.add(1, ordering: .relaxed) }
}
