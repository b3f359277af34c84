import Foundation
import Gateway
import GRPCUpstream
import HTTPFrontEnd
import NIOSSL
import TransportSecurity

/// The certificates that Tests/Support/certificates/make makes; kept in the build folder for some days.
enum TestCertificates {
  struct NotMade: Error {
    var status: Int32
  }

  private static let folder = Result { try make() }

  private static func make() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
      .standardized
    let script = root.appendingPathComponent("Tests/Support/certificates/make").path
    let folder = root.appendingPathComponent(".build/test-certificates").path
    let files = FileManager.default
    func changed(_ path: String) -> Date? {
      (try? files.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
    if let made = changed(folder), made > Date(timeIntervalSinceNow: -5 * 86_400), made > changed(script) ?? .now {
      return folder
    }
    try? files.removeItem(atPath: folder)
    try? files.removeItem(atPath: folder + ".new")
    let process = try Process.run(URL(fileURLWithPath: script), arguments: [folder])
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw NotMade(status: process.terminationStatus) }
    return folder
  }

  /// A new folder for files that a test replaces; whoever asked for it removes it.
  static func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  static func copy(_ file: String, to target: URL) throws {
    try Data(contentsOf: URL(fileURLWithPath: path(file))).write(to: target)
  }

  static func path(_ file: String) throws -> String { try "\(folder.get())/\(file)" }

  static func identity(_ name: String) throws -> TLSIdentity {
    TLSIdentity(certificate: try path("\(name).pem"), key: try path("\(name).key"))
  }

  /// How a caller, or a gateway, would speak TLS when it trusts `ca`.
  static func client(_ change: (inout TLSConfiguration) throws -> Void = { _ in }) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates(try PEMFile.certificates(path("ca.pem")))
    configuration.applicationProtocols = ["http/1.1"]
    try change(&configuration)
    return try NIOSSLContext(configuration: configuration)
  }

  /// How an upstream would speak TLS.
  static func upstream(
    _ name: String, _ change: (inout TLSConfiguration) throws -> Void = { _ in }
  ) throws -> NIOSSLContext {
    // Not by `TLSIdentity`, which would not take what has expired.
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try PEMFile.certificates(path("\(name).pem")).map { .certificate($0) },
      privateKey: .privateKey(try PEMFile.key(path("\(name).key"))))
    configuration.applicationProtocols = ["h2"]
    try change(&configuration)
    return try NIOSSLContext(configuration: configuration)
  }
}

extension TLSConfiguration {
  /// Shows a certificate.
  mutating func show(_ name: String) throws {
    try TestCertificates.identity(name).load(into: &self)
  }
}

extension GatewayConfiguration {
  /// HTTPS with a certificate of the tests.
  mutating func useTLS(
    _ name: String = "server", _ change: (inout DownstreamTransportSecurity) throws -> Void = { _ in }
  ) throws {
    var security = DownstreamTransportSecurity(identity: try TestCertificates.identity(name))
    try change(&security)
    self.security = security
  }
}
