import Testing

@testable import HTTP2

struct StreamTableTests {
  @Test
  func behavesLikeADictionary() {
    var random = SeededRandom(seed: 7)
    var table = StreamTable<Int>()
    var model: [StreamID: Int] = [:]
    var next: UInt32 = 1
    for step in 0..<5_000 {
      if model.count < 5 || Int.random(in: 0..<100, using: &random) < (step / 500 % 2 == 0 ? 60 : 40) {
        table.insert(step, for: StreamID(next))
        model[StreamID(next)] = step
        next += 2 * UInt32.random(in: 1...5, using: &random)
      } else {
        let id = model.keys.sorted()[Int.random(in: 0..<model.count, using: &random)]
        #expect(table.remove(id) == model.removeValue(forKey: id))
        #expect(table.remove(id) == nil)
      }
      #expect(table.count == model.count)
      if step % 500 == 0 {
        #expect(table.ids == model.keys.sorted())
        let isSame = model.allSatisfy { table[$0.key] == $0.value }
        #expect(isSame)
      }
    }
    #expect(table[.connection] == nil)
  }
}
