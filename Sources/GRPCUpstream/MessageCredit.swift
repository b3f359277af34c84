/// Decides how many of a stream's received bytes may be given back to its window.
///
/// Bytes are given back when the caller has taken the messages they made up, so a stalled caller closes the window.
/// Two kinds of bytes no caller can take: those of prefixes, and those of a message that is not complete. The latter
/// are given back on receipt while the caller holds nothing, since a message may be longer than the window; when it
/// does hold something, they wait with it. So a stream never keeps more than one message and a window of bytes.
struct MessageCredit: Equatable {
  /// Bytes received and not yet given back.
  private(set) var outstanding = 0
  /// Bytes, inflated, of messages the caller has and has not taken.
  private var heldBytes = 0
  private var heldMessages = 0

  static let prefixBytes = 5

  /// What the caller holds, with 5 bytes for each message's prefix, so that empty ones count too.
  var held: Int { heldBytes + heldMessages * Self.prefixBytes }

  mutating func received(_ count: Int) {
    outstanding += count
  }

  mutating func delivered(_ messageBytes: Int) {
    heldBytes += messageBytes
    heldMessages += 1
  }

  /// The caller has taken messages. Whoever has taken all bytes has taken all messages, and one that gives back more
  /// than it got gains nothing by it.
  mutating func consumed(_ bytes: Int, messages: Int) {
    heldBytes -= min(max(bytes, 0), heldBytes)
    heldMessages = heldBytes == 0 ? 0 : heldMessages - min(max(messages, 0), heldMessages)
  }

  /// Takes what may be given back now.
  ///
  /// - Parameter undelivered: bytes received that are not part of a delivered message yet.
  mutating func take(undelivered: Int) -> Int {
    let kept = held > 0 ? held + undelivered : 0
    let free = max(outstanding - kept, 0)
    outstanding -= free
    return free
  }
}
