internal import Crypto
internal import FoundationEssentials
internal import HubConfig
internal import HubKit

/// Shows a far system who the hub is.
struct HTTPCredential: Sendable {
  private let way: HTTPAuthentication
  private let site: HTTPSite
  private let context: ConnectorContext
  private let tokens: TokenKeeper?

  init(_ way: HTTPAuthentication, site: HTTPSite, context: ConnectorContext) {
    self.way = way
    self.site = site
    self.context = context
    tokens = if case .oauth = way { TokenKeeper() } else { nil }
  }

  /// Sends a request with the credential on it. A token that the far side does not take any more is renewed once.
  ///
  /// - Parameters:
  ///   - path: of the request, below the base URL, as it is signed.
  ///   - query: with its `?`; empty for none.
  func send(
    _ request: OutboundRequest, path: String, query: String
  ) async throws(AdapterError) -> OutboundResponse {
    guard let tokens else {
      return try await context.transport.send(try signed(request, path: path, query: query))
    }
    let token = try await tokens.token(at: context.clock.now) { () async throws(AdapterError) in try await newToken() }
    let response = try await context.transport.send(request.adding("Authorization", "Bearer \(token)"))
    guard response.status == 401, request.mayBeSentAgain else { return response }
    await tokens.drop(token)
    let fresh = try await tokens.token(at: context.clock.now) { () async throws(AdapterError) in try await newToken() }
    return try await context.transport.send(request.adding("Authorization", "Bearer \(fresh)"))
  }

  private func signed(
    _ request: OutboundRequest, path: String, query: String
  ) throws(AdapterError) -> OutboundRequest {
    switch way {
    case .none, .oauth: return request
    case .basic(let username, let password):
      let pair = "\(site.settings.plain(username) ?? ""):\(try secret(password))"
      return request.adding("Authorization", "Basic \(Data(pair.utf8).base64EncodedString())")
    case .bearer(let token): return request.adding("Authorization", "Bearer \(try secret(token))")
    case .apiKey(let header, let key): return request.adding(header, try secret(key))
    case .hmac(let signature): return try signed(request, signature, path: path, query: query)
    }
  }

  private func signed(
    _ request: OutboundRequest, _ signature: HMACSignature, path: String, query: String
  ) throws(AdapterError) -> OutboundRequest {
    var body: [UInt8] = []
    switch request.body {
    case .bytes(let bytes): body = bytes
    case .stream:
      throw AdapterError(
        .reject, code: "too-large-to-sign", reason: "A body of this size is streamed, and what is signed must be whole."
      )
    case nil: break
    }
    let seconds = String((context.clock.now - Timestamp(microseconds: 0)).components.seconds)
    let digest = signature.digest(
      SignedParts(method: request.method, path: path, query: query, time: seconds, body: body),
      key: try secret(signature.key))
    let timed = signature.timeHeader.map { request.adding($0, seconds) } ?? request
    return timed.adding(signature.header, signature.prefix + digest)
  }

  private func secret(_ name: String) throws(AdapterError) -> String {
    guard let value = site.settings.revealed(name) else {
      let reference = site.settings.secret(name).map { "\($0)" } ?? name
      throw AdapterError(.outage(after: nil), code: "no-secret", reason: "The secret \(reference) has no value here.")
    }
    return value
  }

  // MARK: - OAuth 2

  private struct Grant: Decodable {
    var accessToken: String
    var expiresIn: Int?

    enum CodingKeys: String, CodingKey {
      case accessToken = "access_token"
      case expiresIn = "expires_in"
    }
  }

