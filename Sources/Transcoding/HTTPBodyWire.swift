public import ProtobufJSON
internal import ProtobufSchema

/// Where the parts of a `google.api.HttpBody` lie in the wire bytes of a response.
///
///     message HttpBody { string content_type = 1; bytes data = 2; repeated google.protobuf.Any extensions = 3; }
public struct RawBody: Sendable, Hashable {
  /// Empty where the message says nothing.
  public var contentType = ""
  /// The range of the data in the wire bytes that were given, for use without a copy; empty where there is none.
  public var data: Range<Int> = 0..<0
}

extension MethodBinding {
  /// Appends one piece of a body that is no JSON as wire bytes of the request message (`requestBodyIsRaw`).
  ///
  /// - Parameter contentType: that of the request, for the first piece; nil for the pieces behind it.
  public func encodeRawBody(contentType: String?, data: RawSpan, into output: inout OutputBuffer) {
    var head: [UInt8] = []
    if let contentType, !contentType.isEmpty {
      head.append(0x0A)
      WireBytes.append(varint: UInt64(contentType.utf8.count), to: &head)
      head.append(contentsOf: contentType.utf8)
    }
    if !data.isEmpty {
      head.append(0x12)
      WireBytes.append(varint: UInt64(data.byteCount), to: &head)
    }
    if case .field(let field) = body {
      WireBytes.begin(field, count: head.count + data.byteCount, in: &output)
      output.append(contentsOf: head.span.bytes)
      output.append(contentsOf: data)
      WireBytes.end(field, in: &output)
    } else {
      output.append(contentsOf: head.span.bytes)
      output.append(contentsOf: data)
    }
  }

  /// Finds the parts of a response that is no JSON (`responseBodyIsRaw`).
  ///
  /// Of parts that occur more than once the last counts. Throws for bytes that are no message.
  public func rawBody(in wire: RawSpan) throws(WireFault) -> RawBody {
    let result = wire.withUnsafeBytes { bytes -> Result<RawBody, WireFault> in
      var body = RawBody()
      do throws(WireFault) {
        if let responseBody {
          var outer = WireFieldReader(bytes, 0..<bytes.count)
          while let field = try outer.next() {
            guard field.number == responseBody.number, let range = field.payload else { continue }
            try Self.read(WireFieldReader(bytes, range), into: &body)
          }
        } else {
          try Self.read(WireFieldReader(bytes, 0..<bytes.count), into: &body)
        }
        return .success(body)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func read(_ reader: WireFieldReader, into body: inout RawBody) throws(WireFault) {
    var reader = reader
    while let field = try reader.next() {
      guard let range = field.payload else { continue }
      switch field.number {
      case 1:
        guard let type = String(validating: reader.bytes[range], as: UTF8.self) else {
          throw WireFault(code: .invalidUTF8, offset: range.lowerBound, fieldPath: "contentType")
        }
        body.contentType = type
      case 2: body.data = range
      default: continue
      }
    }
  }
}

/// Steps over the fields of a message in memory that somebody else sent; every length is checked.
private struct WireFieldReader {
  struct Field {
    let number: Int
    /// The bytes of a length-delimited field, nil for any other wire type.
    let payload: Range<Int>?
  }

  /// How deep groups may be nested; they are only stepped over.
  private static let maximumDepth = 100

  let bytes: UnsafeRawBufferPointer
  private var position: Int
  private let end: Int

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  mutating func next() throws(WireFault) -> Field? {
    var openGroups: [Int] = []
    while position < end {
      let start = position
      let tag = try varint()
      guard tag <= UInt64(UInt32.max), tag >> 3 > 0, let type = WireType(rawValue: UInt8(tag & 7)) else {
        throw fault(.invalidTag, at: start)
      }
      let number = Int(tag >> 3)
      var payload: Range<Int>?
      switch type {
      case .varint: _ = try varint()
      case .fixed64: _ = try take(8)
      case .fixed32: _ = try take(4)
      case .lengthDelimited: payload = try take(varint())
      case .startGroup:
        guard openGroups.count < Self.maximumDepth else { throw fault(.tooDeep, at: start) }
        openGroups.append(number)
      case .endGroup:
        guard openGroups.popLast() == number else { throw fault(.unmatchedGroup, at: start) }
      }
      if openGroups.isEmpty, type != .endGroup { return Field(number: number, payload: payload) }
    }
    guard openGroups.isEmpty else { throw fault(.unmatchedGroup, at: position) }
    return nil
  }

  private mutating func varint() throws(WireFault) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw fault(.truncated, at: start) }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw fault(.varintTooLong, at: start)
  }

  private mutating func take(_ count: UInt64) throws(WireFault) -> Range<Int> {
    guard count <= UInt64(end - position), let count = Int(exactly: count) else {
      throw fault(.truncated, at: position)
    }
    defer { position += count }
    return position..<position + count
  }

  private func fault(_ code: WireFault.Code, at offset: Int) -> WireFault {
    WireFault(code: code, offset: offset, fieldPath: "")
  }
}
