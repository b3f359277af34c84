internal import NIOCore

/// Keeps those who wait in the order in which they came, each until a moment of its own.
///
/// Time is an argument. One timer is enough for all: `wakes` says when whoever drives the line has to look next.
struct WaitingLine<Waiter: AnyObject> {
  private struct Place {
    var waiter: Waiter
    var until: NIODeadline
  }

  private let maximum: Int
  private var places: [Place] = []
  /// When to take those whose time is over; nil when nobody waits. Never after the first such moment, but before it
  /// when the one whose moment it was has left: that costs a look, and saves one at everybody who leaves.
  private(set) var wakes: NIODeadline?

  /// - Parameter maximum: how many may wait.
  init(maximum: Int) { self.maximum = maximum }

  var count: Int { places.count }
  var isEmpty: Bool { places.isEmpty }
  /// Who has waited longest.
  var first: Waiter? { places.first?.waiter }
  /// Until when that one may wait.
  var firstUntil: NIODeadline? { places.first?.until }

  /// - Returns: false when the line is full; nothing has changed then.
  mutating func join(_ waiter: Waiter, until: NIODeadline) -> Bool {
    guard places.count < maximum else { return false }
    places.append(Place(waiter: waiter, until: until))
    wakes = wakes.map { min($0, until) } ?? until
    return true
  }

  /// Somebody waits no longer, if they did.
  mutating func leave(_ waiter: Waiter) {
    guard let index = places.firstIndex(where: { $0.waiter === waiter }) else { return }
    places.remove(at: index)
    if places.isEmpty { wakes = nil }
  }

  /// Nobody waits longer than until this moment.
  mutating func shorten(to until: NIODeadline) {
    guard let earliest = wakes else { return }
    for index in places.indices { places[index].until = min(places[index].until, until) }
    wakes = min(earliest, until)
  }

  /// - Returns: everybody, in order; the line is empty.
  mutating func takeAll() -> [Waiter] {
    defer {
      places.removeAll()
      wakes = nil
    }
    return places.map(\.waiter)
  }

  /// - Returns: those whose time is over, in order.
  mutating func takeLate(at now: NIODeadline) -> [Waiter] {
    let late = places.filter { $0.until <= now }.map(\.waiter)
    places.removeAll { $0.until <= now }
    wakes = places.lazy.map(\.until).min()
    return late
  }
}
