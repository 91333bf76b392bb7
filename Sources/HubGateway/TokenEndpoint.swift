internal import FoundationEssentials
internal import HTTPTypes
internal import HubKit
internal import Hummingbird
internal import Logging

/// `POST /oauth2/token`: the client credentials grant (RFC 6749 section 4.4).
struct TokenEndpoint: Sendable {
  let credentials: any CredentialCheck
  let signer: TokenSigner
  let limiter: GuessLimiter
  let lifetime: Duration

  /// Largest form, in bytes.
  private static let formBytesMax = 8 << 10

  func post(_ request: Request, _ context: GatewayContext) async throws -> Response {
    guard
      request.headers[.contentType].flatMap(MediaTypeText.init)?.essence
        == "application/x-www-form-urlencoded"
    else { return refusal(.invalidRequest, "send the form as application/x-www-form-urlencoded") }
    let intake = BodyIntake(bodies: MemoryBodyStore(), bytesMax: Self.formBytesMax)
    let body = try await intake.collect(request, context, max: Self.formBytesMax)
    guard let form = FormText.fields(String(decoding: body, as: UTF8.self)) else {
      return refusal(.invalidRequest, "a form field is malformed or stands there twice")
    }
    guard let grant = form["grant_type"] else {
      return refusal(.invalidRequest, "grant_type is missing")
    }
    guard grant == "client_credentials" else {
      return refusal(.unsupportedGrantType, "only client_credentials is offered")
    }
    if let scope = form["scope"], !scope.isEmpty {
      return refusal(.invalidScope, "leave scope out: rights stand in the hub's access rules")
    }
    guard let client = try client(from: request, form) else {
      return refusal(
        .invalidRequest, "authenticate once: by HTTP Basic, or by client_id and client_secret")
    }
    return try await answer(client, context)
  }

  private struct Client {
    let id, secret: String
  }

  private func answer(_ client: Client, _ context: GatewayContext) async throws
    -> Response
  {
    let address = context.remoteAddress ?? ""
    if let wait = limiter.wait(client: client.id, address: address) {
      var problem = Problem(
        .tooManyGuesses, "Too many wrong secrets came for this client or from this address.")
      problem.retryAfter = wait
      throw problem
    }
    let credentials = credentials
    let verified = try await blocking {
      credentials.verify(clientID: client.id, secret: client.secret)
    }
    guard let agency = verified else {
      limiter.recordWrong(client: client.id, address: address)
      context.logger.notice("wrong client credentials", metadata: ["address": "\(address)"])
      return refusal(
        .invalidClient, "client id or secret is wrong, or was revoked")
    }
    let token = try await signer.issue(to: agency, credential: client.id)
    let seconds = lifetime.components.seconds
    let json = #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":\#(seconds)}"#
    return unstored(jsonResponse(.ok, Array(json.utf8)))
  }

  /// The client by HTTP Basic (section 2.3.1: both parts form-encoded) or by form fields; nil when neither or both.
  private func client(from request: Request, _ form: [String: String]) throws -> Client? {
    let posted = form["client_secret"].map { Client(id: form["client_id"] ?? "", secret: $0) }
    guard let header = request.headers[.authorization] else {
      return posted.flatMap { $0.id.isEmpty ? nil : $0 }
    }
    guard posted == nil, header.lowercased().hasPrefix("basic "),
      let decoded = Data(base64Encoded: trimmed(header.dropFirst(6))),
      let text = String(validating: decoded, as: UTF8.self), let colon = text.firstIndex(of: ":"),
      let id = FormText.decoded(text[..<colon]),
      let secret = FormText.decoded(text[text.index(after: colon)...]),
      !id.isEmpty, form["client_id"] == nil || form["client_id"] == id
    else { return nil }
    return Client(id: id, secret: secret)
  }

  /// The error codes of RFC 6749 section 5.2 that apply.
  private enum OAuthError: String {
    case invalidRequest = "invalid_request"
    case invalidClient = "invalid_client"
    case unsupportedGrantType = "unsupported_grant_type"
    case invalidScope = "invalid_scope"
  }

  private func refusal(_ error: OAuthError, _ description: String) -> Response {
    let json = #"{"error":"\#(error.rawValue)","error_description":"\#(description)"}"#
    var response = jsonResponse(
      error == .invalidClient ? .unauthorized : .badRequest, Array(json.utf8))
    if error == .invalidClient {
      response.headers[.wwwAuthenticate] = #"Basic realm="lgsp-hub", charset="UTF-8""#
    }
    return unstored(response)
  }

  private func unstored(_ response: Response) -> Response {
    var response = response
    response.headers[.cacheControl] = "no-store"
    // RFC 6749 section 5.1 asks for both.
    if let pragma = HTTPField.Name("Pragma") { response.headers[pragma] = "no-cache" }
    return response
  }
}

/// Text in `application/x-www-form-urlencoded` (WHATWG URL section 5.1).
enum FormText {
  /// The fields of a form; nil when one is malformed or repeated (RFC 6749 section 3.2).
  static func fields(_ text: String) -> [String: String]? {
    var fields: [String: String] = [:]
    for part in text.split(separator: "&") {
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(halves[0]), let value = decoded(halves.count > 1 ? halves[1] : ""),
        fields.updateValue(value, forKey: name) == nil
      else { return nil }
    }
    return fields
  }

  /// A name or value without its encoding; nil when it is malformed or not UTF-8.
  static func decoded(_ text: Substring) -> String? {
    var plain: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): plain.append(0x20)
      case UInt8(ascii: "%"):
        guard rest.count >= 2, rest.prefix(2).allSatisfy(isHex),
          let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        else { return nil }
        plain.append(value)
        rest = rest.dropFirst(2)
      default: plain.append(byte)
      }
    }
    return String(validating: plain, as: UTF8.self)
  }
}
