/// Works out where a fault stands: its line, its column, and the path of keys and indices that leads there.
///
/// Only called when there is a fault. Everything in front of it has been read and found right, so the text is walked
/// once more without checks, instead of keeping book while reading.
struct FaultLocator {
  private(set) var line = 1
  private(set) var column = 1
  private(set) var path = ""

  init(_ start: UnsafePointer<UInt8>, offset: Int) {
    let end = start + offset
    locate(start, end)
    walk(start, end)
  }

  private mutating func locate(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
    var p = start
    while p < end {
      if p.pointee == 0x0A {
        line += 1
        column = 1
      } else if p.pointee & 0xC0 != 0x80 {
        column += 1
      }
      p += 1
    }
  }

  private mutating func walk(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
    // An object is open with its key once the colon has come.
    typealias Key = (start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>)
    var steps: [(isArray: Bool, index: Int, key: Key?)] = []
    var lastString: Key?
    var p = start
    while p < end {
      switch p.pointee {
      case UInt8(ascii: "{"): steps.append((isArray: false, index: 0, key: nil))
      case UInt8(ascii: "["): steps.append((isArray: true, index: 0, key: nil))
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = steps.popLast()
      case UInt8(ascii: ":"):
        if !steps.isEmpty { steps[steps.count - 1].key = lastString }
      case UInt8(ascii: ","):
        if !steps.isEmpty {
          steps[steps.count - 1].index += 1
          steps[steps.count - 1].key = nil
        }
      case UInt8(ascii: "\""):
        let text = p + 1
        p += 1
        while p < end, p.pointee != UInt8(ascii: "\"") {
          p += p.pointee == UInt8(ascii: "\\") ? 2 : 1
        }
        // The fault is within the string.
        if p >= end { break }
        lastString = (text, p)
      default: break
      }
      p += 1
    }
    for step in steps {
      if step.isArray {
        path += "[\(step.index)]"
      } else if let key = step.key {
        path += FaultText.pathStep(Self.shown(key.start, key.end))
      }
    }
    if path.first == "." { path.removeFirst() }
  }

  private static func shown(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
    let isLong = end - start > 40
    return FaultText.sanitized(start, isLong ? start + 40 : end) + (isLong ? "…" : "")
  }
}
