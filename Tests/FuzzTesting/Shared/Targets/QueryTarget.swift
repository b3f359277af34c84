import HTTPRule

/// The input is a query.
///
/// Its parameters come in order, do not overlap and lie within it. Decoding never lengthens, and where it
/// says that nothing would change, nothing does.
enum QueryTarget {
  static func run(_ bytes: [UInt8]) throws {
    var parser = QueryParser()
    var position = 0
    while let parameter = parser.next(in: bytes.span.bytes) {
      try require(
        parameter.name.lowerBound >= position && parameter.value.lowerBound >= parameter.name.upperBound
          && parameter.value.upperBound <= bytes.count, "\(parameter) after \(position)")
      position = parameter.value.upperBound
      for range in [parameter.name, parameter.value] { try decode(Array(bytes[range])) }
    }
    try decode(bytes)
  }

  private static func decode(_ bytes: [UInt8]) throws {
    for mode in [PercentDecoding.everything, .keepingSlashes, .form] {
      var output: [UInt8] = []
      let isIdentity = mode.isIdentity(on: bytes.span.bytes)
      do {
        try mode.decode(bytes.span.bytes, appendingTo: &output)
        try require(output.count <= bytes.count, "decoding lengthens")
        try require(!isIdentity || output == bytes, "\(mode) is not the identity")
      } catch let error as PercentDecodingError {
        try require(!isIdentity && bytes.indices.contains(error.offset), "\(error) at \(error.offset)")
      }
    }
  }
}
