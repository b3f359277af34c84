internal import ProtobufSchema

/// Writing the wire: every store is preceded by a `room` that covers it.
extension JSONMessageReader {
  /// Makes sure that `count` more bytes can be stored.
  @inline(__always)
  mutating func room(_ count: Int) {
    if oEnd - o < count { grow(count) }
  }

  @inline(never)
  private mutating func grow(_ count: Int) {
    buffer.pointee.commit(upTo: o)
    o = buffer.pointee.reserve(count)
    oEnd = o + (buffer.pointee.capacity &- buffer.pointee.count)
  }

  /// Hands what was written to the buffer.
  mutating func commit() {
    // A copy of the pointer: through `self`, ThreadSanitizer's build takes the two accesses for overlapping ones.
    let output = buffer
    output.pointee.commit(upTo: o)
    gaps.open(in: &output.pointee)
  }

  /// Bytes written so far, by which places in the output are remembered (the memory may move).
  @inline(__always)
  var position: Int { UnsafePointer(o) - UnsafePointer(buffer.pointee.pointer(at: 0)) }

  /// The field's tag; eight bytes are stored, so `room` must cover eight.
  @inline(__always)
  mutating func tag(_ field: UnsafePointer<FieldLayout>) {
    UnsafeMutableRawPointer(o).storeBytes(of: field.pointee.tagBytes, as: UInt64.self)
    o += Int(field.pointee.tagCount)
  }

  @inline(__always)
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      o.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
      o += 1
      rest >>= 7
    }
    o.pointee = UInt8(truncatingIfNeeded: rest)
    o += 1
  }

  @inline(__always)
  mutating func fixed32(_ value: UInt32) {
    UnsafeMutableRawPointer(o).storeBytes(of: value.littleEndian, as: UInt32.self)
    o += 4
  }

  @inline(__always)
  mutating func fixed64(_ value: UInt64) {
    UnsafeMutableRawPointer(o).storeBytes(of: value.littleEndian, as: UInt64.self)
    o += 8
  }

  /// Leaves one byte for a length that is not known yet. `end` must be called with the answer.
  @inline(__always)
  mutating func beginLength() -> LengthSlot {
    room(8)
    let slot = LengthSlot(position: position, owed: gaps.owed)
    o += 1
    return slot
  }

  /// Writes the length of what came since `beginLength`. A length that needs more than the one byte moves the
  /// content, or, where that is long, is noted and made room for once at the end.
  @inline(__always)
  mutating func endLength(_ slot: LengthSlot) {
    let written = position &- slot.position &- 1
    if written < 0x80 {
      (o - (written &+ 1)).pointee = UInt8(truncatingIfNeeded: written)
    } else {
      endLongLength(slot, written)
    }
  }

  @inline(never)
  private mutating func endLongLength(_ slot: LengthSlot, _ written: Int) {
    let length = written &+ (gaps.owed &- slot.owed)
    let extra = OutputBuffer.varintCount(length) &- 1
    if written >= LengthGaps.threshold {
      gaps.add(at: slot.position, length: length, extra: extra)
      return
    }
    room(extra)
    let content = o - written
    (content + extra).update(from: content, count: written)
    OutputBuffer.storeVarint(UInt64(length), at: content - 1)
    o += extra
  }
}

/// A place in the output at which a length is still to be written.
struct LengthSlot {
  var position: Int
  /// What was owed to longer lengths when the slot was made.
  var owed: Int
}
