import Foundation
import Misbehaving
import NIOCore
import NIOPosix

/// Plays a gRPC server that misbehaves, on a port of 127.0.0.1:
///
///     HostileUpstream --list              prints the catalogue, a line each
///     HostileUpstream PORT [NAME]         listens (0 lets the system choose) and prints the port
///
/// Without a name, victims say by their metadata what is played to them. While it runs it reads lines: `heal` and
/// `hurt` say whether it misbehaves; at their end it ends.
@main
enum HostileUpstream {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments == ["--list"] { return list() }
    guard let first = arguments.first, let port = UInt16(first), arguments.count <= 2 else { usage() }
    var misbehaviour: Misbehaviour?
    if let name = arguments.dropFirst().first {
      misbehaviour = Misbehaviour.named(name)
      guard misbehaviour != nil else { usage() }
    }
    let server = try await HostileServer(
      misbehaviour, on: MultiThreadedEventLoopGroup.singleton.next(), port: Int(port))
    say("\(server.port)")
    while let line = readLine() {
      switch line {
      case "heal": try await server.heal()
      case "hurt": try await server.hurt()
      default: usage()
      }
      say("done")
    }
    try await server.kill()
  }

  /// Name, what is called, its timeout, the expected status, code and reason, the fate of other calls, how often it is
  /// worth trying, and whether it is a connection's; separated by tabs.
  private static func list() {
    for one in Misbehaviour.all {
      let columns = [
        one.name, one.call.rawValue, one.timeout ?? "", "\(one.answer.status)", one.answer.name, one.answer.reason,
        one.others.rawValue, "\(one.repeats)", one.connection == nil ? "call" : "connection",
      ]
      print(columns.joined(separator: "\t"))
    }
  }

  private static func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  private static func usage() -> Never {
    FileHandle.standardError.write(Data("usage: HostileUpstream --list | PORT [NAME]\n".utf8))
    exit(64)
  }
}