  /// Asks for a token (RFC 6749 section 4.4.2), with the client's name and secret in the header (section 2.3.1).
  private func newToken() async throws(AdapterError) -> TokenKeeper.Token {
    guard case .oauth(let address, let clientId, let clientSecret, let scope) = way,
      let url = address.filled(site.settings.plain)
    else { throw AdapterError(.outage(after: nil), code: "no-token", reason: "There is no address for tokens.") }
    let name = FarSystem.segment(site.settings.plain(clientId) ?? "")
    let pair = Data("\(name):\(FarSystem.segment(try secret(clientSecret)))".utf8).base64EncodedString()
    var form = "grant_type=client_credentials"
    if let scope { form += "&scope=\(FarSystem.segment(scope))" }
    let response = try await context.transport.send(
      OutboundRequest(
        method: "POST", url: url,
        headers: [
          HeaderField("Authorization", "Basic \(pair)"), HeaderField("Accept", "application/json"),
          HeaderField("Content-Type", "application/x-www-form-urlencoded"),
        ],
        body: .bytes(Array(form.utf8)), responseBytesMax: 256 << 10))
    guard response.status == 200, let grant = try? JSONDecoder().decode(Grant.self, from: Data(response.body)),
      !grant.accessToken.isEmpty
    else {
      throw AdapterError(
        .outage(after: response.retryAfter(now: context.clock.now)), code: "no-token",
        reason: "The far system gave out no token: it answered \(response.status).")
    }
    // Renewed a little early: a token that ends on the way helps nobody.
    let life = Duration.seconds(max(5, (grant.expiresIn ?? 300) * 9 / 10))
    return TokenKeeper.Token(text: grant.accessToken, until: context.clock.now + life)
  }
}

/// Keeps the token of one endpoint; whoever needs one while it is being fetched waits for the same.
actor TokenKeeper {
  struct Token: Sendable {
    let text: String
    let until: Timestamp
  }

  private var token: Token?
  private var fetching: Task<Result<Token, AdapterError>, Never>?

  /// The token, or a new one.
  func token(
    at now: Timestamp, fetch: @escaping @Sendable () async throws(AdapterError) -> Token
  ) async throws(AdapterError) -> String {
    if let token, token.until > now { return token.text }
    let task = fetching ?? begin(fetch)
    fetching = task
    let result = await task.value
    if fetching == task { fetching = nil }
    if case .success(let fresh) = result { token = fresh }
    return try result.get().text
  }

  private func begin(
    _ fetch: @escaping @Sendable () async throws(AdapterError) -> Token
  ) -> Task<Result<Token, AdapterError>, Never> {
    // A task of its own, which ends with the request: it goes on for the others when whoever began it is cancelled.
    Task {
      do throws(AdapterError) { return .success(try await fetch()) } catch { return .failure(error) }
    }
  }

  /// Forgets a token that the far side does not take any more.
  func drop(_ text: String) {
    if token?.text == text { token = nil }
  }
}

/// What a signature is made over.
struct SignedParts {
  var method: String
  var path: String
  var query: String
  var time: String
  var body: [UInt8]
}

extension HMACSignature {
  /// The digest as it is written, without the prefix.
  func digest(_ parts: SignedParts, key: String) -> String {
    var signed: [UInt8] = []
    for part in text.parts {
      switch part {
      case .text(let literal): signed += Array(literal.utf8)
      case .name("method"): signed += Array(parts.method.utf8)
      case .name("path"): signed += Array(parts.path.utf8)
      case .name("query"): signed += Array(parts.query.utf8)
      case .name("time"): signed += Array(parts.time.utf8)
      case .name("bodySHA256"): signed += Array(SHA256.hash(data: parts.body).hex.utf8)
      case .name: signed += parts.body
      }
    }
    let key = SymmetricKey(data: Data(key.utf8))
    let digest: [UInt8] =
      algorithm == "sha512"
      ? Array(HMAC<SHA512>.authenticationCode(for: signed, using: key))
      : Array(HMAC<SHA256>.authenticationCode(for: signed, using: key))
    return encoding == "base64" ? Data(digest).base64EncodedString() : digest.hex
  }
}

extension Sequence<UInt8> {
  /// Two lower-case hex digits for each byte.
  var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension SettingValues {
  /// A secret's value without white space at either end, since files end with a line break; nil for none.
  func revealed(_ name: String) -> String? {
    guard let value = secret(name)?.reveal() else { return nil }
    let front = value.drop(while: \.isWhitespace)
    let text = String(String(front.reversed().drop(while: \.isWhitespace)).reversed())
    return text.isEmpty ? nil : text
  }
}

extension OutboundRequest {
  /// The request with one more header field.
  func adding(_ name: String, _ value: String) -> OutboundRequest {
    var request = self
    request.headers.append(HeaderField(name, value))
    return request
  }

  /// A body that is read while it is sent cannot be sent twice.
  var mayBeSentAgain: Bool {
    if case .stream? = body { false } else { true }
  }
}
