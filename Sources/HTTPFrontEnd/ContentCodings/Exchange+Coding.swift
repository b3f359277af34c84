import Compression
import ErrorBody
import GRPCUpstream
import HTTPNegotiation
import NIOCore

/// Compressed bodies, both ways.
extension Exchange {
  // MARK: The answer

  /// Notes what the caller takes, and refuses one that takes nothing that can be had.
  func negotiateCoding() throws(Refusal) {
    accepted = worker.compression.accepted(by: facts.acceptEncoding)
    guard form == .events && isStreaming ? accepted.identity : accepted.best != nil else {
      throw Refusal(.codingNotAcceptable)
    }
  }

  /// Chooses the coding of a stream when its head is due.
  func beginStreamCoding() {
    guard form != .events else { return }
    let contentType = form == .raw ? rawContentType ?? "application/octet-stream" : nil
    deflater = worker.compression.beginStream(accepted, contentType: contentType)
    answerCoding = deflater?.coding ?? .identity
  }

  func releaseDeflater() {
    guard let deflater else { return }
    self.deflater = nil
    worker.compression.endStream(deflater)
  }

  // MARK: The request

  /// Inflates as much as the upstream takes and a turn of the event loop allows.
  func inflate() {
    guard inflation != nil, !isInflating else { return }
    isInflating = true
    let isOver = inflateOneTurn()
    isInflating = false
    if isOver {
      inflation = nil
      uploadEnded()
    } else if !machine.isFinished {
      connection.setReading(mayInflate && inflation?.isDrained ?? true)
    }
  }

  /// - Returns: whether the request has ended and all of it is inflated.
  private func inflateOneTurn() -> Bool {
    var produced = 0
    do throws(CompressionFault) {
      while !machine.isFinished, mayInflate {
        guard produced < InflatingBody.maximumTurn else {
          inflateLater()
          return false
        }
        guard let piece = try inflation?.next() else { break }
        produced += piece.readableBytes
        if piece.readableBytes > 0 { uploadReceived(piece) }
      }
      guard !machine.isFinished, inflation?.isDrained ?? true, inflation?.hasEnded ?? true else { return false }
      lastUploadProgress = .now()
      try inflation?.finish()
      return true
    } catch {
      fail(GatewayError(error, coding: inflation?.coding ?? .identity))
      return false
    }
  }

  private func inflateLater() {
    guard !isInflationScheduled else { return }
    isInflationScheduled = true
    worker.eventLoop.assumeIsolated().execute { [self] in
      isInflationScheduled = false
      lastUploadProgress = .now()
      if !isDetached { inflate() }
    }
  }

  /// A stream is inflated no faster than its call takes it; a whole message is bounded by its limit.
  private var mayInflate: Bool { !upload.isStream || call?.isWritable ?? true }
}
