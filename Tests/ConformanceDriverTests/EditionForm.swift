import SwiftProtobuf

/// A proto2 or proto3 file as edition 2023 says the same: every choice of the syntax is a feature.
enum EditionForm {
  static func of(_ file: Google_Protobuf_FileDescriptorProto) -> Google_Protobuf_FileDescriptorProto {
    let isProto3 = file.syntax == "proto3"
    var file = file
    file.syntax = "editions"
    file.edition = .edition2023
    file.options.features = .with {
      $0.fieldPresence = isProto3 ? .implicit : .explicit
      $0.enumType = isProto3 ? .open : .closed
      $0.repeatedFieldEncoding = isProto3 ? .packed : .expanded
      $0.utf8Validation = isProto3 ? .verify : .none
      $0.jsonFormat = isProto3 ? .allow : .legacyBestEffort
    }
    file.messageType = file.messageType.map(of)
    file.extension = file.extension.map(of)
    return file
  }

  private static func of(_ message: Google_Protobuf_DescriptorProto) -> Google_Protobuf_DescriptorProto {
    var message = message
    message.field = message.field.map(of)
    message.extension = message.extension.map(of)
    message.nestedType = message.nestedType.map(of)
    return message
  }

  private static func of(_ field: Google_Protobuf_FieldDescriptorProto) -> Google_Protobuf_FieldDescriptorProto {
    var field = field
    if field.type == .group {
      field.type = .message
      field.options.features.messageEncoding = .delimited
    }
    if field.label == .required {
      field.label = .optional
      field.options.features.fieldPresence = .legacyRequired
    }
    if field.options.hasPacked {
      field.options.features.repeatedFieldEncoding = field.options.packed ? .packed : .expanded
      field.options.clearPacked()
    }
    return field
  }
}
