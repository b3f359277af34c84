import ArgumentParser

@main
struct GatewayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway",
    abstract: "Serves gRPC as REST: JSON, NDJSON, arrays and server-sent events over HTTP/1.1.",
    discussion: """
      EXAMPLES:
        gateway up
            The gateway on 127.0.0.1:8080 with an order server on 127.0.0.1:9009, to try things out.
        gateway serve --upstream 127.0.0.1:9009 --descriptors proto/order.binpb --rules proto/order.http.yaml
            REST in front of any gRPC server. The descriptor set comes from
            protoc --include_imports --include_source_info --descriptor_set_out=order.binpb order.proto
        gateway routes --descriptors proto/order.binpb --rules proto/order.http.yaml
            What would be served: method, path, RPC, mode and idiom of each route.
      """,
    version: "0.1.0",
    subcommands: [
      UpCommand.self, ServeCommand.self, CheckCommand.self, RoutesCommand.self, OpenAPICommand.self,
      HealthcheckCommand.self,
    ])
}
