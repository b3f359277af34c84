import Testing

@testable import Gateway

@Suite struct ProgramPagesTests {
  private static let program = """
    55d1c0000000-55d1c2b3a000 r--p 00000000 fe:00 1234                       /usr/local/bin/gateway
    55d1c2b3a000-55d1c4b5c000 r-xp 02b39000 fe:00 1234                       /usr/local/bin/gateway
    """

  @Test func codeAndWhatIsBeforeItAreFound() {
    #expect(
      ProgramPages.readOnlyMappings(in: Self.program) == [
        0x55d1_c000_0000..<0x55d1_c2b3_a000, 0x55d1_c2b3_a000..<0x55d1_c4b5_c000,
      ])
  }

  /// Relocated by the dynamic linker and protected afterwards: dropped, the relocations would be lost.
  @Test func whatFollowsTheCodeIsLeftAlone() {
    let relocated = "\n55d1c4b5c000-55d1c4cb5000 r--p 04b5a000 fe:00 1234    /usr/local/bin/gateway\n"
    #expect(ProgramPages.readOnlyMappings(in: Self.program + relocated).count == 2)
  }

  @Test(arguments: [
    "", "nonsense", "55d1c0000000 r--p 00000000 fe:00 1234 /a", "1-2 r--p 0 fe:00 1 /a",
    // Writable before the code, or another file's code first.
    "1000-2000 rw-p 0 fe:00 1 /a\n2000-3000 r-xp 0 fe:00 1 /a",
    "1000-2000 r--p 0 fe:00 1 /a\n2000-3000 r-xp 0 fe:00 1 /b",
    "1000-2000 r-xp 0 00:00 0 [vdso]",
  ])
  func whatIsNotSoIsLeftAlone(text: String) {
    #expect(ProgramPages.readOnlyMappings(in: text) == [])
  }

  @Test func theProgramGoesOn() {
    #if os(Linux)
      #expect(ProgramPages.release() > 1 << 20)
      #expect(ProgramPages.release() > 1 << 20)
    #endif
    #expect("\(1...3)".count == 5)
  }
}
