internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// Speaks the portal's adapter: logs in at `/mapi/login`, calls services at `/mapi/g`. The session is shared by all
/// who use the client.
final class PortalClient: Sendable {
  /// What a service answered, when its code was good or said that the record is there already.
  struct Answer {
    var code: String
    var exists: Bool
    var content: JSONValue
  }

  private let settings: NationalPortalSettings
  private let password: String
  private let transport: any Transport
  private let clock: any HubClock
  private let verdict: PortalVerdict
  private let shared = PortalSession()

  init(
    settings: NationalPortalSettings, transport: any Transport, clock: any HubClock
  ) throws(AdapterError) {
    guard let password = settings.password.reveal() else {
      throw AdapterError(
        .outage(after: nil), code: "secret-missing",
        reason: "the password \(settings.password.reference) cannot be read")
    }
    self.settings = settings
    self.password = password
    self.transport = transport
    self.clock = clock
    verdict = PortalVerdict(sessionCodes: settings.sessionCodes, rejectCodes: settings.rejectCodes)
  }

  /// Calls a service. A session that the portal does not know any more is renewed once.
  ///
  /// - Parameters:
  ///   - parts: members of the request beside `session` and `service`.
  ///   - deadline: all requests together end by then; nil: the endpoint's own limit for each.
  /// - Throws: ``AdapterError`` for every answer that is neither good nor "already there".
  func call(
    _ service: String, _ parts: [String: JSONValue], as call: PortalVerdict.Call, deadline: Timestamp? = nil
  ) async throws(AdapterError) -> Answer {
    var lost: String?
    for isLast in [false, true] {
      let session = try await session(instead: lost, by: deadline)
      var members = parts
      members["session"] = .text(session)
      members["service"] = .text(service)
      let (code, content) = try await answer(to: .object(members), as: call, by: deadline)
      switch verdict.meaning(of: code) {
      case .good: return Answer(code: code, exists: false, content: content)
      case .exists: return Answer(code: code, exists: true, content: content)
      case .failed(let error): throw error
      case .sessionLost where isLast: break
      case .sessionLost: lost = session
      }
    }
    throw AdapterError(
      .outage(after: nil), code: "portal-session", reason: "the portal does not know the session that it has just given"
    )
  }

  /// Logs in anew: proves that the portal answers, and changes no record there.
  func probe() async throws(AdapterError) {
    try await shared.renew { () throws(AdapterError) in try await self.logIn(by: nil) }
  }

  // MARK: - Session

  private func session(instead lost: String?, by deadline: Timestamp?) async throws(AdapterError) -> String {
    try await shared.session(instead: lost) { () throws(AdapterError) in try await self.logIn(by: deadline) }
  }

  private func logIn(by deadline: Timestamp?) async throws(AdapterError) -> String {
    let account: JSONValue = .object(["username": .text(settings.username), "password": .text(password)])
    let response: OutboundResponse
    do throws(AdapterError) {
      response = try await post("login", account, by: deadline)
    } catch {
      // No record was sent yet, so a lost answer leaves nothing in doubt.
      guard error.verdict == .inDoubt else { throw error }
      throw AdapterError(.outage(after: nil), code: error.code, reason: error.reason, cause: error.cause)
    }
    if response.status == 401 { throw refused(PortalVerdict.unauthorised) }
    if let error = PortalVerdict.of(response, call: .reading) { throw error }
    let (code, content) = try read(response, as: .reading)
    guard verdict.meaning(of: code) == .good else { throw refused(PortalVerdict.word(code)) }
    guard let session = content["session"]?.string, !session.isEmpty else {
      throw PortalVerdict.unreadable("without a session", call: .reading)
    }
    return session
  }

  /// Every message would meet this; none may be lost for it.
  private func refused(_ code: String) -> AdapterError {
    AdapterError(
      .outage(after: nil), code: "portal-login",
      reason: "the portal refuses the city's account: check username and password",
      cause: code)
  }

  // MARK: - Requests

  /// A status 401 is the same as a code that says that the session is lost.
  private func answer(
    to request: JSONValue, as call: PortalVerdict.Call, by deadline: Timestamp?
  ) async throws(AdapterError) -> (code: String, content: JSONValue) {
    let response = try await post("g", request, by: deadline)
    if response.status == 401 { return (PortalVerdict.unauthorised, .null) }
    if let error = PortalVerdict.of(response, call: call) { throw error }
    return try read(response, as: call)
  }

  private func read(
    _ response: OutboundResponse, as call: PortalVerdict.Call
  ) throws(AdapterError) -> (code: String, content: JSONValue) {
    guard !response.body.isEmpty else { throw PortalVerdict.unreadable("empty", call: call) }
    guard let content = JSONValue(response.body), let code = content["error_code"]?.code, !code.isEmpty else {
      throw PortalVerdict.unreadable("unreadable", call: call)
    }
    return (code, content)
  }

  private func post(
    _ path: String, _ content: JSONValue, by deadline: Timestamp?
  ) async throws(AdapterError) -> OutboundResponse {
    let left = deadline.map { $0 - clock.now }
    if let left, left <= .zero {
      throw AdapterError(.retry(after: nil), code: "deadline", reason: "the attempt's time was over before it was sent")
    }
    var headers = [HeaderField("Content-Type", "application/json"), HeaderField("Accept", "application/json")]
    if !settings.dstcodeInQuery { headers.append(HeaderField("dstcode", settings.dstcode)) }
    return try await transport.send(
      OutboundRequest(
        method: "POST", url: address(path), headers: headers, body: .bytes(content.bytes), timeout: left))
  }

  private func address(_ path: String) -> String {
    var query: [String] = []
    if settings.dstcodeInQuery { query.append("dstcode=\(Self.encoded(settings.dstcode))") }
    if let provider = settings.providerURL { query.append("providerurl=\(Self.encoded(provider))") }
    return "\(settings.url)/mapi/\(path)" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
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
