import HTTP2

/// Says which frames are shown.
///
///     filter    = condition *( SP condition )         all of them have to hold
///     condition = [ "!" ] key "=" value *( "," value )   one of the values has to fit; "!" turns it round
///     key       = "stream" / "path" / "type" / "from" / "conn"
///     value     : of stream  a number, or a range as in 1-9; 0 is the connection itself
///                 of path    the call's path; "*" stands for any text, and a value without "/" for any part of it
///                 of type    data, headers, priority, rst_stream, settings, push_promise, ping, goaway,
///                            window_update, continuation, unknown
///                 of from    client or server
///                 of conn    a number
///
/// Of several filters one has to hold. Frames that have no path, those of the connection itself, fit no path. A call's
/// summary is shown when the conditions for stream, path and connection hold.
public struct TapFilter: Sendable, Equatable {
  enum Test: Sendable, Equatable {
    case stream(ClosedRange<UInt32>)
    case path(PathPattern)
    case type(FrameType)
    case unknownType
    case from(TapSide)
    case connection(Int)
  }

  struct Condition: Sendable, Equatable {
    var isNegated: Bool
    var tests: [Test]
  }

  /// Each inner list is one filter.
  private(set) var alternatives: [[Condition]] = []

  /// Shows everything.
  public init() {}

  /// - Throws: what is wrong with the first filter that is wrong, and where.
  public init(_ texts: [String]) throws(TapFilterFault) {
    for text in texts { alternatives.append(try TapFilterParser(text).conditions()) }
  }

  /// What a record shows of itself; nil is what it does not have.
  private struct Subject {
    var connection: Int
    var side: TapSide?
    var stream: StreamID?
    var type: FrameType?
    var path: String?
    /// A summary has neither a sender nor a type, and is not judged by them.
    var isSummary = false
  }

  func admits(_ connection: Int, _ side: TapSide?, _ frame: TappedFrame) -> Bool {
    if alternatives.isEmpty { return true }
    return admits(
      Subject(
        connection: connection, side: side, stream: frame.streamID, type: frame.observed.header.type, path: frame.path))
  }

  /// For what is no frame.
  func admits(_ connection: Int, _ side: TapSide?) -> Bool {
    alternatives.isEmpty || admits(Subject(connection: connection, side: side))
  }

  func admits(_ connection: Int, _ stream: StreamID, path: String) -> Bool {
    alternatives.isEmpty || admits(Subject(connection: connection, stream: stream, path: path, isSummary: true))
  }

  private func admits(_ subject: Subject) -> Bool {
    alternatives.contains { $0.allSatisfy { Self.holds($0, subject) } }
  }

  private static func holds(_ condition: Condition, _ subject: Subject) -> Bool {
    if subject.isSummary, condition.tests.allSatisfy(\.isAboutFrames) { return true }
    return condition.tests.contains { fits($0, subject) } != condition.isNegated
  }

  private static func fits(_ test: Test, _ subject: Subject) -> Bool {
    switch test {
    case .stream(let range): subject.stream.map { range.contains($0.rawValue) } ?? false
    case .path(let pattern): subject.path.map(pattern.matches) ?? false
    case .type(let type): subject.type == type
    case .unknownType: subject.type.map { $0.rawValue > FrameType.continuation.rawValue } ?? false
    case .from(let side): subject.side == side
    case .connection(let number): subject.connection == number
    }
  }
}

extension TapFilter.Test {
  fileprivate var isAboutFrames: Bool {
    switch self {
    case .type, .unknownType, .from: true
    case .stream, .path, .connection: false
    }
  }
}

/// A path with `*` for any text.
struct PathPattern: Sendable, Equatable {
  private let pieces: [[UInt8]]

  init(_ text: String) {
    let whole = text.contains("/") || text.contains("*") ? text : "*\(text)*"
    pieces = whole.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
  }

  /// First the pieces are found in order, each as early as possible; the last one at the end.
  func matches(_ path: String) -> Bool {
    var rest = Array(path.utf8)[...]
    guard let first = pieces.first, rest.starts(with: first) else { return false }
    rest = rest.dropFirst(first.count)
    guard pieces.count > 1, let last = pieces.last else { return rest.isEmpty }
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let found = rest.firstRange(of: piece) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
  }
}
