import Compression
import Foundation
import Gateway
import HTTP2
import HTTPFrontEnd
import ScriptedUpstream
import Testing

/// Answers by `Accept-Encoding`, over sockets.
@Suite struct AnswerCompressionTests {
  /// An order whose JSON is `count` bytes long.
  private static func order(ofLength count: Int) -> [UInt8] {
    let empty = #"{"id":"","items":[],"description":"","price":0,"destination":"","addresses":[]}"#.utf8.count
    let text = Array(repeating: UInt8(ascii: "x"), count: count - empty)
    return [0x1A, UInt8(text.count & 0x7F | 0x80), UInt8(text.count >> 7)] + text
  }

  private func withAnswer(
    _ message: [UInt8], configure: (inout GatewayConfiguration) -> Void = { _ in },
    _ body: (ScriptedGateway) async throws -> Void
  ) async throws {
    try await withScriptedGateway(configure: configure) { upstream, id in
      upstream.respond(id)
      upstream.message(id, message)
      upstream.trailers(id)
    } _: {
      try await body($0)
    }
  }

  private func ask(
    _ gateway: ScriptedGateway, _ method: String = "GET", _ path: String = "/v1/orders/1", _ headers: String = ""
  ) async throws -> WireAnswer {
    let connection = try await gateway.connect()
    try await connection.send("\(method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(headers)\r\n")
    return try #require(WireAnswer(try await connection.receiveBytes()))
  }

