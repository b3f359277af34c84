import ErrorBody
import GRPCUpstream
import GRPCWire
import HTTPNegotiation
import NIOCore
import NIOHPACK
import ProtobufJSON
import Transcoding

/// Writes the heads and ends of answers for the exchanges of one event loop.
final class AnswerWriter {
  private let allocator = ByteBufferAllocator()
  private var renderer: ErrorRenderer
  private var date = DateHeader()
  /// Answers depend on `Accept-Encoding`.
  private let compresses: Bool

  init(renderer: ErrorRenderer, compresses: Bool) {
    self.renderer = renderer
    self.compresses = compresses
  }

  func use(_ renderer: ErrorRenderer) { self.renderer = renderer }

  /// What is known of the connection and the caller when a head is written.
  struct Terms {
    var requestID: String
    var keepAlive: Bool
    var isHTTP10: Bool
    /// What every answer to this caller says to its browser; empty where there is nothing to say.
    var corsLines = ""
    /// Whether the headers that come from metadata have to be named to the browser.
    var namesExposedHeaders = false
  }

  // MARK: Answers of a call

  /// The head of an answer with one message.
  func singleHead(
    length: Int, coding: ContentCoding, rawContentType: String?, terms: Terms, initialMetadata: HPACKHeaders?,
    trailers: HPACKHeaders
  ) -> ByteBuffer {
    var head: ResponseHeadWriter
    if let rawContentType {
      head = ResponseHeadWriter(status: 200, allocator: allocator, capacity: 512)
      head.addContentType(rawContentType, otherwise: "application/octet-stream")
      if compresses { head.add("Vary", "Accept-Encoding") }
      head.add("Content-Length", length)
    } else {
      let opening: StaticString =
        compresses
        ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVary: Accept-Encoding\r\nContent-Length: "
        : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
      head = ResponseHeadWriter(opening: opening, allocator: allocator, capacity: 512)
      head.close(with: length)
    }
    head.addCoding(coding)
    addCommon(to: &head, terms)
    if let initialMetadata { head.addMetadata(initialMetadata, .initial, exposed: terms.namesExposedHeaders) }
    head.addMetadata(trailers, .trailing, exposed: terms.namesExposedHeaders)
    return head.end()
  }

  /// The head of a stream, whose length nobody knows.
  func streamHead(
    form: StreamForm, coding: ContentCoding, rawContentType: String?, terms: Terms, initialMetadata: HPACKHeaders?,
    announcesTrailers: Bool
  ) -> ByteBuffer {
    var head = ResponseHeadWriter(status: 200, allocator: allocator, capacity: 512)
    head.addContentType(rawContentType, otherwise: form.contentType)
    head.add("Transfer-Encoding", "chunked")
    addVary(to: &head, form)
    head.addCoding(coding)
    if form == .events {
      // No proxy may gather events, change them or keep them.
      head.add("Cache-Control", "no-cache, no-transform")
      head.add("X-Accel-Buffering", "no")
    }
    if announcesTrailers { head.add("Trailer", "grpc-status, grpc-message") }
    addCommon(to: &head, terms)
    if let initialMetadata { head.addMetadata(initialMetadata, .initial, exposed: terms.namesExposedHeaders) }
    return head.end()
  }

  /// The last chunk (RFC 9112 §7.1.2), with the call's status for a caller that reads trailers.
  func lastChunk(status: GRPCStatus?, trailers: HPACKHeaders) -> ByteBuffer {
    var buffer = allocator.buffer(capacity: 128)
    buffer.writeStaticString("0\r\n")
    guard let status else {
      buffer.writeStaticString("\r\n")
      return buffer
    }
    var fields = ResponseHeadWriter(continuing: buffer)
    fields.add("grpc-status", status.code.rawValue)
    if !status.message.isEmpty { fields.add("grpc-message", PercentEncodedMessage.encode(status.message)) }
    fields.addMetadata(trailers, .trailing)
    return fields.end()
  }

  // MARK: Answers of the gateway

