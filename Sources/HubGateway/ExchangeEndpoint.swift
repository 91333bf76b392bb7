internal import FoundationEssentials
internal import HTTPTypes
internal import HubKit
internal import Hummingbird

/// `/v1/exchanges`: hands messages in and tells what became of them.
struct ExchangeEndpoint: Sendable {
  let gateway: any Gateway
  let query: any ExchangeQuery
  let codecs: [any Codec]
  let settings: GatewaySettings

  private var intake: BodyIntake {
    BodyIntake(bodies: gateway.bodies, bytesMax: settings.bodyBytesMax)
  }

  /// `POST /v1/exchanges`, in the mode that the media type names.
  func post(_ request: Request, _ context: GatewayContext) async throws -> Response {
    guard let agency = context.agency else { throw Problem(.tokenMissing, "A token is needed.") }
    let mediaType = try checkedMediaType(request)
    switch mediaType?.essence {
    case "application/cloudevents+json":
      let json = try await intake.collect(request, context, max: structuredMax)
      let event = try StructuredEvent.one(json, settings: settings)
      return try await admit([event], request, agency, batch: false)
    case "application/cloudevents-batch+json":
      let json = try await intake.collect(request, context, max: structuredMax)
      let events = try StructuredEvent.batch(json, settings: settings)
      return try await admit(events, request, agency, batch: true)
    case let essence? where essence.hasPrefix("application/cloudevents"):
      throw Problem(
        .mediaType, "Of the CloudEvents formats only JSON is read here, not \(essence.prefix(80)).")
    default:
      return try await postBinary(request, context, agency)
    }
  }

  /// `GET /v1/exchanges/{id}`: for those who took part, and for operators. Others learn nothing, not even that it
  /// exists.
  func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
    let notFound = Problem(
      .notFound, "There is no exchange with this id in which your agency took part.")
    guard let agency = context.agency,
      let id = context.parameters.get("id").flatMap(ExchangeID.init),
      var view = try await query.exchange(id),
      view.sender == agency || view.receivers.contains(agency) || query.mayObserve(agency)
    else { throw notFound }
    if !query.mayObserve(agency) { view.events.removeAll { Self.operatorsOnly.contains($0.name) } }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return jsonResponse(.ok, Array(try encoder.encode(view)))
  }

  /// Steps that the hub takes for its operators beside the exchange: who else is asked in shadow, and how the answers
  /// compare.
  private static let operatorsOnly: Set = ["shadow", "compared"]

  /// `GET /v1/exchanges/{id}/reply`: the answer to a question for which nobody waited, for the agency that asked.
  func reply(_ request: Request, _ context: GatewayContext) async throws -> Response {
    guard let agency = context.agency, let id = context.parameters.get("id").flatMap(ExchangeID.init),
      let view = try await query.exchange(id), view.sender == agency
    else { throw Problem(.notFound, "There is no exchange with this id that your agency began.") }
    guard view.state.isSettled else {
      var problem = Problem(.notFound, "The exchange is under way: there is no answer yet.")
      problem.retryAfter = .seconds(5)
      throw problem
    }
    guard let reply = try await query.answer(of: id) else {
      throw Problem(.notFound, "There is no answer, or it is not kept any more.")
    }
    return try await ServiceEndpoint.response(reply, id, gateway.bodies)
  }

  private var structuredMax: Int { min(settings.structuredBytesMax, settings.bodyBytesMax) }

  private func checkedMediaType(_ request: Request) throws -> MediaTypeText? {
    if let coding = request.headers.text(of: .contentEncoding), coding.lowercased() != "identity" {
      throw Problem(.mediaType, "Send the body without Content-Encoding.")
    }
    guard let text = request.headers.text(of: .contentType) else { return nil }
    guard let mediaType = MediaTypeText(text) else {
      throw Problem(.mediaType, "Content-Type is no media type, as application/json is.")
    }
    if mediaType.essence.hasPrefix("application/cloudevents"), let charset = mediaType.charset,
      charset != "utf-8"
    {
      throw Problem(.mediaType, "Events in JSON must be UTF-8.")
    }
    return mediaType
  }

  private func postBinary(
    _ request: Request, _ context: GatewayContext, _ agency: OrganisationCode
  ) async throws -> Response {
    let event = try BinaryEvent(request.headers, agency: agency, settings: settings)
    var envelope = event.envelope
    TraceContext.fill(&envelope, from: request.headers)
    let mediaType = envelope.dataContentType ?? "application/octet-stream"
    let taken = try await intake.take(request, context, mediaType: mediaType)
    if event.lacksType { try await requireType(in: envelope, [taken], place: "ce-type") }
    let message = Message(envelope: envelope, body: taken.body, principal: .agency(agency))
    return try await accept([message], [taken], batch: false)
  }

  private func admit(
    _ events: [StructuredEvent], _ request: Request, _ agency: OrganisationCode, batch: Bool
  ) async throws -> Response {
    var messages: [Message] = []
    var taken: [TakenBody] = []
    for (index, event) in events.enumerated() {
      var envelope = event.envelope
      TraceContext.fill(&envelope, from: request.headers)
      do {
        taken.append(
          try await intake.take(
            event.data, mediaType: envelope.dataContentType ?? "application/json"))
      } catch {
        for body in taken { await body.discard() }
        throw error
      }
      if event.lacksType {
        try await requireType(in: envelope, taken, place: batch ? "/\(index)/type" : "/type")
      }
      messages.append(
        Message(envelope: envelope, body: taken[index].body, principal: .agency(agency)))
    }
    return try await accept(messages, taken, batch: batch)
  }

  /// An event may leave its type out only when its content is in a format that names one itself. Judges the last body.
  private func requireType(in envelope: Envelope, _ taken: [TakenBody], place: String) async throws {
    let mediaType = envelope.dataContentType.flatMap(MediaTypeText.init)?.essence
    let prefix = taken.last?.prefix ?? []
    if codecs.contains(where: { $0.recognises(mediaType: mediaType, prefix: prefix) }) { return }
    for body in taken { await body.discard() }
    let advice = "CloudEvents requires the attribute `type`; send it as `\(place)`"
    throw InvalidMessage(rule: "attribute-missing", advice, path: place)
  }

  private func accept(_ messages: [Message], _ taken: [TakenBody], batch: Bool) async throws
    -> Response
  {
    do {
      return receiptResponse(try await gateway.accept(messages, advancing: nil), batch: batch)
    } catch {
      for body in taken { await body.discard() }
      throw Problem(error, batch: batch)
    }
  }

  private func receiptResponse(_ receipts: [Receipt], batch: Bool) -> Response {
    // Ids, times and flags need no escaping, and this is the busiest answer of the hub.
    let objects = receipts.map {
      #"{"id":"\#($0.exchange)","receivedAt":"\#($0.receivedAt)","duplicate":\#($0.duplicate)}"#
    }
    let json = batch ? "[\(objects.joined(separator: ","))]" : objects.joined()
    var response = jsonResponse(.accepted, Array(json.utf8))
    if !batch, let id = receipts.first?.exchange {
      response.headers[.location] = "/v1/exchanges/\(id)"
    }
    return response
  }
}

/// An answer in JSON.
func jsonResponse(_ status: HTTPResponse.Status, _ json: [UInt8]) -> Response {
  Response(
    status: status, headers: [.contentType: "application/json"],
    body: .init(byteBuffer: ByteBuffer(bytes: json)))
}
