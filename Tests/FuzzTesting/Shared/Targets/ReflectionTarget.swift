import ProtobufSchema

/// The input is what a server answers on a reflection stream: messages, each behind a byte with its length.
///
/// Whatever comes, the machine asks or ends, never more than once, within its limits; and what it says is whole makes
/// a schema or faults, never a trap.
enum ReflectionTarget {
  static func run(_ bytes: [UInt8]) throws {
    var limits = ReflectionLimits()
    limits.maximumFiles = 20
    limits.maximumServices = 20
    var machine = ReflectionStateMachine(limits: limits)
    var rest = bytes[...]
    var isOver = false
    _ = machine.opened()
    while let count = rest.popFirst() {
      let message = Array(rest.prefix(Int(count)))
      rest = rest.dropFirst(message.count)
      switch machine.responseReceived(message) {
      case .ask(let request):
        try require(!isOver, "a question after the end")
        try require(request.wire.count > 2, "an empty question")
      case .finish(let files):
        try require(!isOver && files.count <= limits.maximumFiles, "finished twice, or too much")
        isOver = true
        var builder = SchemaBuilder()
        for file in files { builder.add(fileDescriptor: file.bytes, origin: "fuzz") }
        _ = builder.buildWhatIsSound()
      case .fail(let fault):
        try require(!isOver && !fault.lines.isEmpty, "failed twice, or without a word")
        isOver = true
      case .ignore:
        try require(isOver, "ignored before the end")
      }
    }
    if case .fail = machine.streamEnded() { try require(!isOver, "failed after the end") }
  }
}
