/// One thing that is measured: what is done again and again, on how many bytes.
struct Subject {
  /// `group/case`.
  let name: String
  /// What one operation reads (JSON read, frames) or writes (JSON write); nil where bytes are not the point.
  let bytes: Int?
  /// Operations that make a run under callgrind long enough to drown its edges, and short enough to wait for.
  let sample: Int
  /// Sets everything up, and gives what performs so many operations.
  let prepare: () throws -> (Int) throws -> Void

  init(
    _ name: String, bytes: Int? = nil, sample: Int = 1000,
    prepare: @escaping () throws -> (Int) throws -> Void
  ) {
    self.name = name
    self.bytes = bytes
    self.sample = sample
    self.prepare = prepare
  }
}

/// Thrown where a subject's own data is not what it needs.
struct SubjectError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Keeps the optimiser from leaving out what nobody looks at.
@inline(never)
func keep<Value: ~Copyable>(_ value: borrowing Value) {}
