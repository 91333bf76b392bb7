import HubKit
import Hummingbird
import Logging

/// The three steps of signing in and out. Each failure has its own page, which says what to do.
struct SignInRoutes: Sendable {
  /// Where persons come back.
  static let callbackPath = "/sign-in/callback"

  let signIn: OperatorSignIn
  let logger: Logger

  /// `GET /sign-in`: sends the person to the far system.
  func begin(_ call: BrowserCall) async -> Response {
    guard let origin = call.origin else { return page(.badRequest, .badHost) }
    guard let (ticket, attempt) = signIn.attempts.begin(redirectURL: origin + Self.callbackPath, from: call.address)
    else {
      var response = page(.serviceUnavailable, .tooMany)
      response.add("Retry-After", "60")
      return response
    }
    do throws(AdapterError) {
      let address = try await signIn.provider.address(for: attempt)
      guard Self.isAddress(address) else {
        throw AdapterError(.outage(after: nil), code: "no-address", reason: "The far system gave no web address.")
      }
      var response = Response.seeOther(address)
      let lifetime = signIn.cookieLifetimes.attempt
      response.add("Set-Cookie", call.cookie(BrowserCall.attemptCookie, ticket, for: lifetime))
      return response
    } catch {
      signIn.attempts.drop(ticket: ticket)
      return failure(error)
    }
  }

  /// `GET /sign-in/callback`: takes the person in who comes back with the answer to this browser's own question.
  ///
  /// - Parameters:
  ///   - state: of the query; empty when there is none.
  ///   - code: of the query; empty when the far system reports an error instead.
  func finish(_ call: BrowserCall, state: String, code: String) async -> Response {
    let attempt: SignInAttempt
    switch signIn.attempts.end(ticket: call.attempt, state: state) {
    case .none: return page(.badRequest, .noAttempt)
    case .foreign: return page(.badRequest, .foreign)
    case .found(let own): attempt = own
    }
    var response = await answer(call, code, attempt)
    response.add("Set-Cookie", call.cookie(BrowserCall.attemptCookie, "", for: .zero))
    return response
  }

  private func answer(_ call: BrowserCall, _ code: String, _ attempt: SignInAttempt) async -> Response {
    guard !code.isEmpty else { return page(.forbidden, .notCompleted) }
    do throws(AdapterError) {
      let person = try await signIn.provider.person(code: code, attempt: attempt)
      guard signIn.admits(person) else {
        logger.notice("a person who is no operator tried to sign in", metadata: Self.digest(of: person))
        return page(.forbidden, .notOperator(subject: person.subject))
      }
      logger.notice("an operator signed in", metadata: Self.digest(of: person))
      signIn.sessions.close(call.session)
      var response = Response.seeOther("/")
      let lifetime = signIn.cookieLifetimes.session
      let id = signIn.sessions.open(person)
      response.add("Set-Cookie", call.cookie(BrowserCall.sessionCookie, id, for: lifetime))
      return response
    } catch {
      return failure(error)
    }
  }

  /// `POST /sign-out`: ends the session, here only; the far system's own goes on.
  func end(_ call: BrowserCall) -> Response {
    guard call.isFromOwnPage else { return page(.forbidden, .otherSite) }
    signIn.sessions.close(call.session)
    var response = Response.seeOther("/")
    response.add("Set-Cookie", call.cookie(BrowserCall.sessionCookie, "", for: .zero))
    return response
  }

  /// What the status page answers to a caller who may not read it.
  func refusal() -> Response { page(.forbidden, .signInFirst) }

  private func failure(_ error: AdapterError) -> Response {
    logger.warning("signing in failed", metadata: ["code": "\(error.code)", "reason": "\(error.reason)"])
    return switch error.verdict {
    case .reject: page(.forbidden, .rejected(code: error.code, reason: error.reason))
    default: page(.badGateway, .away(code: error.code, reason: error.reason))
    }
  }

  private func page(_ status: HTTPResponse.Status, _ message: SignInMessage) -> Response {
    let nonce = RandomText.bits(128)
    let page = SignInPage(title: signIn.provider.title, message: message, nonce: nonce)
    return .document(status: status, nonce: nonce, page.html)
  }

  /// Persons stand in the log by a digest only: whoever knows a subject can find its lines, nobody else learns it.
  private static func digest(of person: SignedInPerson) -> Logger.Metadata {
    ["subjectSHA256": "\(SecretDigest(person.subject).text)"]
  }

  /// Whether it can stand in a Location field.
  private static func isAddress(_ text: String) -> Bool {
    (text.hasPrefix("https://") || text.hasPrefix("http://")) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
