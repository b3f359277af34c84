internal import ScriptedUpstream

extension Misbehaviour {
  /// Answers that are none, or whose status is.
  static let status: [Misbehaviour] = missing + odd + http

  private static let missing: [Misbehaviour] = [
    .plays("end-on-data", .bad("UNKNOWN")) {
      $0.respond($1)
      $0.data($1, ScriptedConnection.framed(ScriptedConnection.soundMessage), endStream: true)
    },
    .plays("trailers-without-status", .bad("UNKNOWN")) {
      $0.respond($1)
      $0.message($1, ScriptedConnection.soundMessage)
      $0.headers($1, [("x", "y")], endStream: true)
    },
    .plays("headers-and-the-end", .bad("UNKNOWN")) {
      $0.headers($1, [(":status", "200"), ("content-type", "application/grpc")], endStream: true)
    },
    .plays("no-message", .bad()) {
      $0.respond($1)
      $0.trailers($1)
    },
    .plays("two-messages", .bad()) {
      $0.respond($1)
      $0.message($1, ScriptedConnection.soundMessage)
      $0.message($1, ScriptedConnection.soundMessage)
      $0.trailers($1)
    },
    .plays("two-messages-and-no-end", .bad()) {
      $0.respond($1)
      $0.message($1, ScriptedConnection.soundMessage)
      $0.message($1, ScriptedConnection.soundMessage)
    },
    .plays("data-before-headers", .bad()) { $0.message($1, ScriptedConnection.soundMessage) },
    .plays("headers-again", .bad()) {
      $0.respond($1)
      $0.respond($1)
    },
    .plays("trailers-without-end", .bad()) {
      $0.respond($1)
      $0.message($1, ScriptedConnection.soundMessage)
      $0.headers($1, [("grpc-status", "0")])
    },
    .plays("no-http-status", .bad()) { $0.headers($1, [("content-type", "application/grpc")]) },
  ]

  private static let odd: [Misbehaviour] =
    ["fine", "17", "-1", "", "99999999999999999999", "0x5"].map { text in
      .plays("status-\(text.isEmpty ? "empty" : text)", .bad("UNKNOWN")) {
        $0.respond($1)
        $0.message($1, ScriptedConnection.soundMessage)
        $0.headers($1, [("grpc-status", text)], endStream: true)
      }
    } + [
      .plays("trailers-only", Answer(404, "NOT_FOUND")) {
        $0.headers(
          $1, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5")], endStream: true)
      },
      .plays("error-after-a-message", Answer(409, "ABORTED")) {
        $0.respond($1)
        $0.message($1, ScriptedConnection.soundMessage)
        $0.trailers($1, status: 10)
      },
      .plays("bad-escapes-in-the-message", Answer(404, "NOT_FOUND")) {
        $0.respond($1)
        $0.trailers($1, status: 5, [("grpc-message", "%zz %4 % %C3%28 %00")])
      },
      .plays("details-that-are-no-base64", Answer(404, "NOT_FOUND")) {
        $0.respond($1)
        $0.trailers($1, status: 5, [("grpc-status-details-bin", "!!!")])
      },
      .plays("details-that-are-no-status", Answer(404, "NOT_FOUND")) {
        $0.respond($1)
        $0.trailers($1, status: 5, [("grpc-status-details-bin", "////////")])
      },
      .plays("details-of-another-code", Answer(404, "NOT_FOUND")) {
        $0.respond($1)
        // `Status{code: 9, message: "x"}`.
        $0.trailers($1, status: 5, [("grpc-status-details-bin", "CAkSAXg")])
      },
    ]

  private static let http: [Misbehaviour] =
    [
      ("400", "INTERNAL", 500), ("401", "UNAUTHENTICATED", 401), ("403", "PERMISSION_DENIED", 403),
      ("404", "UNIMPLEMENTED", 501), ("429", "UNAVAILABLE", 503), ("502", "UNAVAILABLE", 503),
      ("503", "UNAVAILABLE", 503), ("504", "UNAVAILABLE", 503), ("500", "UNKNOWN", 500), ("418", "UNKNOWN", 500),
      ("301", "UNKNOWN", 500), ("204", "UNKNOWN", 500), ("200", "UNKNOWN", 500),
    ].map { code, name, status in
      .plays("http-\(code)", .bad(name, status)) {
        $0.headers($1, [(":status", code), ("content-type", "text/html")])
        $0.data($1, Array("<html>".utf8), endStream: true)
      }
    } + [
      .plays("http-status-no-number", .bad()) { $0.headers($1, [(":status", "2x0")]) },
      .plays("http-200-without-a-type", .bad("UNKNOWN")) { $0.headers($1, [(":status", "200")]) },
      .plays("http-200-of-grpc-web", .bad("UNKNOWN")) {
        $0.headers($1, [(":status", "200"), ("content-type", "application/grpc-web")])
      },
    ]
}
