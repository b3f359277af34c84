public import NIOCore

/// Announces a side's settings, or acknowledges the other side's (RFC 9113 section 6.5).
public struct SettingsFrame: Sendable, Equatable {
  /// Identifier (16), Value (32).
  public struct Parameter: Sendable, Equatable {
    static let byteCount = 6

    public var id: SettingID
    public var value: UInt32

    public init(_ id: SettingID, _ value: UInt32) {
      self.id = id
      self.value = value
    }
  }

  /// Empty in an acknowledgement.
  public var parameters: [Parameter]
  public var isAcknowledgement: Bool

  public static let acknowledgement = SettingsFrame(parameters: [], isAcknowledgement: true)

  public init(_ parameters: [Parameter]) {
    self.init(parameters: parameters, isAcknowledgement: false)
  }

  init(parameters: [Parameter], isAcknowledgement: Bool) {
    self.parameters = parameters
    self.isAcknowledgement = isAcknowledgement
  }

  init(_ header: FrameHeader, payload: inout ByteBuffer) {
    var parameters: [Parameter] = []
    parameters.reserveCapacity(payload.readableBytes / Parameter.byteCount)
    while let (id, value) = payload.readMultipleIntegers(as: (UInt16, UInt32).self) {
      parameters.append(Parameter(SettingID(rawValue: id), value))
    }
    self.init(parameters: parameters, isAcknowledgement: header.flags.contains(.acknowledgement))
  }

  public func write(into buffer: inout ByteBuffer) {
    FrameHeader(
      length: parameters.count * Parameter.byteCount, type: .settings,
      flags: isAcknowledgement ? .acknowledgement : [], streamID: .connection
    ).write(into: &buffer)
    for parameter in parameters { buffer.writeMultipleIntegers(parameter.id.rawValue, parameter.value) }
  }
}