  /// A whole answer that carries an error; `call` adds the metadata that came with it.
  func error(
    _ fault: GatewayError, terms: Terms, isHead: Bool, headers: [(String, String)] = [],
    initialMetadata: HPACKHeaders? = nil, trailers: HPACKHeaders? = nil, inStream: Bool = false
  ) -> ByteBuffer {
    var output = OutputBuffer(minimumCapacity: 512)
    renderer.render(fault, inStream: inStream, into: &output)
    var head = ResponseHeadWriter(status: fault.httpStatus, allocator: allocator, capacity: 512 + output.count)
    head.add("Content-Type", "application/json")
    head.add("Content-Length", output.count)
    for (name, value) in headers { head.add(name, value) }
    if fault.isOverload { head.add("Retry-After", 1) }
    addCommon(to: &head, terms)
    if let initialMetadata { head.addMetadata(initialMetadata, .initial, exposed: terms.namesExposedHeaders) }
    if let trailers { head.addMetadata(trailers, .trailing, exposed: terms.namesExposedHeaders) }
    var bytes = head.end()
    if !isHead { output.withUnsafeBytes { _ = bytes.writeBytes($0) } }
    return bytes
  }

  /// A whole answer that is no error.
  func local(_ answer: LocalAnswer, terms: Terms, isHead: Bool) -> ByteBuffer {
    var head = ResponseHeadWriter(
      status: answer.status, allocator: allocator, capacity: 512 + (answer.body?.readableBytes ?? 0))
    if let body = answer.body {
      head.add("Content-Type", answer.contentType)
      head.add("Content-Length", body.readableBytes)
    } else if answer.status != 204 {
      // RFC 9110 §8.6: no Content-Length on 204.
      head.add("Content-Length", 0)
    }
    for (name, value) in answer.headers { head.add(name, value) }
    addCommon(to: &head, terms)
    var bytes = head.end()
    if let body = answer.body, !isHead { bytes.writeImmutableBuffer(body) }
    return bytes
  }

  /// The error object as it stands in a stream: alone, on one line.
  func render(_ fault: GatewayError, into output: inout OutputBuffer) {
    renderer.render(fault, inStream: true, into: &output)
  }

  /// RFC 9110 §12.5.5: what the choice of this form and coding went by.
  private func addVary(to head: inout ResponseHeadWriter, _ form: StreamForm) {
    switch form {
    case .events: head.add("Vary", "Accept")
    case .raw: if compresses { head.add("Vary", "Accept-Encoding") }
    case .lines, .jsonLines, .array, .sequence:
      if compresses { head.add("Vary", "Accept, Accept-Encoding") } else { head.add("Vary", "Accept") }
    }
  }

  private func addCommon(to head: inout ResponseHeadWriter, _ terms: Terms) {
    // Made here, or judged when it came in.
    if !terms.requestID.isEmpty { head.addSound("X-Request-Id: ", terms.requestID) }
    if !terms.corsLines.isEmpty { head.addSound("", terms.corsLines, "") }
    // RFC 9112 §9.3: HTTP/1.1 persists unless told otherwise, HTTP/1.0 closes unless told otherwise.
    if !terms.keepAlive {
      head.add("Connection", "close")
    } else if terms.isHTTP10 {
      head.add("Connection", "keep-alive")
    }
    head.addSound("Date: ", date.value())
  }
}

extension GatewayError {
  /// Whether the same request may be served a moment later (RFC 9110 §10.2.3: `Retry-After` says when).
  fileprivate var isOverload: Bool {
    switch reason {
    case .overloaded, .upstreamOverloaded, .shuttingDown: true
    default: false
    }
  }
}

extension ResponseHeadWriter {
  fileprivate mutating func addCoding(_ coding: ContentCoding) {
    switch coding {
    case .identity: break
    case .gzip: add("Content-Encoding", "gzip")
    case .deflate: add("Content-Encoding", "deflate")
    }
  }

  /// An upstream's own type where it says one that a header can hold.
  fileprivate mutating func addContentType(_ raw: String?, otherwise: StaticString) {
    guard let raw else { return add("Content-Type", otherwise) }
    if raw.isEmpty || !raw.isHeaderValue {
      add("Content-Type", "application/octet-stream")
    } else {
      add("Content-Type", raw)
    }
  }

  fileprivate mutating func addMetadata(
    _ metadata: HPACKHeaders, _ position: MetadataPolicy.Position, exposed: Bool = false
  ) {
    guard metadata.count > 0 else { return }
    var lines: [(String, String)] = []
    MetadataPolicy.forEachHTTPHeader(of: metadata, position) { name, value in lines.append((name, value)) }
    for (name, value) in lines {
      add(name, value)
      if exposed { add("Access-Control-Expose-Headers", name) }
    }
  }
}
