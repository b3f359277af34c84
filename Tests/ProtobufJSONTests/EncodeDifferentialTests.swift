import Foundation
import ProtobufJSON
import ProtobufSchema
import SwiftProtobuf
import Testing

/// Random messages against SwiftProtobuf: it prints them, we encode what it printed, it parses what we encoded.
@Suite struct EncodeDifferentialTests {
  typealias Everything = Decode_Values_Everything

  @Test(arguments: 50..<54)
  func whatItPrintsWeEncode(seed: UInt64) throws {
    var messages = RandomMessages(seed: seed)
    for _ in 0..<400 {
      let message = messages.everything(depth: 2)
      let json = try message.jsonString()
      try expectSame(json, try Everything(jsonString: json))
      try expectSame(spaced(json), try Everything(jsonString: json))
    }
  }

  @Test(arguments: 60..<62)
  func otherSpellingsMeanTheSame(seed: UInt64) throws {
    var messages = RandomMessages(seed: seed)
    var options = JSONEncodingOptions()
    options.preserveProtoFieldNames = true
    options.alwaysPrintEnumsAsInts = true
    options.alwaysPrintInt64sAsNumbers = true
    for _ in 0..<200 {
      let message = messages.everything(depth: 2)
      let json = try message.jsonString(options: options)
      try expectSame(json, try Everything(jsonString: json))
    }
  }

  /// Damaged texts: nothing traps, and where both of us read them, we read the same. SwiftProtobuf is more lenient in
  /// places, so what only it reads says nothing; what only we read would.
  @Test(arguments: 70..<74)
  func damageIsReadTheSameWay(seed: UInt64) throws {
    var messages = RandomMessages(seed: seed)
    var compared = 0
    // Without it maps come in another order in each process, and a seed would not name one text.
    var options = JSONEncodingOptions()
    options.useDeterministicOrdering = true
    let alphabet = Array("{}[]\",:\\u019eE+-.truefalsn \t\n\u{1}\u{7f}".utf8) + [0x80, 0xC0, 0xE2, 0xFF]
    for _ in 0..<3000 {
      var json = Array(try messages.everything(depth: 1).jsonUTF8Bytes(options: options) as [UInt8])
      for _ in 0..<Int.random(in: 1...2, using: &messages.random) {
        let place = Int.random(in: json.indices, using: &messages.random)
        switch Int.random(in: 0..<3, using: &messages.random) {
        case 0: json[place] = alphabet.randomElement(using: &messages.random) ?? 0
        case 1: json.insert(alphabet.randomElement(using: &messages.random) ?? 0, at: place)
        default: json.remove(at: place)
        }
        if json.isEmpty { json = [0x20] }
      }
      guard let ours = try? wire(json, as: "Everything") else { continue }
      let text = try #require(String(validating: json, as: UTF8.self), "we take nothing but UTF-8")
      #expect((try? JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)) != nil, "\(text)")
      guard let theirs = try? Everything(jsonUTF8Data: Data(json)) else { continue }
      // SwiftProtobuf reads an integer with an exponent as a double, and rounds where we are exact.
      if text.contains(/[0-9]{16}[0-9.]*[eE]/) { continue }
      compared += 1
      #expect(try same(try Everything(serializedBytes: ours), theirs), "\(text)")
    }
    #expect(compared > 100)
  }

  private func expectSame(_ json: String, _ expected: Everything) throws {
    let ours = try wire(json, as: "Everything")
    let read = try Everything(serializedBytes: ours)
    if try !same(read, expected) { Issue.record("\(json)\nwe: \(Wire(ours).testDescription)") }
  }

  /// Equal, or equal as bytes: NaN is not equal to itself.
  private func same(_ a: Everything, _ b: Everything) throws -> Bool {
    if a == b { return true }
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    let first: [UInt8] = try a.serializedBytes(options: options)
    return first == (try b.serializedBytes(options: options) as [UInt8])
  }

  /// White space wherever it may stand.
  private func spaced(_ json: String) -> String {
    var result: [UInt8] = []
    var isString = false
    var isEscape = false
    for byte in json.utf8 {
      if isString {
        result.append(byte)
        if isEscape {
          isEscape = false
        } else if byte == UInt8(ascii: "\\") {
          isEscape = true
        } else if byte == UInt8(ascii: "\"") {
          isString = false
        }
        continue
      }
      isString = byte == UInt8(ascii: "\"")
      if "{}[],:".utf8.contains(byte) {
        result += Array("\n  \t          ".utf8) + [byte] + Array("\r\n ".utf8)
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
