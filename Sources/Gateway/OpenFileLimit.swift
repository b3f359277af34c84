#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many files this process may open, and how many connections that leaves.
enum OpenFileLimit {
  /// 256: the connections upstream, listeners, logs and whatever a library opens.
  static let reserve = 256

  /// The connections that may be open at once: what was asked for, as far as the files reach.
  static func connections(asked: Int, files: Int) -> Int {
    max(1, min(asked, files - reserve))
  }

  /// Raises the soft limit as far as `connections` need it and the hard limit allows it.
  ///
  /// - Returns: the limit that holds now.
  static func raise(for connections: Int) -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let files = RLIMIT_NOFILE
    #endif
    guard getrlimit(files, &limit) == 0 else { return 1024 }
    let needed = rlim_t(connections + reserve)
    if limit.rlim_cur < needed, limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = min(needed, limit.rlim_max)
      if setrlimit(files, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }
}
