internal import HubKit
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// Certificate and key that belong together.
struct ServerIdentity: Sendable {
  let chain: [NIOSSLCertificateSource]
  let key: NIOSSLPrivateKeySource

  /// Reads both and sees whether they belong together.
  init(_ identity: TLSIdentity?) throws(GatewayStartError) {
    guard let identity else { throw .badIdentity(reason: "none is set, but a TLS address is") }
    guard let pem = identity.privateKeyPEM.reveal() else {
      throw .badIdentity(reason: "\(identity.privateKeyPEM) holds no key")
    }
    do {
      chain = try NIOSSLCertificate.fromPEMBytes(identity.certificateChainPEM).map { .certificate($0) }
      key = .privateKey(try NIOSSLPrivateKey(bytes: Array(pem.utf8), format: .pem))
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw .badIdentity(reason: "OpenSSL says \(error)")
    }
  }

  var configuration: TLSConfiguration {
    var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["h2", "http/1.1"]
    return configuration
  }
}

/// What the door shows to whoever connects: the newest identity. Connections that are open go on.
final class ShownIdentity: Sendable {
  private let newest: Mutex<ServerIdentity>

  init(_ first: ServerIdentity) {
    newest = Mutex(first)
  }

  /// Shows another from the next handshake on.
  func show(_ identity: ServerIdentity) {
    newest.withLock { $0 = identity }
  }

  /// For a listener's whole life: each handshake asks anew.
  var configuration: TLSConfiguration {
    var configuration = newest.withLock { $0 }.configuration
    configuration.sslContextCallback = { _, promise in
      let identity = self.newest.withLock { $0 }
      var shown = NIOSSLContextConfigurationOverride()
      shown.certificateChain = identity.chain
      shown.privateKey = identity.key
      promise.succeed(shown)
    }
    return configuration
  }
}
