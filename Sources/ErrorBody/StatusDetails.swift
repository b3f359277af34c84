/// The parts of a serialized `google.rpc.Status`, each detail still in its wire form.
///
///     message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
///     message Any    { string type_url = 1; bytes value = 2; }
///
/// Read apart from the schema, so that one detail that cannot be decoded does not take the others with it.
struct StatusDetails: Equatable {
  struct Detail: Equatable {
    /// The serialized `google.protobuf.Any`.
    var wire: [UInt8]
    var typeURL: String
    var value: [UInt8]
  }

  var message = ""
  var details: [Detail] = []

  /// Answers `nil` for bytes that are no such message.
  init?(_ bytes: [UInt8]) {
    guard let fields = Self.lengthDelimitedFields(bytes) else { return nil }
    for field in fields {
      switch field.number {
      case 2: message = String(decoding: field.content, as: UTF8.self)
      case 3:
        guard let detail = Self.detail(field.content) else { return nil }
        details.append(detail)
      default: continue
      }
    }
  }

  private static func detail(_ content: ArraySlice<UInt8>) -> Detail? {
    guard let fields = lengthDelimitedFields(content) else { return nil }
    var detail = Detail(wire: Array(content), typeURL: "", value: [])
    for field in fields {
      switch field.number {
      case 1: detail.typeURL = String(decoding: field.content, as: UTF8.self)
      case 2: detail.value = Array(field.content)
      default: continue
      }
    }
    return detail
  }

  private typealias Field = (number: UInt64, content: ArraySlice<UInt8>)

  /// The length-delimited fields in wire order; the others are stepped over. `nil` when the bytes are no message.
  private static func lengthDelimitedFields<Bytes: Collection<UInt8>>(_ bytes: Bytes) -> [Field]?
  where Bytes.SubSequence == ArraySlice<UInt8> {
    var rest = bytes[...]
    var fields: [Field] = []
    while !rest.isEmpty {
      guard let tag = varint(&rest), tag >> 3 != 0 else { return nil }
      let skipped: Int
      switch tag & 7 {
      case 0:
        guard varint(&rest) != nil else { return nil }
        continue
      case 1: skipped = 8
      case 5: skipped = 4
      case 2:
        guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
        fields.append((tag >> 3, rest.prefix(Int(length))))
        skipped = Int(length)
      default:
        return nil
      }
      guard rest.count >= skipped else { return nil }
      rest = rest.dropFirst(skipped)
    }
    return fields
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
