internal import SwiftProtobuf

/// The features in force at one element: the edition's defaults, overridden from the file inwards
/// (protobuf.dev/editions/features; proto2 and proto3 are editions with fixed defaults).
struct ResolvedFeatures: Equatable {
  enum Presence { case explicit, implicit, legacyRequired }

  var presence: Presence
  var closedEnums: Bool
  var packed: Bool
  var validatesUTF8: Bool
  var delimited: Bool
  /// `json_format = ALLOW`; else `LEGACY_BEST_EFFORT`, which tolerates fields whose JSON names clash.
  var strictJSON: Bool

  static let proto2 = ResolvedFeatures(
    presence: .explicit, closedEnums: true, packed: false, validatesUTF8: false, delimited: false, strictJSON: false)
  static let proto3 = ResolvedFeatures(
    presence: .implicit, closedEnums: false, packed: true, validatesUTF8: true, delimited: false, strictJSON: true)
  /// The defaults of edition 2023, which no later edition has changed.
  static let edition2023 = ResolvedFeatures(
    presence: .explicit, closedEnums: false, packed: true, validatesUTF8: true, delimited: false, strictJSON: true)

  /// These features with the ones set in `set` on top.
  func applying(_ set: Google_Protobuf_FeatureSet) -> ResolvedFeatures {
    var result = self
    switch set.fieldPresence {
    case .explicit: result.presence = .explicit
    case .implicit: result.presence = .implicit
    case .legacyRequired: result.presence = .legacyRequired
    case .unknown: break
    }
    switch set.enumType {
    case .open: result.closedEnums = false
    case .closed: result.closedEnums = true
    case .unknown: break
    }
    switch set.repeatedFieldEncoding {
    case .packed: result.packed = true
    case .expanded: result.packed = false
    case .unknown: break
    }
    switch set.utf8Validation {
    case .verify: result.validatesUTF8 = true
    case .none: result.validatesUTF8 = false
    case .unknown: break
    }
    switch set.messageEncoding {
    case .delimited: result.delimited = true
    case .lengthPrefixed: result.delimited = false
    case .unknown: break
    }
    switch set.jsonFormat {
    case .allow: result.strictJSON = true
    case .legacyBestEffort: result.strictJSON = false
    case .unknown: break
    }
    return result
  }
}

/// How a file says which language it is written in.
enum FileSyntax {
  /// The name shown to people and the features in force at the file's outermost level; nil when unknown.
  static func resolve(_ file: Google_Protobuf_FileDescriptorProto) -> (name: String, features: ResolvedFeatures)? {
    switch file.syntax {
    case "", "proto2": ("proto2", .proto2)
    case "proto3": ("proto3", .proto3)
    case "editions": edition(file.edition.rawValue, file.options.features)
    default: nil
    }
  }

  private static func edition(
    _ number: Int, _ set: Google_Protobuf_FeatureSet
  ) -> (name: String, features: ResolvedFeatures)? {
    switch number {
    case 998: ("proto2", ResolvedFeatures.proto2.applying(set))
    case 999: ("proto3", ResolvedFeatures.proto3.applying(set))
    // Released editions are numbered by time; none since 2023 has changed a default that matters here.
    case 1000...: ("edition \(name(of: number))", ResolvedFeatures.edition2023.applying(set))
    default: nil
    }
  }

  private static func name(of number: Int) -> String {
    switch number {
    case 1000: "2023"
    case 1001: "2024"
    case 1002: "2026"
    case 9999: "unstable"
    default: "number \(number)"
    }
  }
}
