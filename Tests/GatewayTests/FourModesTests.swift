import Testing

@Suite struct FourModesTests {
  private let order =
    #"{"id":"101","items":["iPhone XS","Mac Book Pro"],"destination":"San Jose, CA","price":2300}"#

  @Test func unary() async throws {
    try await withGateway { gateway in
      let added = try await gateway.post("/v1/orders", order)
      #expect(added.status == 200)
      #expect(added.header("content-type") == "application/json")
      #expect(added.header("x-request-id")?.count == 13)
      #expect(added.body == #""Order Added: 101""#)
      let got = try await gateway.get("/v1/orders/101")
      #expect(got.status == 200)
      #expect(got.body.hasPrefix(#"{"id":"101","items":["iPhone XS","Mac Book Pro"],"description":"","price":2300,"#))
    }
  }

  @Test func errorHasItsStatusAndShape() async throws {
    try await withGateway { gateway in
      let answer = try await gateway.get("/v1/orders/999")
      #expect(answer.status == 404)
      #expect(
        answer.body
          == #"{"error":{"code":404,"message":"Order does not exist. : 999","status":"NOT_FOUND","details":[]}}"#)
    }
  }

  @Test func serverStreamIsALinePerMessage() async throws {
    try await withGateway { gateway in
      try await gateway.store(3)
      let answer = try await gateway.get("/v1/orders:search?value=iPhone")
      #expect(answer.status == 200)
      #expect(answer.header("content-type") == "application/x-ndjson")
      #expect(answer.header("transfer-encoding") == "chunked")
      let lines = answer.body.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines.allSatisfy { $0.hasPrefix(#"{"id":"10"#) && $0.hasSuffix("}") })
      #expect(answer.body.hasSuffix("\n"))
    }
  }

  @Test(arguments: [
    ("application/json", "application/json", "[", "]"), ("application/jsonl", "application/jsonl", "{", "}\n"),
    ("application/json-seq", "application/json-seq", "\u{1E}{", "}\n"),
    ("text/event-stream", "text/event-stream", "id: 1\ndata: {", "event: end\ndata: {}\n\n"),
    ("text/html;q=0.9, application/json;q=0.5, */*;q=0.1", "application/json", "[", "]"),
    ("application/*", "application/x-ndjson", "{", "}\n"),
  ])
  func serverStreamInTheFormThatIsAskedFor(accept: String, type: String, start: String, end: String) async throws {
    try await withGateway { gateway in
      try await gateway.store(2)
      let answer = try await gateway.get("/v1/orders:search?value=iPhone", headers: "Accept: \(accept)\r\n")
      #expect(answer.status == 200)
      #expect(answer.header("content-type") == type)
      #expect(answer.body.hasPrefix(start))
      #expect(answer.body.hasSuffix(end))
    }
  }

  @Test func emptyStreams() async throws {
    try await withGateway { gateway in
      #expect(try await gateway.get("/v1/orders:search?value=none").body == "")
      let array = try await gateway.get("/v1/orders:search?value=none", headers: "Accept: application/json\r\n")
      #expect(array.body == "[]")
    }
  }

  @Test func nothingAcceptable() async throws {
    try await withGateway { gateway in
      let answer = try await gateway.get("/v1/orders:search?value=x", headers: "Accept: text/html\r\n")
      #expect(answer.status == 406)
    }
  }

  @Test(arguments: [
    "{\"id\":\"101\",\"items\":[\"a\"]}\n{\"id\":\"102\"}\n", "{\"id\":\"101\"}{\"id\":\"102\"}",
    "[{\"id\":\"101\"},{\"id\":\"102\"}]", " [ {\"id\":\"101\"} , {\"id\":\"102\"} ] ",
  ])
  func clientStreamFromAnyForm(_ body: String) async throws {
    try await withGateway { gateway in
      let answer = try await gateway.post("/v1/orders:update", body)
      #expect(answer.status == 200)
      #expect(answer.body == #""Orders processed Updated Order IDs : 101, 102, ""#)
    }
  }

  @Test func badItemOfAStreamNamesItsIndex() async throws {
    try await withGateway { gateway in
      let answer = try await gateway.post(
        "/v1/orders:update", "{\"id\":\"101\"}\n{\"id\":\"102\"}\n{\"id\":\"103\",\"price\":\"much\"}\n")
      #expect(answer.status == 400)
      #expect(answer.body.contains(#""field":"[2].price""#))
      #expect(answer.body.contains(#""status":"INVALID_ARGUMENT""#))
    }
  }

  @Test func bidiFlowsBothWaysAtOnce() async throws {
    try await withGateway { gateway in
      try await gateway.store(4)
      let orders = (101...103).map { #"{"id":"\#($0)","addresses":[{"address":"A"}]}"# }.joined(separator: "\n")
      #expect(try await gateway.post("/v1/orders:update", orders).status == 200)
      let connection = try await gateway.connect()
      try await connection.send(
        "POST /v1/orders:process HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-ndjson\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n6\r\n\"101\"\n\r\n6\r\n\"102\"\n\r\n6\r\n\"103\"\n\r\n")
      // The third order makes a shipment while the upload is still open.
      let early = try await connection.receive { HTTPAnswer.partialBody($0).hasSuffix("\n") }
      #expect(HTTPAnswer.partialBody(early).hasPrefix(#"{"id":"cmb - A","status":"Processed!","orderList":["#))
      #expect(HTTPAnswer.parse(early) == nil)
      try await connection.send("0\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.status == 200)
      #expect(answer.body.split(separator: "\n").count == 1)
      await connection.close()
    }
  }

  @Test func errorAfterTheFirstMessageLeavesTheBodyUnterminated() async throws {
    try await withGateway { gateway in
      #expect(
        try await gateway.post("/v1/orders", #"{"id":"101","addresses":[{"address":"A"}]}"#).status == 200)
      let connection = try await gateway.connect()
      try await connection.send(
        "POST /v1/orders:process HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-ndjson\r\n"
          + "Content-Length: 12\r\n\r\n\"101\"\n\"999\"\n")
      let text = try await connection.receiveToEnd()
      #expect(HTTPAnswer.parse(text) == nil)
      let lines = HTTPAnswer.partialBody(text).split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.first?.hasPrefix(#"{"id":"cmb - A""#) == true)
      #expect(lines.last?.hasPrefix(#"{"error":{"code":404,"#) == true)
    }
  }

  @Test func errorAfterTheFirstMessageInTrailers() async throws {
    try await withGateway { gateway in
      #expect(
        try await gateway.post("/v1/orders", #"{"id":"101","addresses":[{"address":"A"}]}"#).status == 200)
      let answer = try await gateway.post(
        "/v1/orders:process", "\"101\"\n\"999\"\n",
        headers: "Content-Type: application/x-ndjson\r\nTE: trailers\r\nConnection: TE\r\n")
      #expect(answer.status == 200)
      #expect(answer.header("trailer") != nil)
      #expect(answer.trailer("grpc-status") == "5")
      #expect(answer.trailer("grpc-message") == "Order does not exist. : 999")
      #expect(answer.body.split(separator: "\n").count == 2)
    }
  }

  @Test func cleanEndInTrailers() async throws {
    try await withGateway { gateway in
      try await gateway.store(1)
      let answer = try await gateway.get("/v1/orders:search?value=iPhone", headers: "TE: trailers\r\n")
      #expect(answer.trailer("grpc-status") == "0")
    }
  }

  @Test func everyMethodIsReachableByItsName() async throws {
    try await withGateway { gateway in
      let answer = try await gateway.post("/order.OrderManagement/addOrder", #"{"id":"7"}"#)
      #expect(answer.body == #""Order Added: 7""#)
      #expect(try await gateway.post("/order.OrderManagement/getOrder", #""7""#).status == 200)
    }
  }
}
