/// Where `@type` stands in objects that a look ahead has passed.
///
/// The type of an `Any` may come after its fields. To find it the object is passed once, and every object inside is
/// noted on the way, so that nested `Any`s do not make the reader pass their contents again and again.
struct TypeIndex {
  private var places: [Int: Int] = [:]
  private var passedTo = 0

  /// Whether the object at this offset has been passed.
  func covers(_ object: Int) -> Bool { object < passedTo }
  func place(in object: Int) -> Int? { places[object] }

  mutating func note(object: Int, type: Int) {
    if places[object] == nil { places[object] = type }
  }

  mutating func passed(to offset: Int) { passedTo = max(passedTo, offset) }
}
