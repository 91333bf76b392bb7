public import HubKit

/// What one endpoint's transport may do. The defaults suit an agency's own system; what must be given is ``allow``.
public struct TransportOptions: Sendable {
  /// Only 127.0.0.1 may be reached: for mocks and tests.
  public static var thisMachine: TransportOptions {
    TransportOptions(allow: [AllowedAddress("127.0.0.1")].compactMap(\.self))
  }

  /// Most time to resolve the name, connect and shake hands.
  public var connectTimeout: Duration = .seconds(5)
  /// Most time between the last byte of the request and the first line of the answer.
  public var firstByteTimeout: Duration = .seconds(30)
  /// Most time without any byte moving, while the request goes out or the answer comes in.
  public var idleTimeout: Duration = .seconds(30)
  /// Most time for everything, waiting for a free connection included.
  public var totalTimeout: Duration = .seconds(60)
  /// Largest answer, in bytes of body.
  public var responseBytesMax: Int = 16 << 20
  /// Largest header of an answer, in bytes.
  public var responseHeaderBytesMax: Int = 64 << 10
  /// Largest request body, in bytes.
  public var requestBytesMax: Int = 512 << 20
  /// Where requests may go. Empty: nowhere.
  public var allow: [AllowedAddress] = []
  /// Socket file on this machine to which every request goes, whatever host its URL names; nil: the network. The
  /// allow-list then has nothing to say.
  public var unixSocketPath: String?
  /// Certificates (PEM) that may have signed the far side's; nil: the machine's own store. When they are given, the
  /// machine's store does not count.
  public var trustedPEM: [UInt8]?
  /// The certificate and key by which the hub shows itself to the far side.
  public var clientIdentity: ClientIdentity?
  /// Whether HTTP/2 is offered to servers that speak TLS.
  public var http2: Bool = true
  /// Most requests under way at once; with HTTP/1.1 this is the most connections too. Others wait their turn.
  public var connectionsMax: Int = 64
  /// Most requests that wait for their turn; one more is answered `busy` at once.
  public var waitingMax: Int = 1024
  /// Header fields with credentials, added to each request last: connectors never see them, nor does a recorder.
  public var secretHeaders: [SecretHeader] = []

  /// Creates options with the defaults above.
  public init(allow: [AllowedAddress] = []) {
    self.allow = allow
  }
}

/// A certificate with its key, in PEM: held in memory, so that files may be replaced while connections come and go.
public struct ClientIdentity: Sendable, Hashable {
  /// The certificate, then those above it.
  public var certificatePEM: [UInt8]
  /// Its private key.
  public var keyPEM: Secret

  /// Creates an identity.
  public init(certificatePEM: [UInt8], keyPEM: Secret) {
    self.certificatePEM = certificatePEM
    self.keyPEM = keyPEM
  }
}

/// A header field whose value is a secret.
public struct SecretHeader: Sendable, Hashable {
  /// Name as it is written on the wire.
  public var name: String
  /// What stands before the secret, as in `Bearer `.
  public var prefix: String
  /// The value.
  public var secret: Secret

  /// Creates a field.
  public init(_ name: String, _ secret: Secret, prefix: String = "") {
    self.name = name
    self.secret = secret
    self.prefix = prefix
  }
}
