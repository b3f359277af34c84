import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What becomes of the records: text in the end.
protocol RecordRenderer: Sendable {
  mutating func render(_ record: TapRecord, into text: inout [UInt8])
}

/// Carries records from the event loops to the thread that puts them into words and writes them.
///
/// Offering never waits. The queue is bounded in octets: what comes past the bound is dropped and counted, and the count
/// is told in its place as soon as there is room again. So a terminal that is slow, or a pipe that nobody reads, stops
/// that one thread and nothing else.
///
/// `@unchecked Sendable`: what is mutable is guarded by the lock, or belongs to the writing thread.
final class DumpQueue: @unchecked Sendable {
  private let maximumBytes: Int
  private let descriptor: CInt
  /// true: there is something to write, or nothing more will come.
  private let lock = ConditionLock(value: false)
  private let written = ConditionLock(value: false)
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private var records = CircularBuffer<TapRecord>()
  /// Of the records that wait, and of those that are being written.
  private var queuedBytes = 0
  private var droppedRecords = 0
  private var droppedOctets = 0
  private var totalDropped = 0
  private var isOver = false
  /// Nobody can read any more, as at the end of a pipe.
  private var isBroken = false
  private var renderer: any RecordRenderer

  init(maximumBytes: Int, renderer: any RecordRenderer, descriptor: CInt) {
    self.maximumBytes = maximumBytes
    self.renderer = renderer
    self.descriptor = descriptor
    thread.start()
    thread.submit { [self] _ in write() }
  }

  /// Seven eighths are full: no more frames, so that there is room for what is told of calls and connections.
  var isCongested: Bool {
    lock.lock()
    defer { lock.unlock() }
    return isBroken || queuedBytes >= maximumBytes / 8 * 7
  }

  /// Frames that were dropped since the start.
  var dropped: Int {
    lock.lock()
    defer { lock.unlock() }
    return totalDropped
  }

  func offer(_ record: TapRecord) {
    lock.lock()
    guard !isOver else { return lock.unlock() }
    let hadWork = !records.isEmpty
    if case .dropped(let count, let octets) = record.content {
      drop(count, octets)
      return lock.unlock()
    }
    let cost = record.cost
    guard !isBroken, queuedBytes + cost <= maximumBytes else {
      drop(1, cost)
      return lock.unlock()
    }
    if droppedRecords > 0 {
      var note = record
      note.side = nil
      note.content = .dropped(records: droppedRecords, octets: droppedOctets)
      records.append(note)
      (droppedRecords, droppedOctets) = (0, 0)
    }
    records.append(record)
    queuedBytes += cost
    if hadWork { lock.unlock() } else { lock.unlock(withValue: true) }
  }

  private func drop(_ count: Int, _ octets: Int) {
    droppedRecords += count
    droppedOctets += octets
    totalDropped += count
  }

  /// Takes nothing more, and waits so long at most for what is there to be written.
  func finish(within seconds: Double) {
    lock.lock()
    isOver = true
    lock.unlock(withValue: true)
    if written.lock(whenValue: true, timeoutSeconds: seconds) { written.unlock() }
  }

  // MARK: The writing thread

  /// Octets that are put into words at a time, so that what waits is counted until it has left.
  private static let batchBytes = 64 << 10

  private func write() {
    var text: [UInt8] = []
    while true {
      lock.lock(whenValue: true)
      var cost = 0
      var batch: [TapRecord] = []
      while cost < Self.batchBytes, let record = records.popFirst() {
        cost += record.cost
        batch.append(record)
      }
      var isLast = records.isEmpty && isOver
      let losses = isLast ? droppedRecords : 0
      lock.unlock(withValue: !records.isEmpty || isOver)
      text.removeAll(keepingCapacity: true)
      for record in batch { renderer.render(record, into: &text) }
      if losses > 0, let last = batch.last {
        var note = last
        note.side = nil
        note.content = .dropped(records: losses, octets: droppedOctets)
        renderer.render(note, into: &text)
      }
      let couldWrite = put(text)
      lock.lock()
      queuedBytes -= batch.reduce(0) { if case .dropped = $1.content { $0 } else { $0 + $1.cost } }
      if !couldWrite {
        isBroken = true
        records.removeAll()
        queuedBytes = 0
        isLast = isLast || isOver
      }
      lock.unlock()
      if isLast { break }
    }
    written.lock()
    written.unlock(withValue: true)
    thread.shutdownGracefully { _ in }
  }

  /// - Returns: false when there is nowhere to write to.
  private func put(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // Standard output can be shared with somebody who wants it not to block.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, -1)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}

private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
