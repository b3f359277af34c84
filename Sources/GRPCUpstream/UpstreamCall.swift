/// One gRPC call on its way; used on its event loop only.
public final class UpstreamCall {
  init() {}

  /// Sends one message, given without prefix. When the windows do not allow it now, it is kept and sent as they open.
  public func send(_ message: RawSpan) {}

  /// Sends the last message and half-closes with it.
  public func sendLast(_ message: RawSpan) {}

  /// Half-closes: no message will follow.
  public func finish() {}

  /// Ends the call without a word to the delegate; the upstream sees RST_STREAM CANCEL.
  public func cancel() {}

  /// Gives back messages the delegate got, so that the upstream may send more.
  ///
  /// - Parameters:
  ///   - bytes: the sum of the messages' lengths, as they were delivered.
  ///   - messages: how many they were; their prefixes count too, so that empty messages are bounded as well.
  public func consumed(_ bytes: Int, messages: Int = 1) {}

  /// False when so much waits for the upstream that the sender should pause until the delegate is told otherwise.
  public var isWritable: Bool { true }
}
