internal import SwiftProtobuf

extension BuiltInDescriptors {
  /// The names of the files, `google/protobuf/any.proto` and so on.
  static let fileNames: Set<String> = {
    let set = try? Google_Protobuf_FileDescriptorSet(serializedBytes: bytes, partial: true)
    return Set(set?.file.map(\.name) ?? [])
  }()
}
