import FuzzTargets

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.clientConnection.runOrTrap(UnsafeBufferPointer(start: start, count: count))
}
