import Gateway
import HTTP2
import HTTPFrontEnd
import NIOCore
import ScriptedUpstream
import Testing

/// More calls than are served at once: who waits, who is refused, and that places come free.
@Suite struct OverloadTests {
  private static let get = "GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func beyondInFlightAndLineACallIsRefusedAtOnce() async throws {
    try await withScriptedGateway { configuration in
      configuration.frontEnd.maximumCallsInFlight = 1
      configuration.frontEnd.maximumCallsWaiting = 0
    } answer: { _, _ in
    } _: { gateway in
      let first = try await gateway.connect()
      try await first.send(Self.get)
      try await gateway.requests(1)
      let second = try await gateway.connect()
      try await second.send(Self.get)
      let refused = try await second.answer()
      #expect(refused.status == 503)
      #expect(refused.header("retry-after") == "1")
      #expect(refused.header("connection") == nil)
      #expect(refused.body.contains(#""reason":"OVERLOADED""#))
      // The place of a caller that leaves is free.
      await first.close()
      _ = await gateway.nextReset()
      try await second.send(Self.get)
      try await gateway.requests(2)
    }
  }

  @Test(arguments: [
    "GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
    "POST /v1/orders:update HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
  ])
  func whoWaitsInVainIsRefused(request: String) async throws {
    try await withScriptedGateway { configuration in
      configuration.frontEnd.maximumCallsInFlight = 1
      configuration.frontEnd.maximumCallWait = .milliseconds(100)
    } answer: { _, _ in
    } _: { gateway in
      let first = try await gateway.connect()
      try await first.send(Self.get)
      try await gateway.requests(1)
      let second = try await gateway.connect()
      for _ in 0..<2 {
        try await second.send(request)
        let answer = try await second.answer()
        #expect(answer.status == 503)
      }
    }
  }

  @Test(arguments: [
    "GET /v1/orders/1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
    "POST /v1/orders:update HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
  ])
  func aPlaceThatComesFreeGoesToTheFirstInLine(request: String) async throws {
    try await withScriptedGateway { configuration in
      configuration.frontEnd.maximumCallsInFlight = 1
      configuration.frontEnd.maximumCallWait = .seconds(20)
    } answer: { _, _ in
    } _: { gateway in
      let first = try await gateway.connect()
      try await first.send(Self.get)
      try await gateway.requests(1)
      let second = try await gateway.connect()
      try await second.send(request)
      await first.close()
      try await gateway.requests(2)
    }
  }

  @Test func acceptingPausesAtTheLimitAndGoesOn() async throws {
    try await withGateway { configuration in
      configuration.frontEnd.maximumConnections = 2
    } _: { gateway in
      let request = Self.get
      let first = try await gateway.connect()
      let second = try await gateway.connect()
      for connection in [first, second] {
        try await connection.send(request)
        _ = try await connection.answer()
      }
      // The kernel completes it; nobody takes it up.
      let third = try await gateway.connect()
      try await third.send(request)
      try await second.send(request)
      _ = try await second.answer()
      await first.close()
      let served = try await third.answer()
      #expect(served.status == 404)
    }
  }
}