  @Test(arguments: [
    ("gzip", "gzip"), ("x-gzip", "gzip"), ("GZIP", "gzip"), ("deflate", "deflate"), ("gzip, deflate, br", "gzip"),
    ("deflate, gzip;q=0.9", "deflate"), ("gzip;q=0.2, identity;q=0.8", nil), ("*", "gzip"),
    ("gzip;q=0, *", "deflate"), ("identity", nil), ("br", nil), ("gzip;q=0", nil), ("", nil),
    ("gzip;q=nonsense", nil), ("gzip, identity;q=0", "gzip"), ("*;q=0, deflate;q=0.001", "deflate"),
  ])
  func codingIsChosenByWeight(accept: String, coding: String?) async throws {
    try await withAnswer(Self.order(ofLength: 2000)) { gateway in
      let answer = try await ask(gateway, "GET", "/v1/orders/1", "Accept-Encoding: \(accept)\r\n")
      #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.head.contains("\r\nVary: Accept-Encoding\r\n"))
      #expect(answer.head.contains("\r\nContent-Encoding: ") == (coding != nil))
      if let coding { #expect(answer.head.contains("\r\nContent-Encoding: \(coding)\r\n")) }
      #expect(answer.body.utf8.count == 2000)
      #expect(answer.isTerminated)
      #expect(answer.isInflatedToEnd == (coding == nil ? nil : true))
    }
  }

  @Test(arguments: ["br, identity;q=0", "*;q=0", "identity;q=0"])
  func nothingAcceptableIs406(accept: String) async throws {
    try await withAnswer(Self.order(ofLength: 2000)) { gateway in
      for path in ["/v1/orders/1", "/v1/orders:search?value=a"] {
        let answer = try await ask(gateway, "GET", path, "Accept-Encoding: \(accept)\r\n")
        // `identity;q=0` alone takes nothing that it names.
        #expect(answer.head.hasPrefix("HTTP/1.1 406 "))
        #expect(answer.body.contains(#""reason":"NOT_ACCEPTABLE""#))
        #expect(answer.isInflatedToEnd == nil)
      }
    }
  }

  @Test func eventsAreNeverCompressedAndSaySo() async throws {
    try await withAnswer(Self.order(ofLength: 2000)) { gateway in
      let headers = "Accept: text/event-stream\r\nAccept-Encoding: gzip"
      let plain = try await ask(gateway, "GET", "/v1/orders:search?value=a", headers + "\r\n")
      #expect(plain.isInflatedToEnd == nil)
      let refused = try await ask(gateway, "GET", "/v1/orders:search?value=a", headers + ", identity;q=0\r\n")
      #expect(refused.head.hasPrefix("HTTP/1.1 406 "))
    }
  }

  @Test(arguments: [(1023, false), (1024, true)])
  func shortBodiesStayAsTheyAre(length: Int, isCompressed: Bool) async throws {
    try await withAnswer(Self.order(ofLength: length)) { gateway in
      let answer = try await ask(gateway, "GET", "/v1/orders/1", "Accept-Encoding: gzip\r\n")
      #expect((answer.isInflatedToEnd == true) == isCompressed)
      #expect(answer.body.utf8.count == length)
      // A caller that takes nothing else has it compressed all the same.
      let only = try await ask(gateway, "GET", "/v1/orders/1", "Accept-Encoding: gzip, identity;q=0\r\n")
      #expect(only.isInflatedToEnd == true)
    }
  }

  @Test func headSaysWhatGetWould() async throws {
    try await withAnswer(Self.order(ofLength: 4000)) { gateway in
      for path in ["/v1/orders/1", "/v1/orders:search?value=a"] {
        let headers = "Accept-Encoding: gzip\r\nX-Request-Id: t\r\n"
        let get = try await ask(gateway, "GET", path, headers)
        let head = try await ask(gateway, "HEAD", path, headers)
        #expect(get.head.contains("\r\nContent-Encoding: gzip\r\n"))
        #expect(head.head == get.head)
        #expect(head.body == "")
      }
    }
  }

  @Test func switchedOffItIsNotLookedAt() async throws {
    try await withAnswer(Self.order(ofLength: 4000)) {
      $0.frontEnd.compression.isEnabled = false
    } _: { gateway in
      let answer = try await ask(gateway, "GET", "/v1/orders/1", "Accept-Encoding: gzip, identity;q=0\r\n")
      #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(!answer.head.contains("Vary"))
      #expect(answer.isInflatedToEnd == nil)
    }
  }

  /// Every message can be inflated when it has come, while the stream is open.
  @Test(arguments: ["gzip", "deflate"]) func messagesAreFlushedOneByOne(coding: String) async throws {
    try await withScriptedGateway { upstream, id in
      upstream.respond(id)
      upstream.message(id, OutcomeScript.message("1"))
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(
        "GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\nAccept-Encoding: \(coding)\r\n\r\n")
      let bytes = try await connection.receiveBytes { WireAnswer($0).map { $0.body.hasSuffix("}\n") } ?? false }
      let answer = try #require(WireAnswer(bytes))
      #expect(answer.body.hasPrefix(#"{"id":"1""#))
      #expect(answer.isInflatedToEnd == false)
      #expect(!answer.isTerminated)
      await connection.close()
    }
  }

  /// Where trailers tell of the failure the body is whole, in its coding too: whoever inflates it comes to the trailers.
  @Test func brokenStreamWithTrailersIsInflatedToItsEnd() async throws {
    try await withScriptedGateway { upstream, id in
      upstream.respond(id)
      upstream.message(id, OutcomeScript.message("1"))
      upstream.trailers(id, status: 13, [("grpc-message", "broke")])
    } _: { gateway in
      let headers = "Accept-Encoding: gzip\r\nTE: trailers\r\n"
      let answer = try await ask(gateway, "GET", "/v1/orders:search?value=a", headers)
      #expect(answer.body.hasSuffix("\"details\":[]}}\n"))
      #expect(answer.isInflatedToEnd == true)
      #expect(answer.trailers == "grpc-status: 13\r\ngrpc-message: broke\r\n\r\n")
      let array = try await ask(gateway, "GET", "/v1/orders:search?value=a", headers + "Accept: application/json\r\n")
      #expect(array.isInflatedToEnd == false)
      #expect(!array.isTerminated)
    }
  }

  @Test func streamsPastTheLimitAreSentAsTheyAre() async throws {
    try await withScriptedGateway {
      $0.frontEnd.compression.maximumStreams = 1
    } answer: { upstream, id in
      upstream.respond(id)
      upstream.message(id, OutcomeScript.message("1"))
    } _: { gateway in
      var connections: [RawConnection] = []
      for (headers, isCompressed) in [("gzip", true), ("gzip", false), ("gzip, identity;q=0", true)] {
        let connection = try await gateway.connect()
        connections.append(connection)
        try await connection.send(
          "GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\nAccept-Encoding: \(headers)\r\n\r\n")
        let bytes = try await connection.receiveBytes { WireAnswer($0).map { $0.body.hasSuffix("}\n") } ?? false }
        #expect((WireAnswer(bytes)?.isInflatedToEnd != nil) == isCompressed)
      }
      // What the first gives back is there for the next.
      await connections[0].close()
      _ = await gateway.nextReset()
      await connections[2].close()
      _ = await gateway.nextReset()
      let connection = try await gateway.connect()
      try await connection.send("GET /v1/orders:search?value=a HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
      let bytes = try await connection.receiveBytes { WireAnswer($0).map { $0.body.hasSuffix("}\n") } ?? false }
      #expect(WireAnswer(bytes)?.isInflatedToEnd != nil)
      await connection.close()
      await connections[1].close()
    }
  }

  /// Raw bodies by the type that the upstream gives them.
  @Test(arguments: [
    ("text/csv", true), ("application/vnd.a+json", true), ("image/svg+xml", true), ("image/png", false),
    ("application/zip", false), ("application/octet-stream", false), ("", false), ("nonsense", false),
  ])
  func rawBodiesByTheirType(type: String, isCompressed: Bool) async throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "TranscodingTests/Protos/binding.binpb")
    let description = try ServiceDescription(
      descriptors: [.init(name: "binding.binpb", content: [UInt8](Data(contentsOf: path)))], rules: [])
    let data = String(repeating: "0123456789", count: 200)
    try await withScriptedGateway(description: description) { upstream, event in
      guard case .request(let id, _, _) = event else { return }
      upstream.respond(id)
      let type = [0x0A, UInt8(type.utf8.count)] + Array(type.utf8)
      upstream.message(id, type + [0x12, 0xD0, 0x0F] + Array(data.utf8))
      upstream.trailers(id)
    } _: { gateway in
      for (method, path, length) in [("GET", "/v1/raw/a", ""), ("POST", "/v1/raw:echo", "Content-Length: 0\r\n")] {
        let answer = try await ask(gateway, method, path, "Accept-Encoding: gzip\r\n\(length)")
        #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(answer)")
        #expect(answer.body == data)
        #expect((answer.isInflatedToEnd == true) == isCompressed, "\(path)")
        #expect(answer.head.contains("\r\nVary: Accept-Encoding\r\n"))
      }
    }
  }
}
