public import HubKit
internal import Synchronization

/// Finds out what an endpoint's connector would put on the wire for a delivery, without a wire: the connector is made
/// anew with a transport that notes each request and answers what was recorded.
public struct WireProbe: Sendable {
  /// Makes one endpoint's adapter.
  ///
  /// - Returns: nil when what it sends cannot be seen: it is a program of its own, or it does not send.
  public typealias Maker =
    @Sendable (_ transport: any Transport, _ clock: any HubClock) -> (any OutboundAdapter)?

  private let makers: [String: Maker]

  /// Takes the makers by endpoint.
  public init(_ makers: [String: Maker]) {
    self.makers = makers
  }

  /// What goes out for one delivery.
  ///
  /// - Parameters:
  ///   - answer: what the far system answered when it was recorded.
  ///   - shift: how far the connector's clock is ahead of the time of receipt.
  /// - Returns: the requests with the bytes that they name; nil when they cannot be seen.
  func requests(
    _ delivery: Delivery, at endpoint: String, answer: Result<Reply, AdapterError>, shift: Duration
  ) async -> (requests: [MadeRequest], contents: Contents)? {
    let clock = StoppedClock(now: delivery.receivedAt + shift)
    let transport = NotingTransport(answer)
    guard let adapter = makers[endpoint]?(transport, clock) else { return nil }
    var delivery = delivery
    delivery.deadline = clock.now + .seconds(60)
    _ = try? await adapter.deliver(delivery)
    return transport.noted
  }
}

/// A clock that stands still; whoever sleeps is woken at once.
private struct StoppedClock: HubClock {
  let now: Timestamp

  func sleep(until deadline: Timestamp) async throws { try Task.checkCancellation() }
}

/// Sends nothing, notes everything.
private final class NotingTransport: Transport {
  private struct State {
    var requests: [MadeRequest] = []
    var contents = Contents()
  }

  /// More requests than this for one delivery are a connector that goes round in circles.
  private static let requestsMax = 16
  /// Most bytes of a body that are looked at.
  private static let bodyBytesMax = 64 << 20

  private let answer: OutboundResponse
  private let state = Mutex(State())

  init(_ answer: Result<Reply, AdapterError>) {
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

  var noted: (requests: [MadeRequest], contents: Contents) { state.withLock { ($0.requests, $0.contents) } }

  func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    let body = try bytes(of: request.body)
    if Self.isTokenRequest(body) { return Self.token }
    let isTooMuch = state.withLock { state in
      let content = body.map { state.contents.add($0, type: request.headers["Content-Type"]) }
      state.requests.append(MadeRequest(request, body: content))
      return state.requests.count > Self.requestsMax
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

extension MadeRequest {
  /// Fields of credentials, of the trace and of the transfer itself, which no configuration is judged by.
  private static let leftOut = [
    "authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "traceparent", "tracestate", "date",
    "user-agent", "content-length", "accept-encoding", "connection", "expect",
  ]

  fileprivate init(_ request: OutboundRequest, body: Content?) {
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
