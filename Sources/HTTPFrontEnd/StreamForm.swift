import ProtobufJSON

/// How a stream of messages is written as one response body.
///
/// Each form has its own way to show that the stream ended well; what lacks it has failed.
enum StreamForm: Equatable, Sendable {
  /// One message per line. Named back as the caller asked: `application/x-ndjson` or `application/jsonl`.
  case lines(jsonl: Bool)
  /// The same under the name `application/json`, as grpc-gateway has it.
  case jsonLines
  /// One JSON array, closed only by a clean end.
  case array
  /// Server-sent events (WHATWG HTML §9.2): `id:` counts, `event: end` or `event: error` closes.
  case events
  /// RFC 7464: a record separator before, a line feed after each message.
  case sequence
  /// The data of `google.api.HttpBody` messages, nothing between them.
  case raw

  /// Of `raw` it is the upstream's to say.
  var contentType: StaticString {
    switch self {
    case .lines(jsonl: false): "application/x-ndjson"
    case .lines(jsonl: true): "application/jsonl"
    case .array, .jsonLines: "application/json"
    case .events: "text/event-stream"
    case .sequence: "application/json-seq"
    case .raw: "application/octet-stream"
    }
  }

  /// Whether the body can say by itself that it failed, so that it may be terminated properly.
  var carriesErrors: Bool { self == .events }

  /// What stands before message number `index`, counted from 0.
  func writeStart(of index: Int, into output: inout OutputBuffer) {
    switch self {
    case .lines, .jsonLines, .raw: break
    case .array: output.append(index == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
    case .events:
      output.append(contentsOf: "id: ")
      output.append(contentsOf: String(index + 1))
      output.append(contentsOf: "\ndata: ")
    case .sequence: output.append(0x1E)
    }
  }

  /// What stands after each message.
  func writeEnd(into output: inout OutputBuffer) {
    switch self {
    case .lines, .jsonLines, .sequence: output.append(UInt8(ascii: "\n"))
    case .array, .raw: break
    case .events: output.append(contentsOf: "\n\n")
    }
  }

  /// What stands at the end of a stream of `count` messages that ended well.
  func writeCleanEnd(count: Int, into output: inout OutputBuffer) {
    switch self {
    case .lines, .jsonLines, .sequence, .raw: break
    case .array: output.append(contentsOf: count == 0 ? "[]" : "]")
    case .events: output.append(contentsOf: "event: end\ndata: {}\n\n")
    }
  }

  /// What stands at the end of a stream that failed; `error` is the error object as JSON on one line.
  func writeFailure(_ error: borrowing OutputBuffer, into output: inout OutputBuffer) {
    switch self {
    case .lines, .jsonLines:
      error.withUnsafeBytes { output.append(contentsOf: $0) }
      output.append(UInt8(ascii: "\n"))
    case .array, .raw: break
    case .events:
      output.append(contentsOf: "event: error\ndata: ")
      error.withUnsafeBytes { output.append(contentsOf: $0) }
      output.append(contentsOf: "\n\n")
    case .sequence:
      output.append(0x1E)
      error.withUnsafeBytes { output.append(contentsOf: $0) }
      output.append(UInt8(ascii: "\n"))
    }
  }
}
