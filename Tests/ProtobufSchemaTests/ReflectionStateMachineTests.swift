import ProtobufSchema
import SwiftProtobuf
import Testing

struct ReflectionStateMachineTests {
  // MARK: What a server writes

  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var count = bytes.count
    var head = [number << 3 | 2]
    while count > 0x7F {
      head.append(UInt8(truncatingIfNeeded: count) | 0x80)
      count >>= 7
    }
    return head + [UInt8(count)] + bytes
  }

  private static func services(_ names: String...) -> [UInt8] {
    field(6, names.flatMap { field(1, field(1, Array($0.utf8))) })
  }

  private static func file(_ name: String, imports: String...) -> [UInt8] {
    field(1, Array(name.utf8)) + imports.flatMap { field(3, Array($0.utf8)) }
  }

  private static func files(_ files: [UInt8]...) -> [UInt8] {
    // valid_host and original_request come first and are not looked at.
    field(1, Array("host".utf8)) + field(2, [0x22, 0x01, 0x61]) + field(4, files.flatMap { field(1, $0) })
  }

  private static func failure(_ code: UInt8, _ message: String) -> [UInt8] {
    field(7, [0x08, code] + field(2, Array(message.utf8)))
  }

  /// Answers each question by `answers` and notes what was asked; the last action comes back.
  private func run(
    limits: ReflectionLimits = .init(), _ answers: [[UInt8]]
  ) -> (asked: [ReflectionRequest], end: ReflectionStateMachine.Action) {
    var machine = ReflectionStateMachine(limits: limits)
    var asked: [ReflectionRequest] = []
    var action = machine.opened()
    var rest = answers[...]
    while case .ask(let request) = action {
      asked.append(request)
      action = rest.popFirst().map { machine.responseReceived($0) } ?? machine.streamEnded()
    }
    return (asked, action)
  }

  private func names(_ action: ReflectionStateMachine.Action) -> [String]? {
    if case .finish(let files) = action { files.map(\.name) } else { nil }
  }

  private func fault(_ action: ReflectionStateMachine.Action) -> ReflectionFault? {
    if case .fail(let fault) = action { fault } else { nil }
  }

  // MARK: Whole schemas

  @Test func takesWhatComesWithAService() {
    let result = run([
      Self.services("a.A", "grpc.reflection.v1.ServerReflection"),
      Self.files(Self.file("a.proto", imports: "b.proto"), Self.file("b.proto")),
    ])
    #expect(result.asked == [.listServices, .fileContaining(symbol: "a.A")])
    #expect(names(result.end) == ["a.proto", "b.proto"])
  }

  @Test func asksForImportsThatDidNotCome() {
    let result = run([
      Self.services("a.A", "b.B"), Self.files(Self.file("a.proto", imports: "c.proto", "d.proto")),
      Self.files(Self.file("b.proto", imports: "c.proto")), Self.files(Self.file("c.proto", imports: "e.proto")),
      Self.files(Self.file("d.proto")), Self.files(Self.file("e.proto")),
    ])
    #expect(
      result.asked == [
        .listServices, .fileContaining(symbol: "a.A"), .fileContaining(symbol: "b.B"), .fileByName("c.proto"),
        .fileByName("d.proto"), .fileByName("e.proto"),
      ])
    #expect(names(result.end) == ["a.proto", "b.proto", "c.proto", "d.proto", "e.proto"])
  }

  @Test func aFileThatComesTwiceIsTakenOnce() {
    let file = Self.file("a.proto")
    let result = run([Self.services("a.A", "a.B"), Self.files(file), Self.files(file)])
    #expect(names(result.end) == ["a.proto"])
  }

  /// Some servers do not keep the files of the language itself.
  @Test func aFileThatEverySchemaHasMayBeMissing() {
    let result = run([
      Self.services("a.A"), Self.files(Self.file("a.proto", imports: "google/protobuf/any.proto")),
      Self.failure(5, "unknown"),
    ])
    #expect(names(result.end) == ["a.proto"])
  }

  // MARK: Faults

  @Test func everyGapIsNamed() {
    let result = run([
      Self.services("a.A", "b.B"), Self.failure(5, "no b"),
      Self.files(Self.file("b.proto", imports: "c.proto")), Self.failure(5, ""),
    ])
    #expect(
      fault(result.end)
        == ReflectionFault(
          code: .incomplete,
          lines: [
            #"the service a.A: "no b" (code 5)"#, "the file c.proto, which b.proto imports: code 5",
          ]))
  }

  @Test(arguments: [
    ([services()], ReflectionFault.Code.incomplete), ([services("grpc.reflection.v1.ServerReflection")], .incomplete),
    ([failure(7, "go away")], .refused), ([files(file("a.proto"))], .malformed), ([[0xFF]], .malformed),
    ([[]], .malformed), ([services("a.A"), services("a.A")], .malformed), ([services("a.A")], .malformed),
    ([services("a.A"), files([0x0A, 0x05])], .malformed), ([services("a.A"), files([])], .malformed), ([], .malformed),
  ])
  func endsWithAFault(answers: [[UInt8]], code: ReflectionFault.Code) {
    #expect(fault(run(answers).end)?.code == code)
  }

  @Test func servicesAreLimited() {
    var limits = ReflectionLimits()
    limits.maximumServices = 2
    let file = Self.files(Self.file("a.proto"))
    #expect(names(run(limits: limits, [Self.services("a.A", "a.B"), file, file]).end) != nil)
    #expect(fault(run(limits: limits, [Self.services("a.A", "a.B", "a.C")]).end)?.code == .tooLarge)
  }

  @Test func filesAreLimited() {
    var limits = ReflectionLimits()
    limits.maximumFiles = 2
    let two = [Self.services("a.A"), Self.files(Self.file("a.proto"), Self.file("b.proto"))]
    #expect(names(run(limits: limits, two).end) != nil)
    limits.maximumFiles = 1
    #expect(fault(run(limits: limits, two).end)?.code == .tooLarge)
  }

  @Test func bytesAreLimited() {
    let answers = [Self.services("a.A"), Self.files(Self.file("a.proto"))]
    var limits = ReflectionLimits()
    limits.maximumBytes = answers[0].count + answers[1].count
    #expect(names(run(limits: limits, answers).end) != nil)
    limits.maximumBytes -= 1
    #expect(fault(run(limits: limits, answers).end)?.code == .tooLarge)
  }

  @Test func nothingComesAfterTheEnd() {
    var machine = ReflectionStateMachine()
    _ = machine.opened()
    #expect(fault(machine.responseReceived([0xFF]))?.code == .malformed)
    #expect(machine.responseReceived(Self.services("a.A")) == .ignore)
    #expect(machine.streamEnded() == .ignore)
  }

  // MARK: Bytes

  @Test func questionsAreTheMessagesOfTheProtocol() {
    #expect(ReflectionRequest.listServices.wire == [0x3A, 1, 0x2A])
    #expect(ReflectionRequest.fileByName("a").wire == [0x1A, 1, 0x61])
    #expect(ReflectionRequest.fileContaining(symbol: "a").wire == [0x22, 1, 0x61])
    let long = ReflectionRequest.fileByName(String(repeating: "x", count: 300)).wire
    #expect(long.prefix(3) == [0x1A, 0xAC, 0x02])
    #expect(long.count == 303)
  }

  /// Every start of an answer, and every answer with one byte changed, is read or refused.
  @Test func brokenAnswersDoNoHarm() {
    let answer = Self.files(Self.file("a.proto", imports: "b.proto"), Self.file("b.proto")) + Self.failure(5, "x")
    for count in 0..<answer.count { _ = try? ReflectionResponse(wire: Array(answer.prefix(count))) }
    for index in answer.indices {
      for value: UInt8 in [0, 0x0A, 0x7F, 0x80, 0xFF] {
        var broken = answer
        broken[index] = value
        _ = try? ReflectionResponse(wire: broken)
      }
    }
  }
}
