import HTTPFrontEnd
import NIOCore
import NIOConcurrencyHelpers
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes the access log on a thread of its own: a pipe that nobody reads blocks that thread and no call.
final class AccessLogWriter: Sendable {
  private let pool = NIOThreadPool(numberOfThreads: 1)
  private let descriptor: Int32
  private let attached = NIOLockedValueBox<AccessLog?>(nil)

  private init(descriptor: Int32) {
    self.descriptor = descriptor
    pool.start()
  }

  /// The log that event loops append to, and its writer.
  static func start(format: AccessLogFormat, descriptor: Int32 = 1) -> (log: AccessLog, writer: AccessLogWriter) {
    let writer = AccessLogWriter(descriptor: descriptor)
    let log = AccessLog(format: format) { [weak writer] in writer?.wake() }
    writer.attached.withLockedValue { $0 = log }
    return (log, writer)
  }

  private func wake() {
    pool.submit { [self] state in
      if case .active = state { drain() }
    }
  }

  private func drain() {
    guard let log = attached.withLockedValue({ $0 }) else { return }
    while true {
      let lines = log.take()
      guard !lines.isEmpty else { return }
      write(lines)
    }
  }

  private func write(_ lines: [UInt8]) {
    lines.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = unsafeWrite(UnsafeRawBufferPointer(rebasing: rest))
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if errno != EINTR {
          // Nobody can be told: the log is what is broken.
          return
        }
      }
    }
  }

  private func unsafeWrite(_ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  /// Writes what waits, within a second, and ends the thread.
  func stop() async {
    let last = pool.runIfActive(eventLoop: MultiThreadedEventLoopGroup.singleton.next()) { [self] in drain() }
    try? await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await last.get() }
      group.addTask { try await Task.sleep(for: .seconds(1)) }
      try await group.next()
      group.cancelAll()
    }
    pool.shutdownGracefully { _ in }
  }
}
