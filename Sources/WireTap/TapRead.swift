import NIOCore

/// One read of a connection, for the records that come of it.
struct TapRead {
  var connection: TapConnection
  var side: TapSide?
  var time: NIODeadline
  var number: Int

  func record(_ content: TapRecord.Content) -> TapRecord {
    TapRecord(connection: connection, side: side, time: time, read: number, content: content)
  }

  /// A call is nobody's read.
  func summary(_ summary: CallSummary) -> TapRecord {
    TapRecord(connection: connection, side: nil, time: time, read: number, content: .call(summary))
  }
}
