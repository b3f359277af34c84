import CAllocationCount
import Foundation

/// Performs the subjects: for their times, or a given number of times for who counts instructions.
///
///     Micro                     a table of all subjects
///     Micro NAME...             of those whose name starts so
///     Micro --growth            of how costs grow with sizes
///     Micro --list              names, and operations for a count of instructions
///     Micro --repeat NAME N     performs N operations and says what they allocated
@main
enum Micro {
  private static var usual: [Subject] {
    JSONSubjects.all + RouteSubjects.all + BindingSubjects.all + FrameSubjects.all + HeaderBlockSubjects.all
      + CompressionSubjects.all
  }

  private static var growth: [Subject] { JSONSubjects.growth + RouteSubjects.growth }

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      switch arguments.first {
      case "--list": for subject in usual { print(subject.name, subject.sample) }
      case "--repeat" where arguments.count == 3: try performed(arguments[1], arguments[2])
      case "--growth": try table(of: growth)
      case let option? where option.hasPrefix("-"): throw SubjectError("unknown option \(option)")
      default:
        try table(
          of: usual.filter { subject in arguments.isEmpty || arguments.contains { subject.name.hasPrefix($0) } })
      }
    } catch {
      FileHandle.standardError.write(Data("Micro: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func table(of subjects: [Subject]) throws {
    print(line("subject", "ns/op", "MB/s", "allocations/op"))
    for subject in subjects {
      let timing = try Timing(subject, seconds: 0.2)
      let rate = subject.bytes.map { String(format: "%.0f", Double($0) * 1000 / timing.nanoseconds) }
      print(
        line(
          subject.name, String(format: "%.1f", timing.nanoseconds), rate ?? "-",
          String(format: "%.2f", timing.allocations)))
    }
  }

  private static func line(_ name: String, _ time: String, _ rate: String, _ allocations: String) -> String {
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    return name + right(time, 44 - name.count) + right(rate, 9) + right(allocations, 16)
  }

  private static func performed(_ name: String, _ times: String) throws {
    guard let subject = (usual + growth).first(where: { $0.name == name }) else {
      throw SubjectError("no subject is called \(name)")
    }
    guard let count = Int(times), count > 0 else { throw SubjectError("\(times) is not a number of operations") }
    let operations = try subject.prepare()
    try operations(2)
    let (before, bytesBefore) = (allocation_count(), allocation_bytes())
    try operations(count)
    let (after, bytesAfter) = (allocation_count(), allocation_bytes())
    print("allocations \(after - before) bytes \(bytesAfter - bytesBefore)")
  }
}
