internal import SwiftProtobuf

/// One file's descriptor, and where it came from.
struct DescriptorSource {
  var file: Google_Protobuf_FileDescriptorProto
  var origin: String
  var isBuiltIn: Bool
}

extension SchemaBuilder {
  mutating func read(set bytes: [UInt8], origin: String, isBuiltIn: Bool) {
    do {
      let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: bytes, partial: true)
      if set.file.isEmpty {
        errors.append(.init(code: .malformed, file: origin, element: "", message: "the descriptor set has no files"))
      }
      sources += set.file.map { DescriptorSource(file: $0, origin: origin, isBuiltIn: isBuiltIn) }
    } catch {
      errors.append(
        .init(
          code: .malformed, file: origin, element: "",
          message: "the bytes are not a google.protobuf.FileDescriptorSet (\(error))"))
    }
  }

  mutating func read(file bytes: [UInt8], origin: String) {
    do {
      let file = try Google_Protobuf_FileDescriptorProto(serializedBytes: bytes, partial: true)
      sources.append(DescriptorSource(file: file, origin: origin, isBuiltIn: false))
    } catch {
      errors.append(
        .init(
          code: .malformed, file: origin, element: "",
          message: "the bytes are not a google.protobuf.FileDescriptorProto (\(error))"))
    }
  }
}
