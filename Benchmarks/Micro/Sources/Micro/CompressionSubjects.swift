import Compression

/// gzip, as of responses and request bodies.
enum CompressionSubjects {
  static var all: [Subject] { [whole, flushed, inflate] }

  private static let large = OrderSamples.large.json
  private static let small = OrderSamples.small.json

  private static var whole: Subject {
    Subject("compression/gzip-96k", bytes: large.count, sample: 5) {
      let deflater = Holder(try Deflater(.gzip, memory: .shared))
      var output: [UInt8] = []
      output.reserveCapacity(large.count)
      return { count in
        for _ in 0..<count {
          output.removeAll(keepingCapacity: true)
          deflater.value.reset()
          deflater.value.deflate(large.span.bytes, flush: .finish, appendingTo: &output)
        }
      }
    }
  }

  /// One message of a stream, flushed so that it can be read at once.
  private static var flushed: Subject {
    Subject("compression/gzip-message", bytes: small.count, sample: 500) {
      let deflater = Holder(try Deflater(.gzip))
      var output: [UInt8] = []
      return { count in
        for _ in 0..<count {
          output.removeAll(keepingCapacity: true)
          deflater.value.deflate(small.span.bytes, flush: .sync, appendingTo: &output)
        }
      }
    }
  }

  private static var inflate: Subject {
    Subject("compression/gunzip-96k", bytes: large.count, sample: 10) {
      var deflater = try Deflater(.gzip)
      var compressed: [UInt8] = []
      deflater.deflate(large.span.bytes, flush: .finish, appendingTo: &compressed)
      let input = compressed
      let inflater = Holder(try Inflater(.gzip))
      var output: [UInt8] = []
      output.reserveCapacity(2 * large.count)
      return { count in
        for _ in 0..<count {
          output.removeAll(keepingCapacity: true)
          inflater.value.reset()
          try inflater.value.inflate(input.span.bytes, appendingTo: &output)
        }
      }
    }
  }
}
