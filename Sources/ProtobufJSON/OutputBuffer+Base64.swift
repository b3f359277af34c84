extension OutputBuffer {
  /// Appends the bytes in standard base64 with padding (RFC 4648 section 4), in quotes, as ProtoJSON has `bytes`.
  mutating func appendBase64(_ bytes: UnsafePointer<UInt8>, count byteCount: Int) {
    let start = reserve((byteCount &+ 2) / 3 &* 4 &+ 2)
    start.pointee = UInt8(ascii: "\"")
    var target = start + 1
    var source = bytes
    let alphabet = Self.base64Alphabet
    let end = bytes + byteCount
    while end - source >= 3 {
      let group = Int(source[0]) &<< 16 | Int(source[1]) &<< 8 | Int(source[2])
      target[0] = alphabet[group &>> 18]
      target[1] = alphabet[group &>> 12 & 63]
      target[2] = alphabet[group &>> 6 & 63]
      target[3] = alphabet[group & 63]
      source += 3
      target += 4
    }
    let left = end - source
    if left > 0 {
      let group = Int(source[0]) &<< 16 | (left == 2 ? Int(source[1]) &<< 8 : 0)
      target[0] = alphabet[group &>> 18]
      target[1] = alphabet[group &>> 12 & 63]
      target[2] = left == 2 ? alphabet[group &>> 6 & 63] : UInt8(ascii: "=")
      target[3] = UInt8(ascii: "=")
      target += 4
    }
    target.pointee = UInt8(ascii: "\"")
    commit(upTo: target + 1)
  }

  @inline(__always)
  private static var base64Alphabet: UnsafePointer<UInt8> {
    let table: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return table.utf8Start
  }
}

extension OutputBuffer {
  /// Appends the bytes as a JSON string of standard base64, quotes included.
  package mutating func append(base64 bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return append(contentsOf: "\"\"" as StaticString) }
      appendBase64(start, count: buffer.count)
    }
  }
}
