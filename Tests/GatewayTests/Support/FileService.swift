import Gateway
import SwiftProtobuf

/// A service of bytes: `google.api.HttpBody` down, up, and both.
enum FileService {
  /// `files.Files`, whose imports every schema has.
  private static func descriptorSet() throws -> [UInt8] {
    var file = Google_Protobuf_FileDescriptorProto()
    file.name = "files.proto"
    file.package = "files"
    file.syntax = "proto3"
    file.dependency = ["google/api/httpbody.proto", "google/protobuf/wrappers.proto"]
    var service = Google_Protobuf_ServiceDescriptorProto()
    service.name = "Files"
    for (name, streamsUp, streamsDown) in [("Download", false, true), ("Upload", true, false), ("Copy", true, true)] {
      var method = Google_Protobuf_MethodDescriptorProto()
      method.name = name
      method.inputType = streamsUp ? ".google.api.HttpBody" : ".google.protobuf.StringValue"
      method.outputType = streamsDown ? ".google.api.HttpBody" : ".google.protobuf.StringValue"
      method.clientStreaming = streamsUp
      method.serverStreaming = streamsDown
      service.method.append(method)
    }
    file.service = [service]
    var set = Google_Protobuf_FileDescriptorSet()
    set.file = [file]
    return try set.serializedBytes()
  }

  private static let rules = """
    type: google.api.Service
    http:
      rules:
        - selector: files.Files.Download
          get: /v1/files/{value}
        - selector: files.Files.Upload
          post: /v1/files
          body: "*"
        - selector: files.Files.Copy
          post: /v1/files:copy
          body: "*"
    """

  static func description() throws -> ServiceDescription {
    try ServiceDescription(
      descriptors: [.init(name: "files.binpb", content: try descriptorSet())],
      rules: [.init(name: "files.yaml", content: rules)])
  }
}
