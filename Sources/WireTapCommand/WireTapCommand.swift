import ArgumentParser
import NIOCore
import UnixSignals
import WireTap

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@main
struct WireTapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wiretap",
    abstract: "A TCP proxy that shows the HTTP/2 frames and gRPC messages that go through it.",
    discussion: """
      Each frame is shown with a line that names it, a hex dump, and what is in it: headers, and the fields of gRPC \
      messages, by name where a schema is given. A line per call says how it ended. What is shown never slows the \
      traffic: when the terminal does not keep up, frames are left out and counted.

      FILTERS:
        --filter 'path=addOrder type=data'     all conditions of one filter have to hold; of several filters, one
        --filter 'stream=1-9 from=client'      keys: stream, path, type, from (client or server), conn
        --filter '!type=ping,window_update'    values after commas are alternatives; ! turns a condition round
        --filter 'path=/order.*/add*'          * is any text; a path without / is looked for anywhere

      EXAMPLES:
        wiretap -p 9008 -r localhost:9009 -t grpc
            Then let the client connect to port 9008 instead of 9009.
        wiretap -p 9008 -r localhost:9009 -t grpc --descriptors proto/order.binpb
        wiretap -p 9008 -r localhost:9009 -t grpc --reflection
            Fields have names when the schema is known, from a file or from the server.
        wiretap -p 9008 -r localhost:9009 -q -s
            Only connections, calls and TCP statistics.
        wiretap -p 9008 -r localhost:9009 -d 200ms -up 65536
            A slow line: 200 ms each way, 64 KiB a second from the client.
        wiretap -p 9008 -r api.example.com:443 --tls --json | jq 'select(.frame == "headers")'
      """,
    version: "0.1.0")

  @Option(
    name: .customShort("p"), help: ArgumentHelp("The port to listen on; 0 lets the system choose.", valueName: "port"))
  var port = 0

  @Option(name: .customShort("l"), help: ArgumentHelp("The host or address to listen on.", valueName: "host"))
  var listen = "127.0.0.1"

  @Option(name: .customShort("r"), help: ArgumentHelp("Where connections are taken on to.", valueName: "host:port"))
  var remote: RemoteAddress

  @Option(name: .customShort("t"), help: ArgumentHelp("What goes over them: grpc, http2 or text.", valueName: "type"))
  var type = TypeArgument.grpc

  @Option(
    name: .customShort("d"), help: ArgumentHelp("Delay of each direction, such as 200ms or 1.5s.", valueName: "time"))
  var delay = DelayArgument(time: .zero)

  @Option(
    name: .customLong("up", withSingleDash: true),
    help: ArgumentHelp("Bytes per second from the client; 0: no limit.", valueName: "rate"))
  var up = 0

  @Option(
    name: .customLong("down", withSingleDash: true),
    help: ArgumentHelp("Bytes per second from the server; 0: no limit.", valueName: "rate"))
  var down = 0

  @Flag(name: .customShort("q"), help: "Quiet: connections and calls, no frames.")
  var quiet = false

  @Flag(name: .customShort("s"), help: "TCP statistics (round trip, retransmissions) of each connection at its end.")
  var statistics = false

  @Flag(help: "One JSON object per line and frame.")
  var json = false

  @Flag(name: .customLong("no-color"), help: "No colours, as with NO_COLOR; files and pipes get none anyway.")
  var noColor = false

  @Option(help: ArgumentHelp("Show only what this admits; repeatable, see above.", valueName: "filter"))
  var filter: [String] = []

  @OptionGroup(title: "Names of the fields") var schema: SchemaOptions

  @OptionGroup(title: "TLS towards the remote") var tls: TLSOptions

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("The port must be from 0 to 65535.") }
    guard up >= 0, down >= 0 else { throw ValidationError("A rate must not be negative.") }
    do throws(TapFilterFault) {
      _ = try TapFilter(filter)
    } catch {
      throw ValidationError(error.description)
    }
    try tls.validate()
  }

  func run() async throws {
    do {
      try await serve()
    } catch let failure as TapFailure {
      Terminal.printError("error: \(failure)")
      throw ExitCode(1)
    }
  }

  private func serve() async throws {
    var options = TapOptions()
    options.format = json ? .json : .text
    options.hasColours = !noColor && Terminal.hasColours
    options.filter = try TapFilter(filter)
    options.isQuiet = quiet
    let source = try schema.load()
    let tap = Tap(options: options, schema: source)

    var configuration = TapProxyConfiguration(remoteHost: remote.host, remotePort: remote.port)
    configuration.listenHost = listen
    configuration.listenPort = port
    configuration.proto = type.proto
    configuration.delay = delay.time
    configuration.upRate = up
    configuration.downRate = down
    configuration.hasStatistics = statistics
    configuration.tls = tls.configuration
    let proxy = try TapProxy(configuration: configuration, tap: tap)
    do {
      _ = try await proxy.start()
    } catch {
      await proxy.stop()
      throw error
    }
    let reflecting = schema.reflection ? Task { await proxy.reflectSchema(into: source) } : nil
    for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
    reflecting?.cancel()
    await reflecting?.value
    await proxy.stop()
    tap.finish()
    let totals = tap.totals
    var line =
      "\(totals.connections) connections, \(totals.calls) calls, \(totals.up) bytes up, \(totals.down) bytes down"
    if totals.dropped > 0 { line += ", \(totals.dropped) records dropped" }
    // A terminal shows the Ctrl-C as ^C; the totals do not stand behind it.
    Terminal.printError(isatty(2) == 1 ? "\n\(line)" : line)
  }
}

/// `TapProtocol` as an option's value.
enum TypeArgument: String, CaseIterable, ExpressibleByArgument {
  case grpc, http2, text

  var proto: TapProtocol {
    switch self {
    case .grpc: .grpc
    case .http2: .http2
    case .text: .text
    }
  }
}

enum Terminal {
  /// no-color.org
  static var hasColours: Bool {
    let isRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
    return isatty(1) == 1 && !isRefused && !isDumb
  }

  static func printError(_ line: String) {
    let text = Array("\(line)\n".utf8)
    text.withUnsafeBytes { _ = write(2, $0.baseAddress, $0.count) }
  }
}
