/// What a connector, or its mock, answers when far systems call. Mounted by the gateway or by the mock host.
public protocol ServedInterface: Sendable {
  /// Answers one request. Called from many tasks at once.
  func respond(to request: ServedRequest) async -> ServedResponse
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
  /// The request's bytes, already within the listener's limit.
  public var body: [UInt8]

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
  /// The answer's bytes.
  public var body: [UInt8]

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
