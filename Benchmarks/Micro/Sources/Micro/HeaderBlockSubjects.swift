import HTTP2
import NIOCore
import NIOHPACK

/// Header blocks as a gRPC server sends them, and as we do.
enum HeaderBlockSubjects {
  static var all: [Subject] { [known, literal, trailersWithMessage, request] }

  private static let response: [(String, String)] = [
    (":status", "200"), ("content-type", "application/grpc"), ("grpc-accept-encoding", "identity, deflate, gzip"),
  ]

  /// All index octets, from the second call on: what nearly every answer is.
  private static var known: Subject {
    Subject("header-block/known") {
      var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
      let first = try encode(response, &encoder)
      let second = try encode(response, &encoder)
      let reader = Holder(HeaderBlockReader(limits: ConnectionLimits()))
      keep(try reader.value.headers(first, isComplete: true))
      return { count in
        for _ in 0..<count { keep(try reader.value.headers(second, isComplete: true)) }
      }
    }
  }

  /// Fields that are not indexed, such as ids, and differ each time.
  private static var literal: Subject {
    varying("header-block/literal", response) { index in
      [("x-request-id", "8b0a7c1e-5b2f-4f7a-9d57-0c1f7a3f8e\(index)"), ("x-served-by", "node-17")]
    }
  }

  /// An error: the status is in no table and its text differs each time.
  private static var trailersWithMessage: Subject {
    varying("header-block/error-trailers", []) { index in
      [("grpc-status", "5"), ("grpc-message", "Order does not exist. : \(index)")]
    }
  }

  /// More different blocks in turn than a reader could remember.
  private static func varying(
    _ name: String, _ indexed: [(String, String)], _ fields: @escaping (Int) -> [(String, String)]
  ) -> Subject {
    Subject(name) {
      var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
      let first = try encode(response, &encoder)
      let blocks = try (10..<42).map { try encode(indexed, &encoder, withoutIndexing: fields($0)) }
      let reader = Holder(HeaderBlockReader(limits: ConnectionLimits()))
      keep(try reader.value.headers(first, isComplete: true))
      return { count in
        for index in 0..<count { keep(try reader.value.headers(blocks[index % blocks.count], isComplete: true)) }
      }
    }
  }

  /// A call's: what all calls of the method share, and one field of its own.
  private static var request: Subject {
    Subject("header-block/request") {
      let head = RequestHead([
        (":method", "POST"), (":scheme", "http"), (":path", "/order.OrderManagement/getOrder"),
        (":authority", "127.0.0.1:9009"), ("te", "trailers"), ("content-type", "application/grpc"),
      ])
      let fields = LiteralFields([("x-request-id", "8b0a7c1e-5b2f-4f7a-9d57-0c1f7a3f8e21")])
      let writer = Holder(HeaderBlockWriter())
      let output = Holder(ByteBuffer())
      try writer.value.write(head, metadata: fields, into: &output.value)
      return { count in
        for _ in 0..<count {
          output.value.clear()
          try writer.value.write(head, metadata: fields, into: &output.value)
          keep(output.value)
        }
      }
    }
  }

  private static func encode(
    _ fields: [(String, String)], _ encoder: inout HPACKEncoder, withoutIndexing more: [(String, String)] = []
  ) throws -> ByteBuffer {
    try encoder.beginEncoding(allocator: ByteBufferAllocator())
    for (name, value) in fields { try encoder.append(header: name, value: value) }
    for (name, value) in more { try encoder.appendNonIndexed(header: name, value: value) }
    return try encoder.endEncoding()
  }
}
