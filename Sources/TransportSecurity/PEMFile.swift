internal import Foundation
public import NIOSSL

/// Reads certificates and keys; a fault names the file.
public enum PEMFile {
  /// One or more certificates, in the order of the file.
  public static func certificates(_ path: String) throws(TransportSecurityFault) -> [NIOSSLCertificate] {
    let bytes = try bytes(of: path)
    do {
      let certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
      if !certificates.isEmpty { return certificates }
    } catch {
      // BoringSSL's words for it say nothing that a person could use.
    }
    throw TransportSecurityFault("\(path) holds no certificate in PEM")
  }

  /// A private key without a passphrase.
  public static func key(_ path: String) throws(TransportSecurityFault) -> NIOSSLPrivateKey {
    let bytes = try bytes(of: path)
    do {
      return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
    } catch {
      throw TransportSecurityFault("\(path) holds no private key in PEM, or one with a passphrase")
    }
  }

  private static func bytes(of path: String) throws(TransportSecurityFault) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      let cause = (error as? CocoaError)?.underlying as? POSIXError
      let reason = cause.map { String(cString: strerror($0.code.rawValue)) } ?? error.localizedDescription
      throw TransportSecurityFault("cannot read \(path): \(reason)")
    }
  }
}
