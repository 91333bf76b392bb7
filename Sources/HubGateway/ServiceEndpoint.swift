internal import FoundationEssentials
internal import HTTPTypes
internal import HubKit
internal import Hummingbird

/// `/v1/services/{provider}/{service}`: questions to the systems behind the hub, and their answers.
struct ServiceEndpoint: Sendable {
  let gateway: any Gateway
  let settings: GatewaySettings

  static let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]

  /// `ANY /v1/services/{provider}/{service}[/path]`
  func call(_ request: Request, _ context: GatewayContext) async throws -> Response {
    guard let agency = context.agency else { throw Problem(.tokenMissing, "A token is needed.") }
    let prefer = Preference(request.headers)
    var envelope = try envelope(request, context, agency)
    TraceContext.fill(&envelope, from: request.headers)
    let intake = BodyIntake(bodies: gateway.bodies, bytesMax: settings.bodyBytesMax)
    let taken = try await intake.take(
      request, context, mediaType: envelope.dataContentType ?? "application/octet-stream")
    let body = try await parameters(request, taken, &envelope)
    let message = Message(envelope: envelope, body: body, principal: .agency(agency))
    do {
      if prefer.isAsynchronous { return accepted(try await gateway.accept([message], advancing: nil)) }
      let answer = try await ask(message, within: prefer.wait ?? settings.questionWait, context)
      return try await response(answer)
    } catch let refusal as NotAccepted {
      await taken.discard()
      throw Problem(refusal, batch: false)
    }
  }

  /// Attributes come as in binary mode, all of them optional: a question that need not be told apart from others gets
  /// an id of its own.
  private func envelope(
    _ request: Request, _ context: GatewayContext, _ agency: OrganisationCode
  ) throws -> Envelope {
    var rules = AttributeRules(countMax: settings.attributesMax, bytesMax: settings.attributeBytesMax) { "ce-\($0)" }
    for field in request.headers where field.name.canonicalName.hasPrefix("ce-") {
      let name = String(field.name.canonicalName.dropFirst(3))
      guard !Self.ownAttributes.contains(name) else {
        rules.complain("attribute-name", name, "the hub sets this attribute itself")
        continue
      }
      rules.add(name, BinaryEvent.decoded(field.value))
    }
    for (name, value) in [
      ("specversion", "1.0"), ("id", UUID().uuidString.lowercased()), ("source", "/agencies/\(agency)"),
    ] where rules[name] == nil {
      rules.add(name, value)
    }
    if let contentType = request.headers[.contentType] { rules.add("datacontenttype", contentType) }
    var envelope = try rules.envelope(typeRequired: false)
    envelope.type = Question.eventType
    let parts = request.uri.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
    envelope.extensions[ExtensionName.service] =
      parts.prefix(2).map { PercentDecoding.path(String($0)) ?? String($0) }.joined(separator: "/")
    envelope.question = Question(
      method: request.method.rawValue, path: parts.dropFirst(2).joined(separator: "/"))
    return envelope
  }

  private static let ownAttributes: Set<String> = [
    "type", "datacontenttype", ExtensionName.service, ExtensionName.method, ExtensionName.path,
  ]

  /// Parameters name persons more often than not, so they are kept as bodies are, and no longer.
  private func parameters(
    _ request: Request, _ taken: TakenBody, _ envelope: inout Envelope
  ) async throws -> Body {
    guard let query = request.uri.query, !query.isEmpty else { return taken.body }
    guard taken.body.byteCount == 0 else {
      await taken.discard()
      throw Problem(.badRequest, "Send parameters either in the query or in the body, not in both.")
    }
    envelope.dataContentType = Question.parametersType
    return .inline(Array(query.utf8))
  }

  /// Waits for the answer, as long as the caller does.
  private func ask(
    _ message: Message, within duration: Duration, _ context: GatewayContext
  ) async throws -> Answer {
    let gateway = gateway
    let (left, leave) = AsyncStream.makeStream(of: Never.self)
    context.whenCallerLeaves { leave.finish() }
    return try await withThrowingTaskGroup(of: Answer?.self) { group in
      group.addTask { try await gateway.ask(message, within: duration) }
      group.addTask {
        for await _ in left {}
        return nil
      }
      defer { group.cancelAll() }
      // Nobody reads what is answered to a caller who has gone.
      guard let answer = try await group.next() ?? nil else { throw RequestCutShort() }
      return answer
    }
  }

  // MARK: - Answers

  private func accepted(_ receipts: [Receipt]) -> Response {
    guard let receipt = receipts.first else { return Response(status: .accepted) }
    let json = #"{"id":"\#(receipt.exchange)","receivedAt":"\#(receipt.receivedAt)","duplicate":\#(receipt.duplicate)}"#
    var response = jsonResponse(.accepted, Array(json.utf8))
    response.headers[.location] = "/v1/exchanges/\(receipt.exchange)"
    response.headers[.preferenceApplied] = "respond-async"
    return response
  }

  private func response(_ answer: Answer) async throws -> Response {
    let exchange = answer.receipt.exchange
    if answer.receipt.duplicate {
      var problem = Problem(
        .conflict,
        "The id was used before, in exchange \(exchange): GET /v1/exchanges/\(exchange) says how that ended, and its "
          + "/reply has the answer while it is kept. Give a new question a new id.")
      problem.exchange = exchange
      throw problem
    }
    guard answer.outcome.state == .delivered, let reply = answer.reply else { throw Self.problem(answer) }
    return try await Self.response(reply, exchange, gateway.bodies)
  }

  /// A far system's answer as the caller gets it: its own status where it has one that is an answer.
  static func response(_ reply: Reply, _ exchange: ExchangeID, _ bodies: any BodyStore) async throws -> Response {
    var headers = HTTPFields()
    headers[.contentType] = reply.mediaType ?? "application/octet-stream"
    if reply.body.byteCount == 0 { headers[.contentType] = nil }
    headers[.exchange] = exchange.text
    headers[.origin] = Fault.Origin.farSystem.rawValue
    let status = Int(reply.code).flatMap { (200...499).contains($0) ? $0 : nil } ?? 200
    return try await BodyResponse.make(.init(code: status), headers, reply.body, from: bodies)
  }

  private static func problem(_ answer: Answer) -> Problem {
    let fault = answer.outcome.fault
    var problem = Problem(
      type(of: fault), answer.outcome.reason ?? "The question ended without an answer, and without a reason.")
    problem.retryAfter = fault?.retryAfter
    problem.exchange = answer.receipt.exchange
    problem.code = fault?.code
    problem.faultOrigin = fault.map { $0.origin == .hub ? .hub : .farSystem }
    problem.headers[.exchange] = answer.receipt.exchange.text
    problem.headers[.origin] = (fault?.origin ?? .hub).rawValue
    return problem
  }

  private static func type(of fault: Fault?) -> ProblemType {
    switch (fault?.kind, fault?.origin) {
    case (.invalid, .farSystem), (.inDoubt, _): .farSystemFailed
    case (.invalid, _): .invalid
    case (.refused, _): .farSystemRefused
    case (.unavailable, _): .farSystemUnavailable
    case (.expired, _): .deadlinePassed
    case (.abandoned, _): .answerAbandoned
    case (nil, _): .internal
    }
  }
}

