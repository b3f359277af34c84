import NIOCore

/// Runs tasks on an event loop.
///
/// The calls of the server prefer it: a handler then wakes up on the thread that read its request and
/// will write its answer, where Swift's global executor would cost two more thread switches for
/// each message that is waited for.
final class EventLoopTaskExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute {
      job.runSynchronously(on: self.asUnownedTaskExecutor())
    }
  }
}
