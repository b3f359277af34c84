import Foundation

/// Reads the files a gateway is configured with.
enum FileContents {
  static func read(_ path: String) throws(GatewayFailure) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw GatewayFailure("cannot read \(path): \(reason(of: error))")
    }
  }

  static func readText(_ path: String) throws(GatewayFailure) -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw GatewayFailure("cannot read \(path): it is not UTF-8")
    }
    return text
  }

  /// The operating system's word for it, where there is one.
  private static func reason(of error: any Error) -> String {
    if let cause = (error as? CocoaError)?.underlying as? POSIXError {
      return String(cString: strerror(cause.code.rawValue))
    }
    return error.localizedDescription
  }
}
