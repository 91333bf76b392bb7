import HummingbirdTLS
import NIOCore
import NIOSSL

/// Certificate and key of a mock that speaks TLS, as PEM files.
public struct MockTLS: Sendable, Hashable {
  /// The certificate, followed by those of the authorities between it and a trusted one.
  public var certificateChainPath: String
  /// The private key of the first certificate.
  public var privateKeyPath: String
  /// Certificates of authorities that sign clients; when given, a client without such a certificate is turned away.
  public var clientAuthorityPath: String?

  /// A certificate for the same key, from an authority that callers trust, whose time is over: for the fault
  /// `expiredCertificate`. Nil: that fault changes nothing.
  public var expiredChainPath: String?

  /// Names the files. They are read when the host starts.
  public init(
    certificateChainPath: String, privateKeyPath: String, clientAuthorityPath: String? = nil,
    expiredChainPath: String? = nil
  ) {
    self.certificateChainPath = certificateChainPath
    self.privateKeyPath = privateKeyPath
    self.clientAuthorityPath = clientAuthorityPath
    self.expiredChainPath = expiredChainPath
  }

  /// A file that cannot be used, with the reason.
  struct Unusable: Error {
    let detail: String
  }

  /// - Parameter showsExpired: asked at the beginning of each connection.
  func configuration(showsExpired: @escaping @Sendable () -> Bool) throws(Unusable) -> TLSConfiguration {
    let chain = try Self.reading(certificateChainPath) { try NIOSSLCertificate.fromPEMFile($0) }
    let key = try Self.reading(privateKeyPath) { try NIOSSLPrivateKey(file: $0, format: .pem) }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    if let clientAuthorityPath {
      let authorities = try Self.reading(clientAuthorityPath) { try NIOSSLCertificate.fromPEMFile($0) }
      configuration.trustRoots = .certificates(authorities)
      configuration.certificateVerification = .noHostnameVerification
    }
    if let expiredChainPath {
      let expired = try Self.reading(expiredChainPath) { try NIOSSLCertificate.fromPEMFile($0) }
      configuration.sslContextCallback = { _, promise in
        var override = NIOSSLContextConfigurationOverride.noChanges
        if showsExpired() {
          override.certificateChain = expired.map { .certificate($0) }
          override.privateKey = .privateKey(key)
        }
        promise.succeed(override)
      }
    }
    return configuration
  }

  private static func reading<Value>(_ path: String, _ read: (String) throws -> Value) throws(Unusable) -> Value {
    do {
      return try read(path)
    } catch {
      throw Unusable(detail: "\(path): \(error)")
    }
  }
}
