import ProtobufJSON
import ProtobufSchema

/// JSON to protobuf and protobuf to JSON, and where a value of a stream ends.
enum JSONSubjects {
  static var all: [Subject] {
    [
      read("json-read/order", .small, sample: 2000),
      read("json-read/order-96k", .large, sample: 10),
      write("json-write/order", .small, sample: 2000),
      write("json-write/order-96k", .large, sample: 10),
      frame("json-frame/stream-64k", sample: 50),
    ]
  }

  /// How the cost grows with the size of a message.
  static var growth: [Subject] {
    [10, 100, 1000, 10_000].flatMap { count in
      [
        read("json-read/items-\(count)", .sized(count), sample: max(2, 20_000 / count)),
        write("json-write/items-\(count)", .sized(count), sample: max(2, 20_000 / count)),
      ]
    }
  }

  private static func read(_ name: String, _ order: OrderSamples, sample: Int) -> Subject {
    let json = order.json
    return Subject(name, bytes: json.count, sample: sample) {
      let service = try OrderServiceDescription()
      let encoder = MessageEncoder(schema: service.schema)
      let output = Holder(OutputBuffer())
      try encoder.encode(json.span.bytes, as: service.order, into: &output.value)
      guard output.value.array == order.wire else { throw SubjectError("\(name): other bytes than expected") }
      return { count in
        for _ in 0..<count {
          output.value.removeAll()
          try encoder.encode(json.span.bytes, as: service.order, into: &output.value)
          keep(output.value)
        }
      }
    }
  }

  private static func write(_ name: String, _ order: OrderSamples, sample: Int) -> Subject {
    let wire = order.wire
    return Subject(name, bytes: order.json.count, sample: sample) {
      let service = try OrderServiceDescription()
      let decoder = MessageDecoder(schema: service.schema)
      let output = Holder(OutputBuffer())
      try decoder.decode(wire.span.bytes, as: service.order, into: &output.value)
      guard output.value.array == order.json else { throw SubjectError("\(name): other text than expected") }
      return { count in
        for _ in 0..<count {
          output.value.removeAll()
          try decoder.decode(wire.span.bytes, as: service.order, into: &output.value)
          keep(output.value)
        }
      }
    }
  }

  /// A read of 64 KiB in the middle of an NDJSON upload.
  private static func frame(_ name: String, sample: Int) -> Subject {
    let line = OrderSamples.small.json + [0x0a]
    let lines = 65_536 / line.count
    let buffer = Array(repeatElement(line, count: lines).joined())
    return Subject(name, bytes: buffer.count, sample: sample) {
      let framer = Holder(JSONStreamFramer(form: .arrayOrConcatenated))
      return { count in
        for _ in 0..<count {
          var seen = 0
          while let value = try framer.value.next(in: buffer.span.bytes) {
            keep(value)
            seen += 1
          }
          guard framer.value.discard() == buffer.count, seen == lines else { throw SubjectError("\(seen) values") }
        }
      }
    }
  }
}
