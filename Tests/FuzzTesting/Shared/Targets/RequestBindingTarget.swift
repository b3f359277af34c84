import HTTPRule
import ProtobufJSON
import ProtobufSchema
import Transcoding

/// The input is a request: a method (up to the first space) and a target (up to the first line feed), then a body.
///
/// What its route binds is a message that can be printed; what is refused leaves nothing behind and has a reason.
enum RequestBindingTarget {
  static func run(_ bytes: [UInt8]) throws {
    let lines = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    let head = lines[0].split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
    let target = (head.count > 1 ? head[1] : []).split(
      separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    let path = Array(target.first ?? [])
    let query = target.count > 1 ? Array(target[1]) : []
    let method = String(decoding: head[0], as: UTF8.self)
    guard
      case .matched(let binding, let variables) = FuzzService.bindings.table.match(
        method: method, path: path.span.bytes)
    else { return }

    var wire = OutputBuffer()
    let bound: RequestBinding
    do {
      bound = try binding.bindRequest(
        path: path.span.bytes, variables: variables, query: query.span.bytes, into: &wire)
    } catch {
      try require(wire.count == 0, "bytes were written in spite of \(error)")
      return try check(error)
    }
    let boundCount = wire.count
    if !binding.requestBodyIsRaw {
      do {
        try binding.encodeBody((lines.count > 1 ? Array(lines[1]) : []).span.bytes, after: bound, into: &wire)
      } catch {
        try require(wire.count == boundCount, "bytes were written in spite of \(error)")
        try check(error)
      }
    }
    var json = OutputBuffer()
    let message = wire.withUnsafeBytes { Array($0) }
    do {
      try MessageDecoder(schema: FuzzSchema.schema).decode(message.span.bytes, as: binding.method.input, into: &json)
    } catch {
      throw FuzzFinding(description: "\(message) cannot be printed: \(error)")
    }
  }

  private static func check(_ fault: RequestFault) throws {
    try require(!fault.message.isEmpty && !fault.violations.isEmpty, "refused without a reason")
  }
}