/// What a caller prefers (RFC 7240).
struct Preference {
  /// Longest wait, in whole seconds on the wire.
  var wait: Duration?
  /// He does not wait at all, and asks later.
  var isAsynchronous = false

  init(_ headers: HTTPFields) {
    guard let name = HTTPField.Name("Prefer") else { return }
    for item in headers[values: name].flatMap({ $0.split(separator: ",") }) {
      let parts = item.split(separator: ";").first?.split(separator: "=") ?? []
      let word = parts.first.map { $0.filter { $0 != " " }.lowercased() }
      switch word {
      case "respond-async": isAsynchronous = true
      case "wait":
        let seconds = parts.count > 1 ? Int(parts[1].filter { $0 != " " && $0 != "\"" }) : nil
        if let seconds, seconds >= 0, seconds <= 86_400 { wait = .seconds(seconds) }
      default: break
      }
    }
  }
}

extension HTTPField.Name {
  /// The exchange in which a question is on record.
  static let exchange = HTTPField.Name("LGSP-Exchange") ?? .contentLocation
  /// Who wrote the answer: `hub` or `far-system`.
  static let origin = HTTPField.Name("LGSP-Origin") ?? .contentLocation
  static let preferenceApplied = HTTPField.Name("Preference-Applied") ?? .contentLocation
}
