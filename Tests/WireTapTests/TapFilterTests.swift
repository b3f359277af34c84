import Testing

@testable import WireTap

struct TapFilterTests {
  @Test(arguments: [
    ("stream=1", 1), ("stream=0", 2), ("stream=0-1", 3), ("type=settings", 2), ("type=headers,data from=client", 1),
    ("from=server", 1), ("path=addOrder", 1), ("path=/order.*/add*", 1), ("path=/order.OrderManagement/addOrde", 0),
    ("!type=settings", 1), ("conn=2", 0), ("conn=1 !from=server", 2), ("type=unknown", 0),
  ])
  func framesThatFitAreShown(_ filter: String, _ count: Int) throws {
    var bench = try TapBench(filter: [filter])
    bench.feed(Wire.preface, from: .client)
    bench.feed(Wire.settings(), from: .client)
    bench.feed(Wire.settings(), from: .server)
    bench.feed(Wire.request(), from: .client)
    #expect(bench.frames.count == count)
  }

  @Test func ofSeveralFiltersOneHasToHold() throws {
    var bench = try TapBench(filter: ["stream=1", "from=server"])
    bench.feed(Wire.preface, from: .client)
    bench.feed(Wire.settings(), from: .client)
    bench.feed(Wire.settings(), from: .server)
    bench.feed(Wire.request(), from: .client)
    #expect(bench.frames.count == 2)
  }

  @Test(arguments: [("path=addOrder type=data", 1), ("path=getOrder", 0), ("from=server", 1), ("stream=3", 0)])
  func summaryIsShownWhereItsCallIsAskedFor(_ filter: String, _ count: Int) throws {
    var bench = try TapBench(filter: [filter])
    bench.feed(Wire.preface, from: .client)
    bench.feed(Wire.settings(), from: .client)
    bench.feed(Wire.request(endStream: true), from: .client)
    bench.close()
    #expect(bench.calls.count == count)
  }

  @Test(arguments: [
    ("", 1, "no condition"), ("stream", 1, "'stream' is not key=value"), ("stream=x", 8, "neither a stream's number"),
    ("stream=9-1", 8, "neither"), ("from=client typ=data", 13, "'typ' is none of the keys"),
    ("type=data,dat", 11, "'dat' is no frame type"), ("from=me", 6, "neither client nor server"),
    ("path=", 6, "empty path"),
    ("conn=-1", 6, "no connection's number"), ("!stream=", 9, "neither"),
  ])
  func faultsNameTheirColumn(_ filter: String, _ column: Int, _ message: String) throws {
    let fault = #expect(throws: TapFilterFault.self) { try TapFilter([filter]) }
    #expect(fault?.column == column)
    #expect(fault?.message.contains(message) == true)
  }
}
