import Foundation
import Gateway
import GRPCWire
import HTTP2
import HTTPFrontEnd
import NIOCore
import ScriptedUpstream
import Synchronization
import Testing
import Transcoding

/// `google.api.HttpBody` in and out: bytes as they are, in sizes that no window and no buffer holds at once.
@Suite struct HTTPBodyTests {
  /// More than the windows of both sides together.
  private static let large = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  private static func description() throws -> ServiceDescription {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "TranscodingTests/Protos/binding.binpb")
    return try ServiceDescription(
      descriptors: [.init(name: "binding.binpb", content: [UInt8](try Data(contentsOf: file)))], rules: [],
      options: TranscodingOptions())
  }

  /// The wire form of a `google.api.HttpBody`.
  private static func httpBody(_ type: String = "", _ data: some Collection<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    if !type.isEmpty { bytes += [0x0A, UInt8(type.utf8.count)] + Array(type.utf8) }
    if !data.isEmpty { bytes += [0x12] + varint(data.count) + Array(data) }
    return bytes
  }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  private func gateway(
    _ script: @escaping ScriptedUpstream.Script, configure: (inout GatewayConfiguration) -> Void = { _ in },
    _ body: (ScriptedGateway) async throws -> Void
  ) async throws {
    try await withScriptedGateway(
      description: try Self.description(), configure: configure, script: script, body)
  }

  private func get(_ gateway: ScriptedGateway, _ path: String) async throws -> WireAnswer {
    let connection = try await gateway.connect()
    try await connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
    // To the end; as text, every byte would be looked at anew with each piece that comes.
    return try #require(WireAnswer(try await connection.receiveBytes { _ in false }))
  }

  @Test func aDownloadIsLargerThanAnyWindow() async throws {
    try await gateway { connection, event in
      guard case .request(let id, _, _) = event else { return }
      connection.respond(id)
      var messages = ScriptedConnection.framed(Self.httpBody("image/png", []))
      for start in stride(from: 0, to: Self.large.count, by: 48_000) {
        // What later messages call themselves does not count.
        let piece = Self.large[start..<min(start + 48_000, Self.large.count)]
        messages += ScriptedConnection.framed(Self.httpBody("text/plain", piece))
      }
      connection.paced(id, messages, trailers: true)
    } _: { gateway in
      let answer = try await get(gateway, "/v1/raw/cat")
      #expect(answer.head.contains("\r\nContent-Type: image/png\r\n"))
      #expect(answer.isTerminated)
      let isSame = answer.data == Self.large
      #expect(isSame, "\(answer.data.count) bytes")
    }
  }

  @Test func anUploadIsLargerThanAnyWindow() async throws {
    let upload = CollectedUpload()
    try await gateway { connection, event in
      guard case .data(let id, let bytes, let endStream) = event else { return }
      upload.append(bytes)
      guard endStream else { return }
      connection.respond(id)
      connection.message(id, [])
      connection.trailers(id)
    } _: { gateway in
      let connection = try await gateway.connect()
      try await connection.send(
        "POST /v1/raw/cat?note=n HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
      for start in stride(from: 0, to: Self.large.count, by: 100_000) {
        let piece = Self.large[start..<min(start + 100_000, Self.large.count)]
        try await connection.send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10])
      }
      try await connection.send("0\r\n\r\n")
      let answer = try await connection.answer()
      #expect(answer.status == 200)
      await connection.close()
    }
    let messages = try upload.messages()
    // What path and query bind, and the type, come with the first message alone.
    let first = try #require(messages.first)
    #expect(first.starts(with: [0x0A, 3] + Array("cat".utf8) + [0x1A, 1] + Array("n".utf8) + [0x12]))
    var data: [UInt8] = []
    for (index, message) in messages.enumerated() {
      var rest = message[...]
      if index == 0 { rest = rest.dropFirst(8) }
      expectField2(&rest)
      if index == 0 {
        #expect(rest.starts(with: [0x0A, 9] + Array("image/png".utf8)))
        rest = rest.dropFirst(11)
      }
      expectField2(&rest)
      data += rest
    }
    let isSame = data == Self.large
    #expect(isSame, "\(data.count) bytes")
    #expect(messages.count > 1)
  }

  /// -1 where there is none.
  private func length(_ bytes: inout ArraySlice<UInt8>) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      guard let byte = bytes.popFirst() else { return -1 }
      value |= Int(byte & 0x7F) << shift
      if byte < 0x80 { break }
    }
    return value
  }

  /// Takes the tag and length of field 2, which is all that follows.
  private func expectField2(_ bytes: inout ArraySlice<UInt8>) {
    let tag = bytes.popFirst()
    let count = length(&bytes)
    #expect(tag == 0x12 && count == bytes.count)
  }

  @Test(arguments: ["image/svg+xml; charset=utf-8", ""])
  func oneBodyComesBackAsItWas(type: String) async throws {
    let bytes = (0...255).map { UInt8($0) } + Array("\r\n0\r\n\r\n".utf8)
    let upload = CollectedUpload()
    try await gateway { connection, event in
      guard case .data(let id, let bytes, let endStream) = event else { return }
      upload.append(bytes)
      guard endStream, let message = try? upload.messages().first else { return }
      connection.respond(id)
      connection.message(id, message)
      connection.trailers(id)
    } _: { gateway in
      let connection = try await gateway.connect()
      let line = type.isEmpty ? "" : "Content-Type: \(type)\r\n"
      try await connection.send(
        Array(
          "POST /v1/raw:echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(line)Content-Length: \(bytes.count)\r\n\r\n"
            .utf8)
          + bytes)
      let answer = try #require(WireAnswer(try await connection.receiveBytes()))
      #expect(answer.data == bytes)
      let expected = type.isEmpty ? "application/octet-stream" : type
      #expect(answer.head.contains("\r\nContent-Type: \(expected)\r\n"))
      #expect(answer.head.contains("\r\nContent-Length: \(bytes.count)\r\n"))
    }
  }

  /// The status line would say the type, which only the first message knows: silence does not send it off.
  @Test func theFirstMessageDecidesTheTypeHoweverLateItComes() async throws {
    try await gateway { connection, event in
      guard case .request(let id, _, _) = event else { return }
      connection.respond(id)
      connection.after(.milliseconds(200)) {
        $0.message(id, Self.httpBody("text/csv", "a,b\n".utf8))
        $0.trailers(id)
      }
    } configure: {
      $0.frontEnd.silenceBeforeHead = .milliseconds(1)
    } _: { gateway in
      let answer = try await get(gateway, "/v1/raw/table")
      #expect(answer.head.contains("\r\nContent-Type: text/csv\r\n"))
      #expect(answer.body == "a,b\n")
    }
  }

  @Test func aDownloadThatFailsLooksCutOff() async throws {
    try await gateway { connection, event in
      guard case .request(let id, _, _) = event else { return }
      connection.respond(id)
      connection.message(id, Self.httpBody("text/csv", "a,b\n".utf8))
      connection.after(.milliseconds(20)) { $0.trailers(id, status: 13) }
    } _: { gateway in
      let answer = try await get(gateway, "/v1/raw/table")
      #expect(answer.body == "a,b\n")
      #expect(!answer.isTerminated)
    }
  }

  @Test func aDownloadThatFailsAtOnceHasItsStatus() async throws {
    try await gateway { connection, event in
      guard case .request(let id, _, _) = event else { return }
      connection.headers(
        id, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5"), ("grpc-message", "no")],
        endStream: true)
    } _: { gateway in
      let answer = try await get(gateway, "/v1/raw/table")
      #expect(answer.head.hasPrefix("HTTP/1.1 404 "))
      #expect(answer.head.contains("\r\nContent-Type: application/json\r\n"))
    }
  }
}

/// What an upstream was sent on its only stream.
private final class CollectedUpload: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  func append(_ more: ByteBuffer) { bytes.withLock { $0 += Array(more.readableBytesView) } }

  /// The gRPC messages in it.
  func messages() throws -> [[UInt8]] {
    var buffer = ByteBuffer(bytes: bytes.withLock { $0 })
    var deframer = MessageDeframer(encoding: .identity, maximumMessageBytes: 1 << 24)
    var messages: [[UInt8]] = []
    while let message = try deframer.next(from: &buffer) { messages.append(Array(message.readableBytesView)) }
    try deframer.finish()
    return messages
  }
}
