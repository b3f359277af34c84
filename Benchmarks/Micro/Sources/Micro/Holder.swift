/// Gives a value that cannot be copied to a closure that is called often.
final class Holder<Value: ~Copyable> {
  var value: Value

  init(_ value: consuming Value) { self.value = value }
}
