import GRPCWire
import NIOCore
import ProtobufJSON
import ProtobufSchema

/// Inflates and decodes the messages of frames, for those who put them into words.
struct MessageReading: Sendable {
  let schema: SchemaSource
  private let maximumMessageBytes: Int

  init(schema: SchemaSource, maximumMessageBytes: Int) {
    self.schema = schema
    self.maximumMessageBytes = maximumMessageBytes
  }

  /// What is in a message, or why that cannot be shown.
  enum Content {
    case bytes(ByteBuffer)
    case remark(String)
  }

  func content(of tapped: TappedMessage) -> Content {
    guard let bytes = tapped.message.bytes else {
      return .remark("a message of \(tapped.message.length) bytes, not kept")
    }
    guard tapped.message.isCompressed else { return .bytes(bytes) }
    guard let encoding = MessageEncoding(headerValue: tapped.encoding), encoding != .identity else {
      return .remark(
        "a compressed message of \(bytes.readableBytes) bytes; grpc-encoding is \(tapped.encoding ?? "missing")")
    }
    var inflater = MessageInflater()
    do throws(MessageFault) {
      return .bytes(try inflater.inflate(bytes, encoding: encoding, maximumBytes: maximumMessageBytes))
    } catch {
      return .remark("a compressed message of \(bytes.readableBytes) bytes: \(error)")
    }
  }

  /// The type that a call's messages have in one direction.
  func type(path: String?, side: TapSide?, in schema: Schema) -> MessageSchema? {
    guard let path, let side, let method = schema.method(named: path) else { return nil }
    return side == .client ? method.input : method.output
  }

  /// Appends the message's fields as lines.
  func appendFields(of bytes: ByteBuffer, path: String?, side: TapSide?, to text: inout [UInt8]) {
    let schema = schema.current
    var output = OutputBuffer()
    let fault = FieldTextPrinter(schema: schema, maximumOutputBytes: Self.maximumTextBytes).print(
      bytes.readableBytesSpan, as: type(path: path, side: side, in: schema), into: &output)
    let lines = output.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    PrintableText.append(lines, keepingLines: true, to: &text)
    guard let fault else { return }
    if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    text += Array("! \(fault.message) (byte \(fault.offset) of the message)\n".utf8)
  }

  /// The message as ProtoJSON; nil without its type, or when it is not of that type.
  func json(of bytes: ByteBuffer, path: String?, side: TapSide?) -> [UInt8]? {
    let schema = schema.current
    guard let type = type(path: path, side: side, in: schema) else { return nil }
    var output = OutputBuffer()
    let options = DecodingOptions(
      emitDefaults: false, showsUnknownTypes: true, maximumOutputBytes: Self.maximumTextBytes)
    do {
      try MessageDecoder(schema: schema, options: options).decode(bytes.readableBytesSpan, as: type, into: &output)
    } catch {
      return nil
    }
    return output.withUnsafeBytes { Array($0) }
  }

  /// 4 MiB of words for one message; see `TapLimits.maximumMessageBytes`.
  private static let maximumTextBytes = 4 << 20
}
