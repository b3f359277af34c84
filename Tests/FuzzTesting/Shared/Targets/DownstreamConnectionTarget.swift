import ErrorBody
import GRPCUpstream
import HTTPFrontEnd
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// The first byte chooses the cuts, the rest is what a caller sends on one HTTP/1.1 connection.
///
/// However the bytes are cut, the same answers come, none of them a fault of the gateway; only which of the faults of a
/// head the parser meets first may differ. The upstream is one that cannot be reached, which calls are told as soon as
/// the loop turns.
enum DownstreamConnectionTarget {
  private enum Turns {
    case afterEachRead
    case atTheEnd
  }

  static func run(_ bytes: [UInt8]) throws {
    guard let seed = bytes.first else { return }
    var cuts = Cuts(seed: seed)
    let pieces = cuts.pieces(of: bytes[1...])
    let whole = try answers(to: [Array(bytes[1...])], turns: .atTheEnd)
    let cut = try answers(to: pieces, turns: .atTheEnd)
    let isSame = cut == whole || cut.map(Self.withoutReason) == whole.map(Self.withoutReason)
    try require(isSame, "cut: \(cut), whole: \(whole)")
    _ = try answers(to: pieces, turns: .afterEachRead)
  }

  private static let routes = ServedRoutes(
    bindings: FuzzService.bindings, renderer: ErrorRenderer(schema: FuzzSchema.schema))

  /// Of a head with several faults, such as one that is too long and has a character that it may not have.
  private static func withoutReason(_ answer: String) -> String {
    answer.hasPrefix("431 ") || answer.hasPrefix("400 ") ? "refused" : answer
  }

  /// The answers that the caller reads, without the lines that are never the same twice.
  private static func answers(to pieces: [[UInt8]], turns: Turns) throws -> [String] {
    let loop = EmbeddedEventLoop()
    let upstream = BalancedUpstream(eventLoop: loop, name: UpstreamName(host: "192.0.2.1", port: 1))
    _ = upstream.shutdown(grace: .zero)
    var configuration = FrontEndConfiguration()
    configuration.maximumRequestBody = 256
    configuration.maximumStreamedMessage = 128
    configuration.maximumTargetLength = 256
    configuration.maximumHeaderCount = 12
    configuration.allowsMethodOverride = true
    let worker = Worker(eventLoop: loop, configuration: configuration, service: routes, upstreams: [upstream])
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 512
    limits.maxHeaderListSize = 512
    limits.maxHeaderFieldCount = configuration.maximumHeaderCount
    let channel = EmbeddedChannel(
      handlers: [
        ByteToMessageHandler(
          HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits),
          maximumBufferSize: configuration.maximumLingeringBytes),
        DownstreamConnectionHandler(worker: worker),
      ], loop: loop)
    channel.connect(to: try SocketAddress(ipAddress: "192.0.2.2", port: 2), promise: nil)
    for piece in pieces where channel.isActive {
      // A parser's error has been answered, or the channel is closed; either shows below.
      _ = try? channel.writeInbound(ByteBuffer(bytes: piece))
      if turns == .afterEachRead { loop.run() }
    }
    loop.run()
    var output: [UInt8] = []
    while let written = try channel.readOutbound(as: ByteBuffer.self) { output += Array(written.readableBytesView) }
    _ = try? channel.finish(acceptAlreadyClosed: true)
    let text = String(decoding: output, as: UTF8.self)
    try require(text.isEmpty || text.hasPrefix("HTTP/1.1 "), "this is no answer: \(text)")
    let answers = text.split(separator: "HTTP/1.1 ").map(String.init)
    try require(!answers.contains { $0.hasPrefix("500 ") }, "a fault of the gateway: \(text)")
    return answers.map { answer in
      answer.split(separator: "\r\n", omittingEmptySubsequences: false)
        .filter { !$0.hasPrefix("Date: ") && !$0.hasPrefix("X-Request-Id: ") }.joined(separator: "\n")
    }
  }
}
