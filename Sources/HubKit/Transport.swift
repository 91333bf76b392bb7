/// Carries bytes to a far system. Each endpoint is handed its own: limits, address allow-list, TLS, credentials and
/// the recorder are inside, so that a connector cannot go round them.
public protocol Transport: Sendable {
  /// Sends one request and returns the answer, whatever its status code. Follows no redirect and retries nothing.
  ///
  /// - Throws: ``AdapterError``: `outage` when no connection could be made, `inDoubt` when the request went out and no
  ///   whole answer came back, `reject` when the request breaks a limit or leaves the allow-list.
  func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse
}

/// One request to a far system.
public struct OutboundRequest: Sendable {
  /// Method, as in `POST`.
  public var method: String
  /// Absolute URL.
  public var url: String
  /// Header fields in order; names may repeat.
  public var headers: [HeaderField]
  /// What is sent; nil for no body.
  public var body: OutboundBody?
  /// Most time for all of it; nil: the endpoint's own limit.
  public var timeout: Duration?
  /// Largest answer accepted, in bytes; nil: the endpoint's own limit.
  public var responseBytesMax: Int?
  /// Takes the answer's bytes while they arrive, so that a large answer is never whole in memory: the answer's own body
  /// is then empty. It is neither finished nor discarded by the transport.
  public var sink: (any BodyWriter)?
  /// For a far system that keeps files, at a URL `sftp:`, `ftp:` (with TLS, asked for on the plain port) or `ftps:`
  /// (TLS from the first byte) without a path: what is done there; ``method`` and ``headers`` then mean nothing. Nil:
  /// HTTP.
  public var file: FileAccess?

  /// Creates a request.
  public init(
    method: String, url: String, headers: [HeaderField] = [], body: OutboundBody? = nil, timeout: Duration? = nil,
    responseBytesMax: Int? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.responseBytesMax = responseBytesMax
  }
}

/// What is done with a file or a folder of a far system, and by whom.
///
/// The answer's status is 200 when it was done, 404 when there is no such file, 403 when it may not be done, 409 when
/// it could not be moved or removed. Reading gives the bytes; listing the names, one a line, in no order.
public struct FileAccess: Sendable, Hashable {
  /// What is done.
  public enum Action: Sendable, Hashable {
    /// The names in a folder, those of folders among them.
    case list
    /// How large a file is, and when it was changed: ``OutboundResponse/file``.
    case look
    /// The bytes of a file.
    case read
    /// The request's body becomes the file; one that is there already is written over.
    case write
    /// The file gets another path; what happens to a file that is there already is the far system's affair.
    case move(to: String)
    /// The file goes.
    case remove
  }

  /// What is done.
  public var action: Action
  /// Absolute path, as people write it, without escapes.
  public var path: String
  /// Name of the account.
  public var username: String
  /// Its password.
  public var password: Secret?
  /// Its private key (SFTP), in the format of OpenSSH or PEM, without a passphrase.
  public var privateKey: Secret?
  /// SHA-256 of the server's public key in base64, as `ssh-keygen -l` prints it behind `SHA256:` (SFTP, required
  /// there).
  public var hostKey: String?

  /// Describes an access.
  public init(
    _ action: Action, path: String, username: String, password: Secret? = nil, privateKey: Secret? = nil,
    hostKey: String? = nil
  ) {
    self.action = action
    self.path = path
    self.username = username
    self.password = password
    self.privateKey = privateKey
    self.hostKey = hostKey
  }
}

/// What a far system says of a file.
public struct FileFacts: Sendable, Hashable {
  /// How large it is, in bytes.
  public var byteCount: Int
  /// When it was changed by the far system's clock, in whole seconds; nil: it does not say.
  public var modified: Timestamp?

  /// Creates facts.
  public init(byteCount: Int, modified: Timestamp?) {
    self.byteCount = byteCount
    self.modified = modified
  }
}

/// The bytes of a request.
public enum OutboundBody: Sendable {
  /// Bytes in memory.
  case bytes([UInt8])
  /// Bytes that are read while they are sent, with their number.
  case stream(any BodyReader, byteCount: Int)
}

/// One header field. Names compare without case (RFC 9110 section 5.1).
public struct HeaderField: Sendable, Hashable {
  /// Name as it is written on the wire.
  public var name: String
  /// Value without line breaks.
  public var value: String

  /// Creates a field.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [HeaderField] {
  /// The first value of a field, whatever the case of its name.
  public subscript(name: String) -> String? {
    let wanted = name.lowercased()
    return first { $0.name.lowercased() == wanted }?.value
  }
}

/// What a far system answered.
public struct OutboundResponse: Sendable {
  /// HTTP status code, or the protocol's own number.
  public var status: Int
  /// Header fields as received.
  public var headers: [HeaderField]
  /// The answer's bytes.
  public var body: [UInt8]
  /// From the first byte sent to the last byte received.
  public var duration: Duration
  /// What the far system says of a file that was looked at.
  public var file: FileFacts?

  /// Creates a response.
  public init(status: Int, headers: [HeaderField] = [], body: [UInt8] = [], duration: Duration = .zero) {
    self.status = status
    self.headers = headers
    self.body = body
    self.duration = duration
  }
}
