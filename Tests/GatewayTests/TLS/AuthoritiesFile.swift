import Foundation

/// A file of certificate authorities that changes while a gateway uses it, in a folder of its own.
struct AuthoritiesFile {
  private let folder: URL
  private let file: URL
  var path: String { file.path }

  /// - Parameter name: as in `TestCertificates`, without `.pem`.
  init(trusting name: String) throws {
    folder = try TestCertificates.temporaryFolder()
    file = folder.appendingPathComponent("ca.pem")
    try trust(name)
  }

  func trust(_ name: String) throws {
    try TestCertificates.copy("\(name).pem", to: file)
  }

  /// Writes what is no certificate.
  func spoil() throws {
    try "no certificate".write(to: file, atomically: true, encoding: .utf8)
  }

  func remove() {
    try? FileManager.default.removeItem(at: folder)
  }
}
