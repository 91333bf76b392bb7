/// What a connector, or its mock, answers when far systems call. Mounted by the gateway or by the mock host.
public protocol ServedInterface: Sendable {
  /// Answers one request. Called from many tasks at once.
  func respond(to request: ServedRequest) async -> ServedResponse
}

/// An interface that stands at an address of its own at the hub's door, named by ``ConnectorDescriptor/mount``, beside
/// others that speak the same protocol for other endpoints. Its bodies may be large: they go to the store while they
/// arrive.
public protocol MountedInterface: ServedInterface {
  /// Whether a request is for this endpoint and no other at the same address. Asked before the body is read; when none
  /// of them claims it, the first one answers.
  func claims(_ request: ServedRequest) -> Bool

  /// Looks a request over before its body is read, so that a stranger's bytes fill no disk.
  ///
  /// - Returns: the answer, when it must go no further.
  func refusal(of request: ServedRequest) async -> ServedResponse?

  /// Bytes that callers put behind a body and that do not belong to it; empty: none.
  var bodyTail: [UInt8] { get }
}

/// A request's body that was taken into the store. Whoever does not hand it on discards it.
public struct ServedUpload: Sendable {
  /// The bytes.
  public var body: Body
  /// Leaves nothing of them.
  public var discard: @Sendable () async -> Void

  /// Creates an upload.
  public init(body: Body, discard: @escaping @Sendable () async -> Void) {
    self.body = body
    self.discard = discard
  }
}

/// One request as the listening side sees it.
public struct ServedRequest: Sendable {
  /// Method, as in `POST`.
  public var method: String
  /// Path without the query, percent-decoded, beginning with `/`.
  public var path: String
  /// Query parameters in order, decoded.
  public var query: [HeaderField]
  /// Header fields as received.
  public var headers: [HeaderField]
  /// The request's bytes, already within the listener's limit; empty when they are in ``upload``.
  public var body: [UInt8]
  /// The request's bytes, for a ``MountedInterface`` alone.
  public var upload: ServedUpload?

  /// Creates a request.
  public init(
    method: String, path: String, query: [HeaderField] = [], headers: [HeaderField] = [], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }
}

/// One answer.
public struct ServedResponse: Sendable {
  /// HTTP status code.
  public var status: Int
  /// Header fields.
  public var headers: [HeaderField]
  /// The answer's bytes; empty when they are in ``stream``.
  public var body: [UInt8]
  /// Many bytes, read while they are sent.
  public var stream: ServedStream?

  /// Creates an answer.
  public init(status: Int, headers: [HeaderField] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer in JSON; `json` must be JSON text.
  public static func json(status: Int = 200, _ json: String) -> ServedResponse {
    ServedResponse(
      status: status, headers: [HeaderField("Content-Type", "application/json")], body: Array(json.utf8))
  }
}

/// The bytes of an answer that is not held in memory.
public struct ServedStream: Sendable {
  /// Reads them from the front; used once.
  public var reader: any BodyReader
  /// How many there are.
  public var byteCount: Int

  /// Creates a stream.
  public init(_ reader: any BodyReader, byteCount: Int) {
    self.reader = reader
    self.byteCount = byteCount
  }
}
