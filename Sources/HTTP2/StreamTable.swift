/// Finds what belongs to a stream by the stream's number: an open-addressed table with linear probing.
///
/// A client's stream numbers are consecutive odd ones, so half the number is its own hash and neighbours in time lie
/// side by side. The numbers are chosen by this side alone; a peer cannot make them collide. The table never shrinks:
/// it holds as many places as streams were open at a time, rounded up.
public struct StreamTable<Value: ~Copyable>: ~Copyable {
  /// 0, the connection, marks a free place.
  @usableFromInline var keys: UnsafeMutablePointer<UInt32>
  @usableFromInline var values: UnsafeMutablePointer<Value>
  @usableFromInline var mask: Int
  public private(set) var count = 0

  public init() {
    keys = .allocate(capacity: 16)
    keys.initialize(repeating: 0, count: 16)
    values = .allocate(capacity: 16)
    mask = 15
  }

  deinit {
    for place in 0...mask where keys[place] != 0 { (values + place).deinitialize(count: 1) }
    keys.deallocate()
    values.deallocate()
  }

  public var isEmpty: Bool { count == 0 }

  /// The streams in the table, from the oldest on.
  public var ids: [StreamID] {
    (0...mask).compactMap { keys[$0] == 0 ? nil : StreamID(keys[$0]) }.sorted()
  }

  /// Where the stream's value lies; good until the next `insert` or `remove`.
  @inlinable
  func pointer(for id: StreamID) -> UnsafeMutablePointer<Value>? {
    place(of: id).map { values + $0 }
  }

  @inlinable
  public func contains(_ id: StreamID) -> Bool { place(of: id) != nil }

  /// Puts a stream in that is not there yet.
  @inlinable
  public mutating func insert(_ value: consuming Value, for id: StreamID) {
    assert(id != .connection && !contains(id))
    if (countForInlining + 1) * 2 > mask + 1 { grow() }
    var place = home(of: id.rawValue)
    while keys[place] != 0 { place = (place + 1) & mask }
    keys[place] = id.rawValue
    (values + place).initialize(to: value)
    changeCount(by: 1)
  }

  /// Takes a stream out; nil when it is not there.
  @inlinable
  public mutating func remove(_ id: StreamID) -> Value? {
    guard var hole = place(of: id) else { return nil }
    let value = (values + hole).move()
    // Closes the gap: what lies behind moves up unless that would put it in front of its home.
    var place = (hole + 1) & mask
    while keys[place] != 0 {
      if (place - home(of: keys[place])) & mask >= (place - hole) & mask {
        keys[hole] = keys[place]
        (values + hole).moveInitialize(from: values + place, count: 1)
        hole = place
      }
      place = (place + 1) & mask
    }
    keys[hole] = 0
    changeCount(by: -1)
    return value
  }

  @usableFromInline var countForInlining: Int { count }

  @usableFromInline
  mutating func changeCount(by delta: Int) { count += delta }

  @inlinable
  func home(of key: UInt32) -> Int { Int(key >> 1) & mask }

  @inlinable
  func place(of id: StreamID) -> Int? {
    guard id.rawValue != 0 else { return nil }
    var place = home(of: id.rawValue)
    while keys[place] != id.rawValue {
      guard keys[place] != 0 else { return nil }
      place = (place + 1) & mask
    }
    return place
  }

  @usableFromInline
  mutating func grow() {
    let oldKeys = keys
    let oldValues = values
    let oldCapacity = mask + 1
    let capacity = oldCapacity * 2
    keys = .allocate(capacity: capacity)
    keys.initialize(repeating: 0, count: capacity)
    values = .allocate(capacity: capacity)
    mask = capacity - 1
    for old in 0..<oldCapacity where oldKeys[old] != 0 {
      var place = home(of: oldKeys[old])
      while keys[place] != 0 { place = (place + 1) & mask }
      keys[place] = oldKeys[old]
      (values + place).moveInitialize(from: oldValues + old, count: 1)
    }
    oldKeys.deallocate()
    oldValues.deallocate()
  }
}

extension StreamTable where Value: Copyable {
  /// The stream's value; nil when it is not there.
  @inlinable
  public subscript(id: StreamID) -> Value? { place(of: id).map { values[$0] } }
}
