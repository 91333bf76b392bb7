internal import HubKit

/// Sends deliveries.
struct HTTPOutbound: OutboundAdapter {
  let settings: HTTPSettings
  let transport: any Transport
  let clock: any HubClock

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let request = try request(for: delivery)
    let response = try await transport.send(request)
    if delivery.question != nil, let redirect = HTTPQuestion.redirected(response.status) { throw redirect }
    if delivery.question == nil || !HTTPQuestion.isAnswer(response.status) {
      try HTTPAnswer(response).check(settings: settings, now: clock.now)
    }
    return try reply(from: response, to: delivery)
  }

  /// Asks the fixed part of the address by a method that changes nothing. Any answer proves that the far system is
  /// there, save those by which it, or the gateway before it, says that it is not, or that it does not know us.
  func probe() async throws(AdapterError) {
    let headers = settings.headers + (try authorizationField())
    let request = OutboundRequest(method: settings.probeMethod, url: settings.url.fixedPart, headers: headers)
    let response = try await transport.send(request)
    guard [401, 407, 429, 502, 503, 504].contains(response.status) else { return }
    throw AdapterError(
      .outage(after: HTTPAnswer(response).retryAfter(now: clock.now)), code: "http-\(response.status)",
      reason: "The far system answered a probe with \(response.status).")
  }

  func request(for delivery: Delivery) throws(AdapterError) -> OutboundRequest {
    let left = delivery.deadline - clock.now
    guard left > .zero else {
      throw AdapterError(.retry(after: nil), code: "deadline", reason: "The attempt's time was over before it began.")
    }
    let url = try settings.url.url(for: delivery)
    if let question = delivery.question {
      let asked = try HTTPQuestion(question, delivery, at: url, mode: settings.mode)
      return OutboundRequest(
        method: question.method, url: asked.url,
        headers: asked.headers + deliveryHeaders(delivery) + settings.headers + (try authorizationField()),
        body: asked.body, timeout: left)
    }
    let content = try CloudEventsContent(delivery, mode: settings.mode)
    return OutboundRequest(
      method: settings.method, url: url,
      headers: content.headers + deliveryHeaders(delivery) + settings.headers + (try authorizationField()),
      body: content.body, timeout: left)
  }

  /// The idempotency key is a structured-field string (draft-ietf-httpapi-idempotency-key-header section 2.1), hence
  /// the quotes.
  private func deliveryHeaders(_ delivery: Delivery) -> [HeaderField] {
    var fields = [HeaderField("Idempotency-Key", "\"\(delivery.id)\"")]
    for name in [ExtensionName.traceParent, ExtensionName.traceState] {
      if let value = delivery.envelope.extensions[name] { fields.append(HeaderField(name, value)) }
    }
    return fields
  }

  private func authorizationField() throws(AdapterError) -> [HeaderField] {
    try settings.authorization().map { [HeaderField("Authorization", $0)] } ?? []
  }

  /// The answer's bytes are kept only for calls of a service: nobody reads what a one-way receiver says.
  private func reply(from response: OutboundResponse, to delivery: Delivery) throws(AdapterError) -> Reply {
    var reply = Reply(code: String(response.status), reference: response.headers["Location"])
    guard delivery.question != nil else { return reply }
    reply.mediaType = response.headers["Content-Type"]
    if response.body.count <= Body.inlineBytesMax {
      reply.body = .inline(response.body)
      return reply
    }
    do throws(BodyError) {
      let writer = try delivery.bodies.writer(
        mediaType: reply.mediaType ?? "application/octet-stream", limit: response.body.count)
      try writer.write(response.body)
      reply.body = try writer.finish()
    } catch {
      throw AdapterError(
        .inDoubt, code: "reply-not-kept", reason: "The far system answered, and the answer could not be kept.",
        cause: "\(error)")
    }
    return reply
  }
}
