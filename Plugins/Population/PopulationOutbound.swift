internal import HubKit
internal import JSONWire
internal import Logging

/// Puts one question to the database.
///
/// A question changes nothing there and may be repeated: every attempt of a delivery has the same MaYeuCau. What the
/// database has taken is written down in its log even when the answer is lost, so such an attempt is in doubt.
struct PopulationOutbound: OutboundAdapter {
  let settings: PopulationSettings
  let transport: any Transport
  let clock: any HubClock
  let logger: Logger
  private let dropped = DroppedElements()

  init(settings: PopulationSettings, transport: any Transport, clock: any HubClock, logger: Logger) {
    self.settings = settings
    self.transport = transport
    self.clock = clock
    self.logger = logger
  }

  private struct Verification: Encodable {
    var match: Bool
    var notes: [String]?
  }

  private struct Lookup: Encodable {
    var found: Bool
    var person: CitizenRecord?
    var notes: [String]?
  }

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let request = try request(for: delivery)
    let content = try request.content()
    let left = delivery.deadline - clock.now
    guard left > .zero else {
      throw AdapterError(.retry(after: nil), code: "deadline", reason: "The attempt's time was over before it began.")
    }
    let headers = try PopulationSigning(settings: settings).headers(at: clock.now)
    let response = try await transport.send(
      OutboundRequest(
        method: "POST", url: settings.url, headers: [HeaderField("Content-Type", content.mediaType)] + headers,
        body: .bytes(content.bytes), timeout: left, responseBytesMax: PopulationAnswer.bytesMax))
    let answer = try PopulationAnswer(response, wrapping: settings.wrapping)
    try answer.check(requestID: request.requestID)
    let json = try canonical(answer, to: request)
    return Reply(
      code: String(response.status), reference: request.requestID, mediaType: "application/json",
      body: try keep(json, in: delivery.bodies))
  }

  /// Asks for the service's description: no person is asked about. Any answer proves that somebody is there, save those
  /// by which the service, or a gateway before it, says that it is not, or that it does not know us.
  func probe() async throws(AdapterError) {
    let headers = try PopulationSigning(settings: settings).headers(at: clock.now)
    let url = settings.url + (settings.url.contains("?") ? "&wsdl" : "?wsdl")
    let response = try await transport.send(OutboundRequest(method: "GET", url: url, headers: headers))
    guard [401, 403, 404, 407, 429, 502, 503, 504].contains(response.status) else { return }
    throw AdapterError(
      .outage(after: nil), code: "http-\(response.status)",
      reason: "The population database answered a probe with status \(response.status).")
  }

  // MARK: - Question

  private func request(for delivery: Delivery) throws(AdapterError) -> PopulationRequest {
    guard delivery.question != nil else {
      throw AdapterError(
        .reject, code: "no-question",
        reason: "Nobody waits for the answer: personal data are asked for only where somebody reads them.")
    }
    let word = delivery.operation ?? PopulationOperation.verify.rawValue
    guard let operation = PopulationOperation(rawValue: word) else {
      throw AdapterError(
        .reject, code: "unknown-operation",
        reason: "The population database has no operation of that name: known are verify and lookup.")
    }
    let use = try PopulationUse(delivery.envelope)
    let question = try PopulationQuestion(
      body(of: delivery), today: clock.now.parts(offset: CalendarDay.offset))
    return PopulationRequest(
      operation: operation, question: question, use: use, requestID: use.requestID(for: delivery), settings: settings)
  }

  private func body(of delivery: Delivery) throws(AdapterError) -> [UInt8] {
    do throws(BodyError) {
      return try delivery.bodies.bytes(of: delivery.body, limit: PopulationQuestion.bytesMax)
    } catch {
      switch error {
      case .tooLarge:
        throw AdapterError(
          .reject, code: "question-too-large",
          reason: "A question has at most \(PopulationQuestion.bytesMax) bytes.")
      case .gone: throw AdapterError(.reject, code: "body", reason: "The question's bytes are not kept any more.")
      case .full, .damaged, .io:
        throw AdapterError(
          .retry(after: nil), code: "body", reason: "The question's bytes cannot be read.", cause: "\(error)")
      }
    }
  }

  // MARK: - Answer

  private func canonical(_ answer: PopulationAnswer, to request: PopulationRequest) throws(AdapterError) -> [UInt8] {
    var notes = request.question.notes.map(\.rawValue)
    let json: [UInt8]?
    switch request.operation {
    case .verify:
      json = JSONBytes.of(Verification(match: try answer.match(), notes: notes.isEmpty ? nil : notes))
    case .lookup:
      let citizen = try answer.citizen(number: request.question.number)
      let person = citizen.map { CitizenRecord($0, fields: settings.fields, notes: &notes) }
      if let citizen { dropped.report(CitizenRecord.unknownElements(in: citizen), to: logger) }
      if let gender = person?.gender { notes += genderNotes(gender, of: request.question) }
      json = JSONBytes.of(Lookup(found: person != nil, person: person, notes: notes.isEmpty ? nil : notes))
    }
    guard let json else { throw PopulationVerdict.noAnswer("answer-unwritable", "cannot be written as JSON") }
    return json
  }

  /// Only where the sex is returned anyway: the note would tell it.
  private func genderNotes(_ gender: String, of question: PopulationQuestion) -> [String] {
    guard gender != "unknown", case .personal(let text) = question.number, let number = CitizenNumber(text) else {
      return []
    }
    return number.notes(isMale: gender == "male").map(\.rawValue)
  }

  private func keep(_ json: [UInt8], in bodies: any BodyStore) throws(AdapterError) -> Body {
    guard json.count > Body.inlineBytesMax else { return .inline(json) }
    do throws(BodyError) {
      let writer = try bodies.writer(mediaType: "application/json", limit: json.count)
      try writer.write(json)
      return try writer.finish()
    } catch {
      throw AdapterError(
        .inDoubt, code: "reply-not-kept", reason: "The population database answered, and the answer could not be kept.",
        cause: "\(error)")
    }
  }
}
