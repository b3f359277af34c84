import Foundation
import Testing

/// Every kept input of every fuzz target, crashers among them, run once more.
struct CorpusReplayTests {
  @Test(arguments: FuzzTarget.allCases)
  func whatMustHoldDoes(target: FuzzTarget) throws {
    let corpus = try #require(Bundle.module.resourceURL).appending(path: "Corpus/\(target)")
    let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: file))
      #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.run(bytes) }
      // The start of it too, however short, since most faults are at an end that comes too early.
      for count in 0..<min(bytes.count, 64) {
        #expect(throws: Never.self, "\(file.lastPathComponent), \(count) bytes") {
          try target.run(Array(bytes.prefix(count)))
        }
      }
    }
  }
}
