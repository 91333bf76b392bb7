import HubKit
import HubTesting
import HubTransport
import Testing
import VNeID

extension SocketTests {
  /// Tokens and answers that must not be believed. The realm gives each once; then the same person signs in, so that
  /// it was the fault that was refused and nothing else.
  @Suite struct BadTokenTests {
    @Test(arguments: [
      ("wrong-nonce", "token-nonce"), ("expired", "token-expired"), ("early", "token-early"),
      ("unknown-kid", "token-key-unknown"), ("wrong-key", "token-signature"), ("alg-none", "token-algorithm"),
      ("alg-hs256", "token-algorithm"), ("critical", "token-critical"), ("wrong-audience", "token-audience"),
      ("other-party", "token-party"), ("wrong-issuer", "token-issuer"), ("malformed", "token-malformed"),
    ])
    func `a bad token is refused by its code`(_ fault: String, _ code: String) async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        try await realm.fault(fault)
        let refused = try #require(try await realm.signIn(provider).error)
        #expect(refused.verdict == .reject)
        #expect(refused.code == code)
        for word in ["Nguyễn", person, "000090000001"] { #expect(!"\(refused)".contains(word), "\(word)") }
        #expect(try await realm.signIn(provider, attempt(2)).error == nil)
      }
    }

    @Test func `an unknown key makes the keys be asked for once more, not again and again`() async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        _ = try await realm.signIn(provider).get()
        try await realm.fault("unknown-kid")
        #expect(try await realm.signIn(provider, attempt(2)).error?.code == "token-key-unknown")
        #expect(try await realm.count("certs") == 2)
      }
    }

    @Test(arguments: ["empty-body", "unreadable"])
    func `an answer without a readable token is in doubt, never a success`(_ fault: String) async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        try await realm.fault(fault)
        let refused = try await realm.signIn(provider).error
        #expect(refused?.verdict == .inDoubt && refused?.code == "tokens-unreadable")
      }
    }

    @Test(arguments: ["empty-body", "unreadable", "unavailable"])
    func `without addresses or keys the realm is away`(_ fault: String) async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        try await realm.fault(fault, at: "discovery")
        let away = await error { () throws(AdapterError) in try await provider.address(for: attempt()) }
        #expect(away?.verdict == .outage(after: nil))
        #expect(away?.code.hasPrefix("discovery-") == true)
        try await realm.fault(fault, at: "certs")
        let keyless = try await realm.signIn(provider).error
        #expect(keyless?.verdict == .outage(after: nil))
        #expect(keyless?.code.hasPrefix("keys-") == true)
        #expect(try await realm.signIn(provider, attempt(2)).error == nil)
      }
    }

    @Test func `a token endpoint that is away is an outage`() async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        try await realm.fault("unavailable")
        let away = try await realm.signIn(provider).error
        #expect(away?.verdict == .outage(after: nil) && away?.code == "token-503")
      }
    }

    @Test func `a discovery document of another issuer is not used, nor kept`() async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        try await realm.fault("wrong-issuer", at: "discovery")
        let other = await error { () throws(AdapterError) in try await provider.address(for: attempt()) }
        #expect(other?.verdict == .reject && other?.code == "issuer-mismatch")
        #expect(try await realm.signIn(provider).error == nil)
      }
    }

    @Test func `nobody at the address is an outage`() async throws {
      let server = try LoopbackServer(NobodyAnswers())
      let port = server.port
      server.close()
      let provider = try provider(
        values(issuer: "http://127.0.0.1:\(port)/realms/citizen"), clock: TestClock())
      let away = await error { () throws(AdapterError) in try await provider.address(for: attempt()) }
      #expect(away?.verdict == .outage(after: nil))
    }

    /// A server that is gone as soon as its port is known.
    private struct NobodyAnswers: ServedInterface {
      func respond(to request: ServedRequest) async -> ServedResponse { ServedResponse(status: 500) }
    }
  }
}
