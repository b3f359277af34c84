/// Orders as JSON text and as protobuf wire bytes.
///
/// Both are written out by hand here, so that the reader's subjects do not depend on the writer under test or the
/// other way round.
struct OrderSamples {
  var items: [String]
  var description: String
  var addresses: [(text: String, isWork: Bool)]

  /// 212 bytes of JSON, what an order usually is.
  static let small = OrderSamples(
    items: ["iPhone XS", "Mac Book Pro"], description: "A with B",
    addresses: [("Mike, Shanghai", true)])

  /// 96 KB of JSON: 3000 items, a quarter of them not ASCII, and 1000 addresses.
  static let large = OrderSamples(
    items: (0..<3000).map { $0 % 4 == 0 ? "samung é \($0)" : "Oppo \($0)" }, description: "A with B",
    addresses: (0..<1000).map { ("\($0) Mike Street, Shanghai", $0 % 2 == 1) })

  /// With this many addresses and as many items: for how cost grows.
  static func sized(_ count: Int) -> OrderSamples {
    OrderSamples(
      items: (0..<count).map { "Oppo \(1000 + $0)" }, description: "A with B",
      addresses: (0..<count).map { ("\(1000 + $0) Mike Street, Shanghai", $0 % 2 == 1) })
  }

  var json: [UInt8] {
    let items = items.map { "\"\($0)\"" }.joined(separator: ",")
    let addresses = addresses.map { "{\"address\":\"\($0.text)\",\"type\":\"\($0.isWork ? "WORK" : "HOME")\"}" }
    let text = """
      {"id":"101","items":[\(items)],"description":"\(description)","price":2300.5,"destination":"San Jose, CA",\
      "addresses":[\(addresses.joined(separator: ","))],"lastUpdated":"2023-11-14T22:13:21Z"}
      """
    return Array(text.utf8)
  }

  var wire: [UInt8] {
    var order: [UInt8] = []
    Self.append(1, Array("101".utf8), to: &order)
    for item in items { Self.append(2, Array(item.utf8), to: &order) }
    Self.append(3, Array(description.utf8), to: &order)
    order.append(4 << 3 | 5)
    withUnsafeBytes(of: Float(2300.5).bitPattern.littleEndian) { order.append(contentsOf: $0) }
    Self.append(5, Array("San Jose, CA".utf8), to: &order)
    for address in addresses {
      var message: [UInt8] = []
      Self.append(1, Array(address.text.utf8), to: &message)
      if address.isWork { message += [2 << 3, 1] }
      Self.append(6, message, to: &order)
    }
    var timestamp: [UInt8] = [1 << 3]
    Self.appendVarint(1_700_000_001, to: &timestamp)
    Self.append(7, timestamp, to: &order)
    return order
  }

  private static func append(_ field: UInt64, _ value: [UInt8], to message: inout [UInt8]) {
    appendVarint(field << 3 | 2, to: &message)
    appendVarint(UInt64(value.count), to: &message)
    message += value
  }

  private static func appendVarint(_ value: UInt64, to message: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      message.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    message.append(UInt8(rest))
  }
}
