internal import Crypto
internal import FoundationEssentials
internal import HubConfig
internal import HubKit
internal import HubRouting
internal import HubTransform
internal import JSONWire

/// Answers what a far system calls, as a manifest's webhooks say: who calls is checked first, what he brings is on the
/// disk before he hears 202.
struct ManifestServed: ServedInterface {
  let site: HTTPSite
  let evaluation: ManifestEvaluation
  let context: ConnectorContext

  func respond(to request: ServedRequest) async -> ServedResponse {
    guard let webhook = site.manifest.webhooks.first(where: { $0.path == request.path }) else {
      return Self.problem(404, "not-found", "Không có dịch vụ này / there is no such service.")
    }
    guard ["POST", "PUT"].contains(request.method) else {
      var answer = Self.problem(405, "method", "Chỉ nhận POST hoặc PUT / only POST or PUT is taken.")
      answer.headers.append(HeaderField("Allow", "POST, PUT"))
      return answer
    }
    guard WebhookCheck(webhook.authentication, settings: site.settings).admits(request, at: context.clock.now) else {
      return Self.problem(401, "credential", "Sai thông tin xác thực / wrong credential.")
    }
    do throws(AdapterError) {
      return await accept(try await events(in: request, webhook))
    } catch {
      return Self.refusal(error)
    }
  }

  private func events(
    in request: ServedRequest, _ webhook: HTTPWebhook
  ) async throws(AdapterError) -> [Message] {
    let query = Dictionary(request.query.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    let queryJSON = String(decoding: JSONValue.object(query.mapValues { .text($0) }).bytes, as: UTF8.self)
    let document = try await evaluation.document { () throws(InvalidMessage) in
      try AnswerDocument(headers: request.headers, body: request.body, members: [("query", queryJSON)])
    }
    let result = try await evaluation.run(webhook.events.shape, over: document.json)
    let events = try EventReading.events(
      result, source: "/endpoints/\(context.endpoint)", name: webhook.events.name)
    var messages: [Message] = []
    for event in events {
      messages.append(
        Message(envelope: event.envelope, body: try await keep(event), principal: .endpoint(context.endpoint)))
    }
    return messages
  }

  private func keep(_ event: EventReading.Event) async throws(AdapterError) -> Body {
    do throws(BodyError) {
      return try await OffPool.dispatch.keep(
        event.body, mediaType: event.envelope.dataContentType, in: context.gateway.bodies)
    } catch {
      throw AdapterError(.retry(after: nil), code: "body", reason: "The message's bytes cannot be kept.")
    }
  }

  private func accept(_ messages: [Message]) async -> ServedResponse {
    guard !messages.isEmpty else { return ServedResponse(status: 204) }
    do throws(NotAccepted) {
      let receipts = try await context.gateway.accept(messages, advancing: nil)
      let ids = receipts.map(\.exchange.text)
      return .encoding(status: 202, ["exchanges": ids])
    } catch {
      let status: Int =
        switch error.code {
        case .invalid: 400
        case .forbidden, .secret: 403
        case .conflict: 409
        case .tooLarge: 413
        case .unknownReceiver, .noRoute: 422
        case .tooMany: 429
        case .unavailable: 503
        case .full: 507
        }
      var answer = Self.problem(status, error.code.rawValue, error.reason)
      if let wait = error.retryAfter?.components.seconds {
        answer.headers.append(HeaderField("Retry-After", "\(max(1, wait))"))
      }
      return answer
    }
  }

  /// What the caller sent cannot be used, or the hub cannot look at it now.
  private static func refusal(_ error: AdapterError) -> ServedResponse {
    if case .retry = error.verdict { return problem(503, error.code, error.reason) }
    return problem(400, error.code, error.reason)
  }

  private struct Problem: Encodable {
    var type: String
    var status: Int
    var detail: String
  }

  /// RFC 9457.
  private static func problem(_ status: Int, _ code: String, _ detail: String) -> ServedResponse {
    let problem = Problem(type: "urn:lgsp:problem:\(code)", status: status, detail: detail)
    var response = ServedResponse.encoding(status: status, problem)
    response.headers = [HeaderField("Content-Type", "application/problem+json")]
    return response
  }
}

/// Compares what a caller shows with what he must show, in a time that says nothing about the secret: digests are
/// compared, and whole.
struct WebhookCheck {
  let way: HTTPAuthentication
  let settings: SettingValues
  /// How far the time of a signed call may be from ours.
  private static let skewMax = Duration.seconds(300)

  init(_ way: HTTPAuthentication, settings: SettingValues) {
    self.way = way
    self.settings = settings
  }

  func admits(_ request: ServedRequest, at now: Timestamp) -> Bool {
    switch way {
    case .basic(let username, let password):
      guard let secret = settings.revealed(password) else { return false }
      let pair = Data("\(settings.plain(username) ?? ""):\(secret)".utf8).base64EncodedString()
      return Self.same(request.headers["Authorization"], "Basic \(pair)")
    case .bearer(let token):
      return settings.revealed(token).map { Self.same(request.headers["Authorization"], "Bearer \($0)") } ?? false
    case .apiKey(let header, let key):
      return settings.revealed(key).map { Self.same(request.headers[header], $0) } ?? false
    case .hmac(let signature): return isSigned(request, signature, at: now)
    case .none, .oauth: return false
    }
  }

  private func isSigned(_ request: ServedRequest, _ signature: HMACSignature, at now: Timestamp) -> Bool {
    guard let key = settings.revealed(signature.key) else { return false }
    let time = signature.timeHeader.flatMap { request.headers[$0] } ?? ""
    if signature.timeHeader != nil {
      let seconds = (now - Timestamp(microseconds: 0)).components.seconds
      let skew = Self.skewMax.components.seconds
      guard let shown = Int64(time), (seconds - skew...seconds + skew).contains(shown) else { return false }
    }
    let query = request.query.map { "\(FarSystem.segment($0.name))=\(FarSystem.segment($0.value))" }
    let digest = signature.digest(
      SignedParts(
        method: request.method, path: request.path, query: query.isEmpty ? "" : "?" + query.joined(separator: "&"),
        time: time, body: request.body),
      key: key)
    return Self.same(request.headers[signature.header], signature.prefix + digest)
  }

  private static func same(_ shown: String?, _ wanted: String) -> Bool {
    guard let shown else { return false }
    return SHA256.hash(data: Data(shown.utf8)) == SHA256.hash(data: Data(wanted.utf8))
  }
}
