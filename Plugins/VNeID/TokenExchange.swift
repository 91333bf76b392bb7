internal import FoundationEssentials
internal import HubKit

/// Exchanges a code for tokens (OpenID Connect Core 1.0 section 3.1.3).
struct TokenExchange {
  /// What the issuer gave.
  struct Tokens: Decodable {
    var idToken: String
    var accessToken: String?

    private enum CodingKeys: String, CodingKey {
      case idToken = "id_token"
      case accessToken = "access_token"
    }
  }

  /// Longest code that is passed on, in bytes.
  private static let codeBytesMax = 4096
  private static let answerBytesMax = 1 << 20

  let settings: VNeIDSettings

  func request(code: String, attempt: SignInAttempt, url: String) throws(AdapterError) -> OutboundRequest {
    let isCode = code.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    guard isCode, (1...Self.codeBytesMax).contains(code.utf8.count) else {
      throw AdapterError(.reject, code: "code-malformed", reason: "What came back is no authorization code.")
    }
    let secret = try settings.revealSecret()
    var fields = [
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", attempt.redirectURL),
      ("client_id", settings.clientId), ("code_verifier", attempt.verifier),
    ]
    var headers = [
      HeaderField("Content-Type", "application/x-www-form-urlencoded"), HeaderField("Accept", "application/json"),
    ]
    switch settings.clientAuthentication {
    case .form: fields.append(("client_secret", secret))
    case .basic:
      let pair = "\(FormText.encoded(settings.clientId)):\(FormText.encoded(secret))"
      headers.append(HeaderField("Authorization", "Basic " + Data(pair.utf8).base64EncodedString()))
    }
    return OutboundRequest(
      method: "POST", url: url, headers: headers, body: .bytes(Array(FormText.encoded(fields).utf8)),
      responseBytesMax: Self.answerBytesMax)
  }

  /// A code works once, so an answer that cannot be read leaves the attempt in doubt; the person starts a new one.
  func read(_ response: OutboundResponse) throws(AdapterError) -> Tokens {
    guard response.status == 200 else { throw refusal(response) }
    guard let tokens = try? JSONDecoder().decode(Tokens.self, from: Data(response.body)) else {
      throw AdapterError(
        .inDoubt, code: "tokens-unreadable", reason: "The issuer answered without an ID token that can be read.")
    }
    return tokens
  }

  /// The error codes of RFC 6749 section 5.2. The issuer's own description is not repeated: it may name the person.
  private func refusal(_ response: OutboundResponse) -> AdapterError {
    struct Refusal: Decodable { var error: String }
    let status = response.status
    switch (try? JSONDecoder().decode(Refusal.self, from: Data(response.body)))?.error {
    case "invalid_grant" where (400...499).contains(status):
      return AdapterError(
        .reject, code: "invalid-grant",
        reason: "The issuer does not take the code: it was used before, is too old, or belongs to another attempt.")
    case "invalid_client", "unauthorized_client":
      return AdapterError(
        .outage(after: nil), code: "client-refused",
        reason: "The issuer does not accept the hub's registration; see `clientId:`, `clientSecret:`, `clientAuth:`.")
    case .some where status == 400:
      return AdapterError(.reject, code: "token-refused", reason: "The issuer refuses to give tokens for the code.")
    default:
      return AdapterError(
        .outage(after: nil), code: "token-\(status)", reason: "The issuer answered \(status) when asked for tokens.")
    }
  }
}
