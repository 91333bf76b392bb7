internal import HubKit
internal import JSONWire

/// Speaks the procedure system's interface.
struct ProcedureSystemClient: Sendable {
  /// Header field with the cursor behind the last event of a batch.
  static let cursorField = "Events-Cursor"

  /// Some events, in the system's order.
  struct Batch {
    var events: [JSONValue]
    var cursor: String?
  }

  private let url: String
  private let token: String
  private let transport: any Transport
  private let clock: any HubClock

  init(
    settings: ProcedureSystemSettings, transport: any Transport, clock: any HubClock
  ) throws(AdapterError) {
    guard let token = settings.token.reveal() else {
      throw AdapterError(
        .outage(after: nil), code: "secret-missing", reason: "the token \(settings.token.reference) cannot be read")
    }
    url = settings.url
    self.token = token
    self.transport = transport
    self.clock = clock
  }

  /// Hands in one event.
  ///
  /// - Returns: status code and the system's name for the dossier.
  func post(
    _ event: JSONValue, id: String, headers: [HeaderField], deadline: Timestamp
  ) async throws(AdapterError) -> (code: String, dossier: String) {
    let left = deadline - clock.now
    guard left > .zero else {
      throw AdapterError(.retry(after: nil), code: "deadline", reason: "the attempt's time was over before it began")
    }
    let content = HeaderField("Content-Type", "application/cloudevents+json; charset=utf-8")
    let response = try await send(
      OutboundRequest(
        method: "POST", url: "\(url)/dossiers", headers: [content] + headers, body: .bytes(event.bytes), timeout: left))
    if let error = ProcedureVerdict.of(response, call: .writing) { throw error }
    guard !response.body.isEmpty else { throw ProcedureVerdict.unreadable("empty", call: .writing) }
    guard let answer = JSONValue(response.body), answer["id"]?.string == id,
      let dossier = answer["dossierCode"]?.string
    else { throw ProcedureVerdict.unreadable("unreadable", call: .writing) }
    return (String(response.status), dossier)
  }

  /// What happened after a cursor; nil when the system does not know that cursor any more.
  func events(after cursor: String?, limit: Int) async throws(AdapterError) -> Batch? {
    let after = cursor.map { "after=\(Self.encoded($0))&" } ?? ""
    let response: OutboundResponse
    do throws(AdapterError) {
      response = try await send(OutboundRequest(method: "GET", url: "\(url)/events?\(after)limit=\(limit)"))
    } catch {
      // Nothing was handed over, so a lost answer leaves nothing in doubt.
      guard error.verdict == .inDoubt else { throw error }
      throw AdapterError(.outage(after: nil), code: error.code, reason: error.reason, cause: error.cause)
    }
    if response.status == 410, cursor != nil { return nil }
    if let error = ProcedureVerdict.of(response, call: .reading) { throw error }
    guard !response.body.isEmpty else { throw ProcedureVerdict.unreadable("empty", call: .reading) }
    guard case .list(let events)? = JSONValue(response.body) else {
      throw ProcedureVerdict.unreadable("unreadable", call: .reading)
    }
    let next = response.headers[Self.cursorField]
    guard events.isEmpty || next?.isEmpty == false else {
      throw ProcedureVerdict.unreadable("without a cursor", call: .reading)
    }
    return Batch(events: events, cursor: next)
  }

  /// Any answer but a refusal proves that the system is there.
  func ping() async throws(AdapterError) {
    let response = try await send(OutboundRequest(method: "GET", url: "\(url)/ping"))
    if let error = ProcedureVerdict.of(response, call: .reading) { throw error }
  }

  private func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    var request = request
    request.headers.append(HeaderField("Authorization", "Bearer \(token)"))
    return try await transport.send(request)
  }

  /// Everything but the unreserved characters (RFC 3986 section 2.3) as `%XX`.
  private static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { out, byte in
      let character = Character(Unicode.Scalar(byte))
      if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
        out.append(character)
      } else {
        out += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
  }
}
