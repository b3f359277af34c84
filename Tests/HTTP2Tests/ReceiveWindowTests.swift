import Testing

@testable import HTTP2

struct ReceiveWindowTests {
  @Test
  func takesWhatItAnnouncedAndNotAByteMore() {
    var window = ReceiveWindow(size: 100)
    #expect(window.received(100) == true)
    #expect(window.received(1) == false)
  }

  @Test
  func announcesAtHalfTheWindow() {
    var window = ReceiveWindow(size: 100)
    #expect(window.received(80) == true)
    #expect(window.givenBack(49) == nil)
    #expect(window.givenBack(1) == 50)
    #expect(window.available == 70)
    #expect(window.unannounced == 0)
  }

  @Test
  func neverOpensBeyondItsSize() {
    var window = ReceiveWindow(size: 100)
    #expect(window.received(60) == true)
    #expect(window.givenBack(1_000_000) == 60)
    #expect(window.available == 100)
    #expect(window.givenBack(1_000_000) == nil)
    #expect(window.givenBack(-5) == nil)
  }
}
