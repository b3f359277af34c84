public import ProtobufSchema

/// Prints the fields of a message as lines of text for people, with a schema or without one.
///
///     id: "101"                         with the type: names and exact values
///     addresses {
///       address: "Sam, Beijing"
///       type: WORK
///     }
///     #1: "101"                         without: numbers, and what the wire tells of the values
///     #4: 0x450fc000 (fixed32, as float 2300)
///
/// Without a type, a length-delimited value may be text, a message or bytes, and the wire does not say which. Text
/// without control characters is taken for text first; where the same bytes read as a message too, both are shown:
///
///     #2: "iPhone XS"
///     #2 as a message {
///       #13: 0x53582065 … (fixed64, as double …)
///     }
///
/// A field that is not in the schema, or has another wire type than its own, is printed as without one.
public struct FieldTextPrinter: Sendable {
  private let schema: Schema
  private let options: DecodingOptions

  /// - Parameter maximumOutputBytes: lines past it are left out, and the printer says so.
  public init(schema: Schema, maximumOutputBytes: Int = 4 << 20) {
    self.schema = schema
    self.options = DecodingOptions(showsUnknownTypes: true, maximumOutputBytes: maximumOutputBytes)
  }

  /// Appends the lines of one message to `output`, each with its end.
  ///
  /// - Parameter message: the message's type, of this printer's schema; nil when it is not known.
  /// - Returns: why the lines are not the whole message, if so.
  public func print(_ wire: RawSpan, as message: MessageSchema?, into output: inout OutputBuffer) -> WireFault? {
    var pass = DecodingPass(schema: schema, options: options, output: output)
    let failure = wire.withUnsafeBytes { pass.runText($0, as: message?.layout) }
    let fault = failure.map { WireFault(code: $0, offset: pass.faultOffset, fieldPath: pass.faultPath) }
    output = pass.finish(keep: true)
    return fault
  }
}
