public import HubKit

/// Where the door listens and what it lets through. Every limit stands in `hub.yaml`; the values here are its defaults.
public struct GatewaySettings: Sendable {
  /// Where to listen without TLS; nil for nowhere.
  public var plainAddress: ListenAddress?
  /// Where to listen with TLS (HTTP/2 and HTTP/1.1 by ALPN); nil for nowhere.
  public var secureAddress: ListenAddress?
  /// Certificate and key, needed with ``secureAddress``.
  public var identity: TLSIdentity?
  /// `iss` of the tokens: a name of this hub.
  public var issuer = "lgsp-hub"
  /// How long a token counts.
  public var tokenLifetime: Duration = .seconds(15 * 60)
  /// How many checked tokens are remembered.
  public var tokensCachedMax = 10_000
  /// Wrong secrets that one client may show from one address before it has to wait; they come back one by one over
  /// ``guessWindow``.
  public var guessesMax = 10
  /// Wrong secrets that may come from one address, whatever the client.
  public var guessesPerAddressMax = 50
  /// Time in which all spent guesses come back.
  public var guessWindow: Duration = .seconds(60)
  /// Largest body, in bytes.
  public var bodyBytesMax = 256 << 20
  /// Largest structured event or batch, in bytes: its JSON is held in memory.
  public var structuredBytesMax = 8 << 20
  /// Largest request of a far system to a connector that it calls, in bytes: it is held in memory.
  public var servedBytesMax = 64 << 20
  /// How long a question waits for its answer when the caller does not say (`Prefer: wait`).
  public var questionWait: Duration = .seconds(30)
  /// Most events in one batch.
  public var batchMax = 1000
  /// Most attributes of one event.
  public var attributesMax = 64
  /// Longest attribute value, in bytes of UTF-8.
  public var attributeBytesMax = 8 << 10
  /// Deepest nesting of structured JSON.
  public var depthMax = 64
  /// Largest header section, in bytes.
  public var headerBytesMax = 64 << 10
  /// Most header fields.
  public var headerFieldsMax = 128
  /// Most connections at once on each address; more wait in the system's queue.
  public var connectionsMax = 4096
  /// Time for the TLS handshake.
  public var handshakeTimeout: Duration = .seconds(10)
  /// Time for the whole header section of a request, from the connection or from the previous answer.
  public var headTimeout: Duration = .seconds(30)
  /// Time for the whole body of a request.
  public var bodyTimeout: Duration = .seconds(600)
  /// Time without a byte after which an unfinished request is given up.
  public var idleTimeout: Duration = .seconds(60)
  /// Time for which a refused upload is still read, and thrown away, so that the caller sees the answer.
  public var lingerTimeout: Duration = .seconds(5)

  /// Creates settings with their defaults.
  public init(
    plainAddress: ListenAddress? = nil, secureAddress: ListenAddress? = nil,
    identity: TLSIdentity? = nil
  ) {
    self.plainAddress = plainAddress
    self.secureAddress = secureAddress
    self.identity = identity
  }
}

/// An address to listen on.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// A name or an IP address of this machine.
  public var host: String
  /// TCP port; 0 for any free one, see ``GatewayServer/boundPorts()``.
  public var port: Int

  /// Creates an address.
  public init(host: String = "127.0.0.1", port: Int) {
    self.host = host
    self.port = port
  }

  /// As in `127.0.0.1:8080`.
  public var description: String { "\(host):\(port)" }
}

/// The certificate with which the door shows who it is, in PEM.
public struct TLSIdentity: Sendable, Hashable {
  /// The server's certificate, then those above it.
  public var certificateChainPEM: [UInt8]
  /// Its private key; a ``Secret`` so that it prints nowhere.
  public var privateKeyPEM: Secret

  /// Creates an identity.
  public init(certificateChainPEM: [UInt8], privateKeyPEM: Secret) {
    self.certificateChainPEM = certificateChainPEM
    self.privateKeyPEM = privateKeyPEM
  }
}

/// The ports on which the door listens.
public struct BoundPorts: Sendable, Hashable {
  /// Without TLS.
  public var plain: Int?
  /// With TLS.
  public var secure: Int?
}
