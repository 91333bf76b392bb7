public import HubKit
internal import Synchronization

/// A clock that stands still; whoever sleeps is woken at once.
public struct StoppedClock: HubClock {
  /// The time that it shows.
  public let now: Timestamp

  /// Stops a clock.
  public init(at now: Timestamp) {
    self.now = now
  }

  /// Returns at once.
  public func sleep(until deadline: Timestamp) async throws { try Task.checkCancellation() }
}

/// One request as a connector puts it on the wire, without credentials.
public struct SentRequest: Sendable, Hashable {
  /// Method, as in `POST`; of a file what is done with it.
  public var method: String
  /// Absolute URL.
  public var url: String
  /// Header fields that matter, names in lower case: none of credentials, of the trace, or of the transfer itself.
  public var headers: [[String]]
  /// What is sent; nil: nothing.
  public var body: [UInt8]?

  /// Creates a request.
  public init(method: String, url: String, headers: [[String]], body: [UInt8]?) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// A transport that sends nothing and notes everything: it answers what was recorded, so that a connector shows what it
/// would put on the wire.
public final class NotingTransport: Transport {

  /// More requests than this for one delivery are a connector that goes round in circles.
  private static let requestsMax = 16
  /// Most bytes of a body that are looked at.
  private static let bodyBytesMax = 64 << 20

  private let answer: OutboundResponse
  private let state = Mutex<[SentRequest]>([])

  /// Creates a transport.
  ///
  /// - Parameter answer: what came of the delivery when it was recorded: its bytes answer every request.
  public init(_ answer: Result<Reply, AdapterError>) {
    switch answer {
    case .success(let reply):
      let bytes: [UInt8] = if case .inline(let bytes) = reply.body { bytes } else { [] }
      let status = Int(reply.code).flatMap { (100...599).contains($0) ? $0 : nil } ?? 200
      self.answer = OutboundResponse(
        status: status, headers: reply.mediaType.map { [HeaderField("Content-Type", $0)] } ?? [], body: bytes)
    case .failure(let error):
      let digits = error.code.split(separator: "-").last.flatMap { Int($0) } ?? 0
      self.answer = OutboundResponse(status: (400...599).contains(digits) ? digits : 500)
    }
  }

  /// What would have been sent so far.
  public var requests: [SentRequest] { state.withLock { $0 } }

  /// Notes a request. One for a token gets one, and is not noted.
  public func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    let body = try bytes(of: request.body)
    if Self.isTokenRequest(body) { return Self.token }
    let isTooMuch = state.withLock { requests in
      requests.append(SentRequest(request, body: body))
      return requests.count > Self.requestsMax
    }
    guard !isTooMuch else {
      throw AdapterError(.reject, code: "too-many-requests", reason: "More than \(Self.requestsMax) requests.")
    }
    return answer
  }

  private func bytes(of body: OutboundBody?) throws(AdapterError) -> [UInt8]? {
    switch body {
    case nil: return nil
    case .bytes(let bytes): return bytes
    case .stream(let reader, let count):
      var whole: [UInt8] = []
      do {
        while whole.count < min(count, Self.bodyBytesMax) {
          let next = try reader.read(upTo: 1 << 16)
          guard !next.isEmpty else { break }
          whole += next
        }
      } catch {
        throw AdapterError(.reject, code: "body-gone", reason: "The body could not be read.")
      }
      return whole
    }
  }

  /// A client that asks for a token (RFC 6749 section 4.4) has not yet sent anything of the message.
  private static func isTokenRequest(_ body: [UInt8]?) -> Bool {
    guard let body, body.count < 4096 else { return false }
    return String(decoding: body, as: UTF8.self).contains("grant_type=")
  }

  private static let token = OutboundResponse(
    status: 200, headers: [HeaderField("Content-Type", "application/json")],
    body: Array(#"{"access_token":"replay","token_type":"Bearer","expires_in":3600}"#.utf8))
}

extension SentRequest {
  /// Fields of credentials, of the trace and of the transfer itself, which no configuration is judged by.
  private static let leftOut = [
    "authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "traceparent", "tracestate", "date",
    "user-agent", "content-length", "accept-encoding", "connection", "expect",
  ]

  fileprivate init(_ request: OutboundRequest, body: [UInt8]?) {
    let fields = request.headers.filter { field in
      let name = field.name.lowercased()
      return !Self.leftOut.contains(where: name.contains)
    }
    self.init(
      method: request.file?.words ?? request.method, url: request.url,
      headers: fields.map { [$0.name.lowercased(), $0.value] }, body: body)
  }
}

extension FileAccess {
  /// What is done, with the path.
  fileprivate var words: String {
    switch action {
    case .list: "LIST \(path)"
    case .look: "LOOK \(path)"
    case .read: "READ \(path)"
    case .write: "WRITE \(path)"
    case .move(let other): "MOVE \(path) \(other)"
    case .remove: "REMOVE \(path)"
    }
  }
}
