import HubKit
import HubTesting
import Testing

/// Documents that the mock cannot give, by scripted answers.
@Suite struct DiscoveryTests {
  private static let issuer = "https://sso.example.vn/realms/citizen"

  private static func document(tokenEndpoint: String) -> OutboundResponse {
    let json = """
      {"issuer":"\(issuer)","authorization_endpoint":"https://sso.example.vn/auth?theme=a",
      "token_endpoint":"\(tokenEndpoint)","jwks_uri":"https://sso.example.vn/certs"}
      """
    return OutboundResponse(status: 200, body: Array(json.utf8))
  }

  private func provider(_ steps: [FaultyTransport.Step]) throws -> (any SignInProvider, FaultyTransport) {
    let transport = FaultyTransport(steps)
    return (
      try VNeIDTests.provider(values(issuer: Self.issuer), transport: transport, clock: TestClock()), transport
    )
  }

  @Test func `an address without TLS is not used`() async throws {
    let (provider, _) = try provider([.answer(Self.document(tokenEndpoint: "http://sso.example.vn/token"))])
    let unsafe = await error { () throws(AdapterError) in try await provider.address(for: attempt()) }
    #expect(unsafe?.verdict == .reject && unsafe?.code == "issuer-unsafe")
  }

  @Test func `an authorization address that has a query keeps it`() async throws {
    let (provider, transport) = try provider([.answer(Self.document(tokenEndpoint: "https://sso.example.vn/token"))])
    let address = try await provider.address(for: attempt())
    #expect(address.hasPrefix("https://sso.example.vn/auth?theme=a&response_type=code&"))
    #expect(transport.sent.map(\.request.url) == ["\(Self.issuer)/.well-known/openid-configuration"])
  }

  @Test func `a lost answer to a question that changes nothing is an outage`() async throws {
    let lost = AdapterError(.inDoubt, code: "cut", reason: "cut")
    let (provider, _) = try provider([.fail(lost)])
    let away = await error { () throws(AdapterError) in try await provider.address(for: attempt()) }
    #expect(away?.verdict == .outage(after: nil) && away?.code == "cut")
  }

  @Test func `a lost answer to the code stays in doubt, and is not asked for again`() async throws {
    let lost = AdapterError(.inDoubt, code: "cut", reason: "cut")
    let (provider, transport) = try provider([
      .answer(Self.document(tokenEndpoint: "https://sso.example.vn/token")), .fail(lost),
    ])
    let doubt = await error { () throws(AdapterError) in try await provider.person(code: "c", attempt: attempt()) }
    #expect(doubt?.verdict == .inDoubt)
    #expect(transport.sent.count == 2)
  }

  @Test(arguments: [
    (400, #"{"error":"invalid_grant"}"#, "invalid-grant", AdapterError.Verdict.reject),
    (400, #"{"error":"invalid_request"}"#, "token-refused", .reject),
    (400, #"{"error":"unauthorized_client"}"#, "client-refused", .outage(after: nil)),
    (401, #"{"error":"invalid_client"}"#, "client-refused", .outage(after: nil)),
    (302, "", "token-302", .outage(after: nil)), (404, "", "token-404", .outage(after: nil)),
    (500, #"{"error":"unknown_error"}"#, "token-500", .outage(after: nil)),
    (200, "", "tokens-unreadable", .inDoubt), (200, #"{"access_token":"a"}"#, "tokens-unreadable", .inDoubt),
    (200, #"{"id_token":""}"#, "token-malformed", .reject), (200, #"{"id_token":"a.b.c"}"#, "token-malformed", .reject),
    (200, #"{"id_token":"e30.e30."}"#, "token-malformed", .reject),
  ])
  func `each answer to the code has its verdict`(
    status: Int, body: String, code: String, verdict: AdapterError.Verdict
  ) async throws {
    let (provider, _) = try provider([
      .answer(Self.document(tokenEndpoint: "https://sso.example.vn/token")),
      .answer(OutboundResponse(status: status, body: Array(body.utf8))),
    ])
    let failure = await error { () throws(AdapterError) in try await provider.person(code: "c", attempt: attempt()) }
    #expect(failure?.code == code)
    #expect(failure?.verdict == verdict)
  }
}
