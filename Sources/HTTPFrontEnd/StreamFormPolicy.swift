import HTTPNegotiation

/// How answers are written, for callers that are used to another gateway.
public struct AnswerStyle: Sendable, Hashable {
  /// The form of a stream whose caller has no wish.
  public enum StreamDefault: String, Sendable, Hashable, CaseIterable {
    case ndjson
    case array
    case events
    case sequence = "json-seq"
  }

  /// Each message of a stream stands in `{"result":…}`, a stream's error in `{"error":…}` with the gRPC code, and
  /// `application/json` is lines of these: as grpc-gateway does it.
  public var streamEnvelope = false
  /// `array` is what Envoy's transcoder writes.
  public var streamDefault = StreamDefault.ndjson
  /// Errors are the bare `google.rpc.Status`, as grpc-gateway and Envoy's transcoder write them.
  public var bareStatusErrors = false

  public init() {}

  /// Why the switches cannot go together; `nil` where they can.
  public var conflict: String? {
    streamEnvelope && streamDefault == .array
      ? "with the stream envelope, application/json is lines: there is no array to be the default" : nil
  }
}

/// Chooses the form of a streamed answer from `Accept`.
struct StreamFormPolicy: Sendable {
  private let offers: [(form: StreamForm, type: MediaType)]
  private let offeredTypes: [MediaType]
  private let preferred: StreamForm
  let wrapsMessages: Bool

  init(_ style: AnswerStyle = AnswerStyle()) {
    wrapsMessages = style.streamEnvelope
    let json: (form: StreamForm, type: MediaType) = (
      style.streamEnvelope ? .jsonLines : .array, MediaType("application", "json")
    )
    let lines: [(form: StreamForm, type: MediaType)] = [
      (.lines(jsonl: false), MediaType("application", "x-ndjson")),
      (.lines(jsonl: true), MediaType("application", "jsonl")),
    ]
    // grpc-gateway has one name for its lines, whatever was asked for.
    var offers = style.streamEnvelope ? [json] + lines : lines + [json]
    offers += [
      (.events, MediaType("text", "event-stream")),
      (.sequence, MediaType("application", "json-seq")),
    ]
    let first: StreamForm =
      switch style.streamDefault {
      case .ndjson: style.streamEnvelope ? .jsonLines : .lines(jsonl: false)
      case .array: json.form
      case .events: .events
      case .sequence: .sequence
      }
    if let index = offers.firstIndex(where: { $0.form == first }) { offers.insert(offers.remove(at: index), at: 0) }
    self.offers = offers
    offeredTypes = offers.map(\.type)
    preferred = first
  }

  /// `nil` where nothing that is offered is acceptable: 406.
  func form(for accept: String?) -> StreamForm? {
    guard let accept, accept != "*/*" else { return preferred }
    return Accept(parsing: CollectionOfOne(accept)).best(of: offeredTypes).map { offers[$0].form }
  }

  var offered: String {
    offeredTypes.map(\.essence).joined(separator: ", ")
  }
}
