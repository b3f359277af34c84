import Testing

@testable import HTTP2

struct SendWindowTests {
  @Test
  func mayGrowToTheMaximumAndNotBeyond() {
    var window = SendWindow(65_535)
    #expect(window.change(by: SendWindow.maximum - 65_535) == true)
    #expect(window.change(by: 1) == false)
    #expect(window.available == SendWindow.maximum)
  }

  @Test
  func mayBecomeNegativeByALowerInitialSize() {
    var window = SendWindow(100)
    window.sent(60)
    #expect(window.change(by: -100) == true)
    #expect(window.available == -60)
    #expect(window.change(by: SendWindow.maximum) == true)
    #expect(window.available == SendWindow.maximum - 60)
  }
}
