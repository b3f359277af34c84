import Foundation

/// What the system says of an `errno`, as it stands within a sentence: `address already in use`.
enum SystemErrorText {
  static func of(_ code: CInt) -> String {
    let text = String(cString: strerror(code))
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
