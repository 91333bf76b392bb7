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

  /// Creates a response.
  public init(status: Int, headers: [HeaderField] = [], body: [UInt8] = [], duration: Duration = .zero) {
    self.status = status
    self.headers = headers
    self.body = body
    self.duration = duration
  }
}
