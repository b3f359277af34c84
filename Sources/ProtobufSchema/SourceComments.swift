internal import SwiftProtobuf

/// The comments of one file by the path of the element they belong to (`SourceCodeInfo.Location.path`).
struct SourceComments {
  private var byPath: [[Int32]: String] = [:]

  /// No comments: none were asked for.
  init() {}

  /// The comment in front of each element, or else the one behind it.
  init(_ info: Google_Protobuf_SourceCodeInfo) {
    for location in info.location {
      let text = location.leadingComments.isEmpty ? location.trailingComments : location.leadingComments
      if !text.isEmpty { byPath[location.path] = text }
    }
  }

  func comment(_ path: [Int32]) -> String { byPath[path] ?? "" }
}
