import Foundation
import Gateway
import HTTP2
import Logging
import NIOCore
import NIOPosix
import ScriptedUpstream
import SwiftProtobuf
import Transcoding

/// The messages of protobuf's conformance tests, which have a field of every kind, behind a service that answers with
/// what it was sent.
enum EchoService {
  /// `echo.Echo`: a method for each message, and `Value` for any JSON.
  static func descriptorSet() throws -> [UInt8] {
    let messages = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "ConformanceDriver/test_messages.binpb")
    var set = try Google_Protobuf_FileDescriptorSet(
      serializedBytes: [UInt8](try Data(contentsOf: messages)), partial: true)
    var file = Google_Protobuf_FileDescriptorProto()
    file.name = "echo.proto"
    file.package = "echo"
    file.syntax = "proto3"
    file.dependency = [
      "google/protobuf/test_messages_proto2.proto", "google/protobuf/test_messages_proto3.proto",
      "google/protobuf/struct.proto",
    ]
    var service = Google_Protobuf_ServiceDescriptorProto()
    service.name = "Echo"
    for (name, type) in [
      ("Proto2", "protobuf_test_messages.proto2.TestAllTypesProto2"),
      ("Proto3", "protobuf_test_messages.proto3.TestAllTypesProto3"), ("Value", "google.protobuf.Value"),
    ] {
      var method = Google_Protobuf_MethodDescriptorProto()
      method.name = name
      method.inputType = "." + type
      method.outputType = "." + type
      service.method.append(method)
    }
    file.service = [service]
    set.file.append(file)
    return try set.serializedBytes()
  }

  static let rules = """
    type: google.api.Service
    http:
      rules:
        - selector: echo.Echo.Proto3
          get: /v1/proto3
          additional_bindings:
            - get: /v1/path/{optional_string}
            - custom: { kind: M-SEARCH, path: "/v1/path/{optional_string}" }
            - custom: { kind: QUERY, path: "/v1/path/{optional_string}" }
            - post: /v1/proto3
              body: "*"
        - selector: echo.Echo.Proto2
          post: /v1/proto2
          body: "*"
        - selector: echo.Echo.Value
          post: /v1/value
          body: "*"
    """

  private static let set = Result { try descriptorSet() }

  static func description(_ options: TranscodingOptions) throws -> ServiceDescription {
    try ServiceDescription(
      descriptors: [.init(name: "echo.binpb", content: try set.get())],
      rules: [.init(name: "echo.yaml", content: rules)], options: options)
  }
}

/// Runs `body` against a gateway in front of the echo service.
func withEchoGateway(
  options: TranscodingOptions = TranscodingOptions(), _ body: (RunningGateway) async throws -> Void
) async throws {
  let upstream = try await ScriptedUpstream.start(on: MultiThreadedEventLoopGroup.singleton.next()) {
    connection, event in
    switch event {
    case .request(let id, _, let endStream):
      connection.respond(id)
      if endStream { connection.trailers(id) }
    case .data(let id, let bytes, let endStream):
      connection.data(id, Array(bytes.readableBytesView))
      if endStream { connection.trailers(id) }
    case .connected, .frame, .closed: break
    }
  }
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  let configuration = GatewayConfiguration(
    listen: SocketAddressText(host: "127.0.0.1", port: 0),
    upstream: SocketAddressText(host: "127.0.0.1", port: upstream.port))
  let result: Result<Void, any Error>
  do {
    let server = GatewayServer(
      configuration: configuration, description: try EchoService.description(options), logger: logger)
    do {
      let address = try await server.start()
      result = .success(try await body(RunningGateway(port: address.port, orderServerPort: upstream.port)))
    } catch {
      result = .failure(error)
    }
    await server.stop(grace: .zero)
  } catch {
    result = .failure(error)
  }
  try await upstream.kill()
  try result.get()
}
