import GRPCUpstream
import NIOCore
import ProtobufSchema

extension TapProxy {
  /// Asks the remote for its schema by server reflection, on a connection of its own, and shows messages by it from then
  /// on. While the remote cannot be reached it asks again every second, until the task is cancelled.
  public func reflectSchema(into source: SchemaSource) async {
    var upstream = UpstreamConfiguration()
    upstream.prepareChannel = { [self] channel in try addTLS(to: channel) }
    if hasTLS { upstream.scheme = "https" }
    let client = ReflectionClient(
      eventLoop: eventLoop, target: UpstreamTarget(host: configuration.remoteHost, port: configuration.remotePort),
      configuration: upstream)
    var isFirst = true
    while !Task.isCancelled {
      do throws(ReflectionFailure) {
        try use(await client.fetch(), in: source)
        return
      } catch {
        guard error == .unreachable else {
          tap.say("No schema by server reflection: \(Self.reason(error))")
          return
        }
        if isFirst { tap.say("No schema yet: the remote cannot be reached, and is asked again every second") }
        isFirst = false
      }
      try? await Task.sleep(for: Self.reflectionPause)
    }
  }

  private static var reflectionPause: Duration { .seconds(1) }

  private func use(_ files: [ReflectedFile], in source: SchemaSource) throws(ReflectionFailure) {
    var builder = SchemaBuilder()
    for file in files { builder.add(fileDescriptor: file.bytes, origin: "server reflection") }
    do throws(SchemaErrors) {
      let schema = try builder.build()
      source.replace(with: schema)
      tap.say("Schema of \(schema.services.map(\.fullName).joined(separator: ", ")) by server reflection")
    } catch {
      throw .callFailed(error.description)
    }
  }

  private static func reason(_ failure: ReflectionFailure) -> String {
    switch failure {
    case .unreachable: "the remote cannot be reached"
    case .notServed: "the remote serves neither grpc.reflection.v1 nor v1alpha"
    case .timedOut: "the answers did not come in time"
    case .callFailed(let text): text
    case .fault(let fault): fault.lines.joined(separator: "; ")
    }
  }
}
