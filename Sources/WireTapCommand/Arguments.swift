import ArgumentParser
import NIOCore
import ProtobufSchema
import WireTap

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `host:port`; an IPv6 address stands in brackets.
struct RemoteAddress: ExpressibleByArgument {
  var host: String
  var port: Int

  init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":") else { return nil }
    var host = argument[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    let digits = argument[argument.index(after: colon)...]
    guard !host.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits), port > 0 else {
      return nil
    }
    self.host = String(host)
    self.port = Int(port)
  }
}

/// A time such as `200ms`, `1.5s`, `20us`; a bare number would not say of what.
struct DelayArgument: ExpressibleByArgument {
  var time: TimeAmount

  init(time: TimeAmount) { self.time = time }

  init?(argument: String) {
    let units: [(String, Double)] = [("ms", 1e6), ("us", 1e3), ("s", 1e9)]
    guard let (unit, nanoseconds) = units.first(where: { argument.hasSuffix($0.0) }),
      let value = Double(argument.dropLast(unit.count)), value >= 0, value * nanoseconds <= 3600e9
    else { return nil }
    time = .nanoseconds(Int64(value * nanoseconds))
  }

  var defaultValueDescription: String { "none" }
}

struct SchemaOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A FileDescriptorSet with its imports, as protoc makes it. Repeatable.", valueName: "file"))
  var descriptors: [String] = []

  @Flag(help: "Ask the remote for its schema, by server reflection.")
  var reflection = false

  func validate() throws {
    if reflection, !descriptors.isEmpty { throw ValidationError("Either --descriptors or --reflection.") }
  }

  func load() throws -> SchemaSource {
    var builder = SchemaBuilder()
    for path in descriptors { builder.add(descriptorSet: try Self.contents(of: path), origin: path) }
    do {
      return SchemaSource(try builder.build())
    } catch {
      throw TapFailure(error.description)
    }
  }

  private static func contents(of path: String) throws(TapFailure) -> [UInt8] {
    guard let file = fopen(path, "rb") else {
      throw TapFailure("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    guard ferror(file) == 0 else { throw TapFailure("cannot read \(path): \(String(cString: strerror(errno)))") }
    return bytes
  }
}

struct TLSOptions: ParsableArguments {
  @Flag(help: "Speak TLS with the remote, ALPN h2; the client still speaks cleartext.")
  var tls = false

  @Option(help: ArgumentHelp("Roots to trust instead of the system's, PEM.", valueName: "file"))
  var tlsRoots: String?

  @Option(help: ArgumentHelp("The name the certificate has to be for. (default: the remote's host)", valueName: "name"))
  var tlsServerName: String?

  @Flag(help: "Take any certificate.")
  var tlsInsecure = false

  func validate() throws {
    if !tls, tlsRoots != nil || tlsServerName != nil || tlsInsecure {
      throw ValidationError("The --tls options want --tls.")
    }
  }

  var configuration: TapProxyConfiguration.TLS? {
    guard tls else { return nil }
    var configuration = TapProxyConfiguration.TLS()
    configuration.rootCertificates = tlsRoots
    configuration.serverName = tlsServerName
    configuration.isInsecure = tlsInsecure
    return configuration
  }
}
