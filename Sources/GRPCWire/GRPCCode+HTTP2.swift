extension GRPCCode {
  /// What the error code of a RST_STREAM means for the call.
  ///
  /// The table "Errors" of gRPC's `PROTOCOL-HTTP2.md`, as a gRPC client reads it. STREAM_CLOSED has no
  /// mapping there ("there is no open stream to propagate to") and HTTP_1_1_REQUIRED no row; both are faults
  /// of the other side's making and INTERNAL, as in grpc-go. A code that HTTP/2 does not define is UNKNOWN.
  public init(http2ErrorCode code: UInt32) {
    switch code {
    case 0x0,  // NO_ERROR: an end without trailers is an early one
      0x1,  // PROTOCOL_ERROR
      0x2,  // INTERNAL_ERROR
      0x3,  // FLOW_CONTROL_ERROR
      0x4,  // SETTINGS_TIMEOUT
      0x5,  // STREAM_CLOSED
      0x6,  // FRAME_SIZE_ERROR
      0x9,  // COMPRESSION_ERROR
      0xA,  // CONNECT_ERROR
      0xD:  // HTTP_1_1_REQUIRED
      self = .internal
    case 0x7:  // REFUSED_STREAM: certainly not processed
      self = .unavailable
    case 0x8:  // CANCEL
      self = .cancelled
    case 0xB:  // ENHANCE_YOUR_CALM
      self = .resourceExhausted
    case 0xC:  // INADEQUATE_SECURITY
      self = .permissionDenied
    default:
      self = .unknown
    }
  }
}
