import Foundation

/// Lets protobuf's `conformance_test_runner` judge this package's encoder and decoder.
///
///     conformance_test_runner --enforce_recommended .build/debug/ConformanceDriver
///
/// The runner starts the driver and speaks with it over standard input and output: each message is preceded by its
/// length in four bytes, little-endian (protobuf, `conformance/conformance_test_runner.cc`). The driver answers every
/// request with one response and ends when its input does.
///
/// The types of the tests come from `test_messages.binpb` beside this file. Arguments are not looked at: the runner of
/// v21 passes the driver's own name as one.
@main
enum ConformanceDriver {
  static func main() {
    do {
      let file = Testee.descriptorSet
      let testee = try Testee(descriptorSet: Array(Data(contentsOf: file)), origin: file.path)
      let pipe = MessagePipe(input: .standardInput, output: .standardOutput)
      while let request = try pipe.read() {
        try pipe.write(testee.answer(request))
      }
    } catch {
      FileHandle.standardError.write(Data("ConformanceDriver: \(error)\n".utf8))
      exit(1)
    }
  }
}
