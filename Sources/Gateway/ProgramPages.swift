#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Gives back the memory of the program file that only the start needed.
///
/// Code and constants are mapped, in windows of 64 KB, as they are touched, and stay resident: reading settings, schemas
/// and rules touches three times what serving does. After the start all of it is given back; what a request needs comes
/// again from the page cache, within a millisecond in all.
public enum ProgramPages {
  /// - Returns: how many bytes of address space were given back; 0 where the system does not tell what is mapped.
  @discardableResult
  public static func release() -> Int {
    #if os(Linux)
      let released = readOnlyMappings(in: readMappings()).filter { range in
        // A private mapping of a file that nobody has written to: its pages are those of the file.
        madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, Int32(MADV_DONTNEED)) == 0
      }
      return released.reduce(0) { $0 + $1.count }
    #else
      return 0
    #endif
  }

  /// The program's mappings from its first to its code (proc_pid_maps(5)), none of which can be written to.
  ///
  /// What follows the code is left alone even where it cannot be written to any more: it was, by the dynamic linker, and
  /// does not come again from the file.
  static func readOnlyMappings(in text: some StringProtocol) -> [Range<UInt>] {
    var path: Substring?
    var ranges: [Range<UInt>] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      let bounds = fields.first?.split(separator: "-") ?? []
      guard fields.count == 6, bounds.count == 2, let start = UInt(bounds[0], radix: 16),
        let end = UInt(bounds[1], radix: 16), start < end
      else { return [] }
      let file = Substring(fields[5].drop { $0 == " " })
      // The program's own file is the first one that is mapped.
      guard file.hasPrefix("/"), path == nil || path == file else { return [] }
      path = file
      guard fields[1] == "r--p" || fields[1] == "r-xp" else { return [] }
      ranges.append(start..<end)
      if fields[1] == "r-xp" { return ranges }
    }
    return []
  }

  #if os(Linux)
    private static func readMappings() -> String {
      guard let file = fopen("/proc/self/maps", "re") else { return "" }
      defer { fclose(file) }
      var text: [UInt8] = []
      // The program comes first, and what is wanted of it fits.
      withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer in
        let count = fread(buffer.baseAddress, 1, buffer.count, file)
        text.append(contentsOf: buffer.prefix(count))
      }
      return String(decoding: text, as: UTF8.self)
    }
  #endif
}
