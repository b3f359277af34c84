import Compression

/// A form of a streamed answer, and what an answer in it looks like on the wire.
enum AnswerForm: String, CaseIterable, Sendable {
  case ndjson = "application/x-ndjson"
  case jsonl = "application/jsonl"
  case array = "application/json"
  case events = "text/event-stream"
  case sequence = "application/json-seq"
  /// Bytes that the upstream calls so.
  case raw = "text/plain"

  /// Those that are asked for by `Accept`.
  static let json = allCases.filter { $0 != .raw }

  var isCompressed: Bool { self != .events }

  func head(gzip: Bool, trailers: Bool = false) -> String {
    var lines = ["HTTP/1.1 200 OK", "Content-Type: \(rawValue)", "Transfer-Encoding: chunked"]
    switch self {
    case .ndjson, .jsonl, .array, .sequence: lines.append("Vary: Accept, Accept-Encoding")
    case .events: lines.append("Vary: Accept")
    case .raw: lines.append("Vary: Accept-Encoding")
    }
    if gzip, isCompressed { lines.append("Content-Encoding: gzip") }
    if self == .events { lines += ["Cache-Control: no-cache, no-transform", "X-Accel-Buffering: no"] }
    if trailers { lines.append("Trailer: grpc-status, grpc-message") }
    return (lines + ["X-Request-Id: t", "Connection: close", "Date: now", "", ""]).joined(separator: "\r\n")
  }

  func body(_ messages: [String]) -> String {
    switch self {
    case .ndjson, .jsonl: messages.map { "\($0)\n" }.joined()
    case .sequence: messages.map { "\u{1E}\($0)\n" }.joined()
    case .array: "[" + messages.joined(separator: ",")
    case .events: messages.enumerated().map { "id: \($0 + 1)\ndata: \($1)\n\n" }.joined()
    case .raw: messages.joined()
    }
  }

  var cleanEnd: String {
    switch self {
    case .ndjson, .jsonl, .sequence, .raw: ""
    case .array: "]"
    case .events: "event: end\ndata: {}\n\n"
    }
  }

  func failure(_ error: String) -> String {
    switch self {
    case .ndjson, .jsonl: "\(error)\n"
    case .sequence: "\u{1E}\(error)\n"
    case .array, .raw: ""
    case .events: "event: error\ndata: \(error)\n\n"
    }
  }

  /// Whether the end of a stream that failed is an end on the wire.
  private func isTerminated(trailers: Bool) -> Bool {
    switch self {
    case .ndjson, .jsonl, .sequence: trailers
    case .array, .raw: false
    case .events: true
    }
  }

  /// What a call with this outcome is answered with; `nil` where nobody is left to be answered.
  ///
  /// - Parameter trailers: the caller has said `TE: trailers`.
  func expected(_ outcome: StreamOutcome, messages: [String], gzip: Bool, trailers: Bool = false) -> WireAnswer? {
    let isCoded = gzip && isCompressed
    switch outcome {
    case .callerLeaves: return nil
    case .errorBefore: return Failure.status.answer
    case .ok:
      return WireAnswer(
        head: head(gzip: gzip, trailers: trailers), body: body(messages) + cleanEnd, isTerminated: true,
        isInflatedToEnd: isCoded ? true : nil, trailers: trailers ? "grpc-status: 0\r\n\r\n" : "\r\n")
    case .errorAfterThree, .reset, .death:
      let failure = Failure(outcome)
      let isTerminated = isTerminated(trailers: trailers)
      let fields = trailers ? failure.trailers : "\r\n"
      return WireAnswer(
        head: head(gzip: gzip, trailers: trailers), body: body(messages) + self.failure(failure.object),
        isTerminated: isTerminated, isInflatedToEnd: isCoded ? isTerminated : nil,
        trailers: isTerminated ? fields : "")
    }
  }
}

/// A failure as it is shown.
enum Failure {
  case status, reset, death

  init(_ outcome: StreamOutcome) {
    switch outcome {
    case .ok, .errorBefore, .errorAfterThree, .callerLeaves: self = .status
    case .reset: self = .reset
    case .death: self = .death
    }
  }

  private var line: String {
    switch self {
    case .status, .reset: "500 Internal Server Error"
    case .death: "503 Service Unavailable"
    }
  }

  /// The trailer section of a stream that has failed so.
  var trailers: String {
    let (code, message) =
      switch self {
      case .status: (13, "broke")
      case .reset: (13, "the upstream reset the call (INTERNAL_ERROR)")
      case .death: (14, "the connection to the upstream was lost")
      }
    return "grpc-status: \(code)\r\ngrpc-message: \(message)\r\n\r\n"
  }

  /// The code of the Close frame: 4000 and the gRPC code.
  var closeCode: Int {
    switch self {
    case .status, .reset: 4013
    case .death: 4014
    }
  }

  var object: String {
    switch self {
    case .status: #"{"error":{"code":500,"message":"broke","status":"INTERNAL","details":[]}}"#
    case .reset: Self.made(500, "the upstream reset the call (INTERNAL_ERROR)", "INTERNAL", "UPSTREAM_RESET")
    case .death: Self.made(503, "the connection to the upstream was lost", "UNAVAILABLE", "UPSTREAM_CONNECTION_LOST")
    }
  }

  var answer: WireAnswer {
    let lines = [
      "HTTP/1.1 \(line)", "Content-Type: application/json", "Content-Length: \(object.utf8.count)", "X-Request-Id: t",
      "Connection: close", "Date: now", "", "",
    ]
    return WireAnswer(head: lines.joined(separator: "\r\n"), body: object, isTerminated: true)
  }

  private static func made(_ code: Int, _ message: String, _ status: String, _ reason: String) -> String {
    #"{"error":{"code":\#(code),"message":"\#(message)","status":"\#(status)","details":["#
      + #"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"\#(reason)","domain":"grpc-json-gateway"}]}}"#
  }
}

/// A form of a streamed request.
enum UploadForm: String, CaseIterable, Sendable {
  case ndjson, concatenated, array, sequence
  /// Bytes, of `google.api.HttpBody`.
  case raw

  static let json = allCases.filter { $0 != .raw }

  var contentType: String {
    switch self {
    case .ndjson: "application/x-ndjson"
    case .concatenated, .array: "application/json"
    case .sequence: "application/json-seq"
    case .raw: AnswerForm.raw.rawValue
    }
  }

  /// - Parameter ends: false leaves the upload open after its last item.
  func body(_ items: [String], ends: Bool) -> String {
    switch self {
    case .ndjson: items.map { "\($0)\n" }.joined()
    case .concatenated: items.joined()
    case .array: "[" + items.joined(separator: ",") + (ends ? "]" : "")
    case .sequence: items.map { "\u{1E}\($0)\n" }.joined()
    case .raw: items.joined()
    }
  }
}
