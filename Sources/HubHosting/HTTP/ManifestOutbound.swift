internal import HubConfig
internal import HubKit
internal import HubTransform
internal import JSONWire

/// Carries deliveries out as a manifest's operations say.
struct ManifestOutbound: OutboundAdapter {
  private let far: FarSystem
  private let evaluation: ManifestEvaluation
  private let operations: [String: (operation: HTTPOperation, rules: AnswerRules)]
  private let probeRules: AnswerRules

  init(far: FarSystem, evaluation: ManifestEvaluation) {
    self.far = far
    self.evaluation = evaluation
    let manifest = far.site.manifest
    let endpoint = far.context.endpoint
    operations = Dictionary(
      manifest.operations.map { operation in
        let rules = AnswerRules(
          operation.errors + manifest.errors, success: operation.success, reference: operation.reference,
          code: manifest.code, isSOAP: operation.soap != nil,
          pathHasValues: operation.request.path.names.contains { $0.contains(".") },
          name: "\(endpoint)/\(operation.name) answer")
        return (operation.name, (operation, rules))
      }, uniquingKeysWith: { first, _ in first })
    probeRules = AnswerRules(manifest.errors.filter { $0.when == nil && $0.fault == nil }, name: "\(endpoint) probe")
  }

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let (operation, rules) = try delivery.operation(among: operations)
    let left = try delivery.timeLeft(at: far.context.clock.now)
    let content = try await content(of: delivery, operation)
    let response = try await far.send(
      operation.request, values: { delivery.value($0, among: content.values) },
      headers: headers(delivery, operation, content),
      body: operation.request.method == "GET" || operation.request.method == "HEAD" ? nil : content.body,
      timeout: left)
    let success = try await rules.look(
      at: response, by: evaluation, envelope: delivery.envelope,
      wantsDocument: delivery.question != nil && !operation.answerMap.isEmpty)
    return try await reply(to: delivery, operation, response, success)
  }

  /// Sends what the manifest says is harmless, or asks the base URL by a method that changes nothing.
  func probe() async throws(AdapterError) {
    if let probe = far.site.manifest.probe {
      let response = try await far.send(probe, values: { _ in nil })
      _ = try await probeRules.look(at: response, by: evaluation)
      return
    }
    let response = try await far.context.transport.send(
      OutboundRequest(method: "HEAD", url: far.site.base + "/", responseBytesMax: 64 << 10))
    guard [401, 407, 429, 502, 503, 504].contains(response.status) else { return }
    throw AdapterError(
      .outage(after: response.retryAfter(now: far.context.clock.now)), code: "http-\(response.status)",
      reason: "The far system answered a probe with \(response.status).")
  }

  // MARK: - What goes out

  private func content(
    of delivery: Delivery, _ operation: HTTPOperation
  ) async throws(AdapterError) -> DeliveryContent {
    var content = try await DeliveryContent(
      of: delivery, map: operation.map, values: operation.values, wantsBytes: operation.soap != nil,
      id: "\(far.context.endpoint)/\(operation.name)", by: evaluation)
    guard let soap = operation.soap, case .bytes(let bytes) = content.body else { return content }
    do throws(InvalidMessage) { content.replace(with: try soap.wrapped(bytes), mediaType: soap.mediaType) } catch {
      throw AdapterError(
        .reject, code: "no-xml", reason: "The operation \(operation.name) wants XML, and the message is none.")
    }
    return content
  }

  private func headers(_ delivery: Delivery, _ operation: HTTPOperation, _ content: DeliveryContent) -> [HeaderField] {
    // A structured-field string (draft-ietf-httpapi-idempotency-key-header section 2.1), hence the quotes.
    var fields = [HeaderField("Idempotency-Key", "\"\(delivery.id)\"")]
    for name in [ExtensionName.traceParent, ExtensionName.traceState] {
      if let value = delivery.envelope.extensions[name] { fields.append(HeaderField(name, value)) }
    }
    if let soap = operation.soap, soap.version == "1.1" {
      fields.append(HeaderField("SOAPAction", "\"\(soap.action)\""))
    }
    let type = operation.soap == nil ? operation.contentType ?? content.mediaType : content.mediaType
    if let type { fields.append(HeaderField("Content-Type", type)) }
    return fields
  }

  // MARK: - What comes back

  private func reply(
    to delivery: Delivery, _ operation: HTTPOperation, _ response: OutboundResponse, _ success: AnswerRules.Success
  ) async throws(AdapterError) -> Reply {
    var reply = Reply(code: success.code, reference: success.reference)
    // Nobody reads what a one-way receiver says.
    guard delivery.question != nil else { return reply }
    var bytes = success.document?.body ?? response.body
    reply.mediaType = success.document?.mediaType ?? response.headers["Content-Type"]
    if !operation.answerMap.isEmpty {
      let shaped = try await evaluation.shape(
        bytes, mediaType: reply.mediaType, envelope: delivery.envelope, map: operation.answerMap,
        now: delivery.receivedAt, id: "\(far.context.endpoint)/\(operation.name) answer")
      (bytes, reply.mediaType) = (shaped.body, shaped.mediaType)
    }
    do throws(BodyError) {
      reply.body = try await OffPool.dispatch.keep(bytes, mediaType: reply.mediaType, in: delivery.bodies)
    } catch {
      throw AdapterError(
        .inDoubt, code: "reply-not-kept", reason: "The far system answered, and the answer could not be kept.",
        cause: "\(error)")
    }
    return reply
  }
}
