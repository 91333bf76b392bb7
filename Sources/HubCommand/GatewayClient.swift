internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubTransport

/// Talks to a running hub through its door, as an agency's system would.
struct GatewayClient: Sendable {
  let base: String
  let transport: any Transport

  /// A client with a loop of its own; end it with `CurlLoop.shutdown`.
  init(base: String, loop: CurlLoop) {
    self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    var options = TransportOptions()
    options.allow = [AllowedAddress("*")].compactMap { $0 }
    options.responseBytesMax = 64 << 20
    transport = loop.transport(for: "gateway", options, recorder: nil)
  }

  /// A problem that the hub told (RFC 9457).
  struct Problem: Decodable, Sendable {
    var type: String?
    var title: String?
    var status: Int?
    var detail: String?
    var violations: [Violation]?
  }

  /// What the hub answered to something handed in.
  enum Answer: Sendable {
    case accepted(ReceiptView)
    case refused(status: Int, Problem)
  }

  /// A receipt as the API writes it.
  struct ReceiptView: Codable, Sendable {
    var id: ExchangeID
    var receivedAt: Timestamp
    var duplicate: Bool
  }

  /// A bearer token for an agency's credential (RFC 6749 section 4.4).
  func token(for credential: DemoCredential) async throws -> String {
    let basic = Data("\(credential.clientID):\(credential.secret)".utf8).base64EncodedString()
    let response = try await send(
      OutboundRequest(
        method: "POST", url: "\(base)/oauth2/token",
        headers: [
          HeaderField("Authorization", "Basic \(basic)"),
          HeaderField("Content-Type", "application/x-www-form-urlencoded"),
        ], body: .bytes(Array("grant_type=client_credentials".utf8))))
    struct Token: Decodable {
      var accessToken: String
      private enum CodingKeys: String, CodingKey { case accessToken = "access_token" }
    }
    guard response.status == 200 else {
      throw Failure(
        "Hub không cấp token cho \(credential.clientID) (HTTP \(response.status)) / the hub gives no token: the secret "
          + "is wrong or was revoked.", exitCode: ExitStatus.refused)
    }
    return try JSONDecoder().decode(Token.self, from: Data(response.body)).accessToken
  }

  /// Hands a message in.
  func handIn(_ headers: [HeaderField], body: OutboundBody, token: String) async throws -> Answer {
    let response = try await send(
      OutboundRequest(
        method: "POST", url: "\(base)/v1/exchanges",
        headers: headers + [HeaderField("Authorization", "Bearer \(token)")], body: body))
    if response.status == 202 {
      return .accepted(try JSONDecoder().decode(ReceiptView.self, from: Data(response.body)))
    }
    let problem = try? JSONDecoder().decode(Problem.self, from: Data(response.body))
    return .refused(status: response.status, problem ?? Problem())
  }

  /// The life of an exchange, as its sender may see it; nil when the hub does not tell.
  func exchange(_ id: ExchangeID, token: String) async throws -> ExchangeView? {
    let response = try await send(
      OutboundRequest(
        method: "GET", url: "\(base)/v1/exchanges/\(id)", headers: [HeaderField("Authorization", "Bearer \(token)")]))
    guard response.status == 200 else { return nil }
    return try JSONDecoder().decode(ExchangeView.self, from: Data(response.body))
  }

  /// Asks until the exchange has settled.
  func settled(_ id: ExchangeID, token: String, within duration: Duration) async throws -> ExchangeView? {
    let clock = ContinuousClock()
    let end = clock.now + duration
    var pause = Duration.milliseconds(20)
    while true {
      let view = try await exchange(id, token: token)
      if let view, view.state.isSettled { return view }
      guard clock.now < end else { return view }
      try await Task.sleep(for: pause)
      pause = min(pause * 1.5, .milliseconds(500))
    }
  }

  func send(_ request: OutboundRequest) async throws -> OutboundResponse {
    do {
      return try await transport.send(request)
    } catch {
      throw Failure(
        "Không gọi được hub tại \(base) / the hub cannot be reached: \(error.reason) Is it running? Start: Scripts/run",
        exitCode: ExitStatus.unreachable)
    }
  }
}

/// A credential in the clear: the demo's own, or one from the environment.
struct DemoCredential: Codable, Sendable {
  var clientID: String
  var secret: String
}

extension DemoCredential {
  init(_ issued: IssuedCredential) {
    self.init(clientID: issued.id, secret: issued.secret)
  }
}
