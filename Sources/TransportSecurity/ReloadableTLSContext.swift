public import NIOSSL
internal import Synchronization

/// Keeps the TLS context that new connections begin with, and swaps it whole.
///
/// A connection keeps the context it began with: one that is still shaking hands ends with the old certificate.
public final class ReloadableTLSContext: Sendable {
  /// A context that is made and not used yet.
  public struct Prepared: Sendable {
    fileprivate let owner: ReloadableTLSContext
    fileprivate let context: NIOSSLContext

    /// Uses it from now on.
    public func commit() { owner.context.withLock { $0 = context } }
  }

  private let make: @Sendable () throws(TransportSecurityFault) -> NIOSSLContext
  private let context = Mutex<NIOSSLContext?>(nil)

  /// - Parameter make: reads the files; called anew for each reload. It blocks.
  public init(_ make: @escaping @Sendable () throws(TransportSecurityFault) -> NIOSSLContext) {
    self.make = make
  }

  /// The context of now; made by the first who asks.
  public func current() throws(TransportSecurityFault) -> NIOSSLContext {
    if let context = context.withLock({ $0 }) { return context }
    let prepared = try prepare()
    prepared.commit()
    return prepared.context
  }

  /// Reads the files anew; nothing has changed until the result is committed.
  public func prepare() throws(TransportSecurityFault) -> Prepared {
    Prepared(owner: self, context: try make())
  }
}
