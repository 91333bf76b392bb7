import Crypto
import Foundation
import HubKit
import HubTesting
import Testing

extension SocketTests {
  @Suite struct SignInTests {
    @Test(arguments: ["form", "basic"])
    func `a person signs in, and only what is needed of him is kept`(_ way: String) async throws {
      try await Realm.running { realm in
        let provider = try realm.provider(["clientAuth": .text(way)])
        #expect(provider.title == "VNeID")
        let signedIn = try await realm.signIn(provider).get()
        #expect(signedIn == SignedInPerson(subject: person, name: "Nguyễn Văn Mẫu", assurance: "2"))
        let received = try await realm.received()
        #expect(received.map(\.operation) == ["discovery", "authorize", "token", "certs"])
        #expect(received.allSatisfy { $0.result == "ok" })
      }
    }

    @Test func `the question carries all that ties the answer to it`() async throws {
      try await Realm.running { realm in
        let address = try await realm.provider(["scopes": .list(["openid", "profile"])]).address(for: attempt())
        let parts = try #require(URLComponents(string: address))
        let query = Dictionary((parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { first, _ in first }
        #expect(address.hasPrefix("\(realm.issuer)/protocol/openid-connect/auth?"))
        let digest = Data(SHA256.hash(data: Data(attempt().verifier.utf8))).base64EncodedString()
        let challenge = digest.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        #expect(
          query == [
            "response_type": "code", "client_id": client, "redirect_uri": redirect, "scope": "openid profile",
            "state": attempt().state, "nonce": attempt().nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
          ])
        #expect(!address.contains(attempt().verifier))
      }
    }

    @Test func `addresses and keys are asked for once in an hour`() async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        for number in 1...3 { _ = try await realm.signIn(provider, attempt(number)).get() }
        #expect(try await realm.count("discovery") == 1)
        #expect(try await realm.count("certs") == 1)
        realm.clock.advance(by: .seconds(3601))
        _ = try await realm.signIn(provider, attempt(4)).get()
        #expect(try await realm.count("discovery") == 2)
        #expect(try await realm.count("certs") == 2)
      }
    }

    @Test func `when the realm changes its key, the new one is fetched once`() async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        _ = try await realm.signIn(provider).get()
        #expect(try await realm.send("POST", "/_mock/rotate").status == 200)
        _ = try await realm.signIn(provider, attempt(2)).get()
        #expect(try await realm.count("certs") == 2)
        _ = try await realm.signIn(provider, attempt(3)).get()
        #expect(try await realm.count("certs") == 2)
      }
    }

    @Test func `a code works once, and only with its own attempt`() async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        let code = try await realm.code(provider, attempt())
        _ = try await provider.person(code: code, attempt: attempt())
        let again = await error { () throws(AdapterError) in try await provider.person(code: code, attempt: attempt()) }
        #expect(again?.verdict == .reject && again?.code == "invalid-grant")
        let other = try await realm.code(provider, attempt(2))
        let stolen = await error { () throws(AdapterError) in
          try await provider.person(code: other, attempt: attempt(3))
        }
        #expect(stolen?.code == "invalid-grant", "the verifier is another")
        var elsewhere = attempt(4)
        let third = try await realm.code(provider, elsewhere)
        elsewhere.redirectURL += "/other"
        let moved = elsewhere
        let wrong = await error { () throws(AdapterError) in try await provider.person(code: third, attempt: moved) }
        #expect(wrong?.code == "invalid-grant", "the address is another")
      }
    }

    @Test func `a code that is late is refused`() async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        let code = try await realm.code(provider, attempt())
        realm.clock.advance(by: .seconds(61))
        let late = await error { () throws(AdapterError) in try await provider.person(code: code, attempt: attempt()) }
        #expect(late?.code == "invalid-grant")
      }
    }

    @Test(arguments: ["", "a\nb", "á", String(repeating: "x", count: 5000)])
    func `what is no code is not sent`(_ code: String) async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        let bad = await error { () throws(AdapterError) in try await provider.person(code: code, attempt: attempt()) }
        #expect(bad?.verdict == .reject && bad?.code == "code-malformed")
        #expect(try await realm.count("token") == 0)
      }
    }

    @Test func `a wrong secret is an outage that names the settings`() async throws {
      try await Realm.running { realm in
        let wrong = Secret(reference: "test", value: "wrong")
        for way in ["form", "basic"] {
          let provider = try realm.provider(["clientSecret": .secret(wrong), "clientAuth": .text(way)])
          let refused = try await realm.signIn(provider).error
          #expect(refused?.verdict == .outage(after: nil) && refused?.code == "client-refused")
          #expect(refused?.reason.contains("clientSecret") == true && refused?.reason.contains("wrong") == false)
        }
      }
    }

    @Test func `the level and the kind of account decide who may`() async throws {
      try await Realm.running { realm in
        #expect(try await realm.signIn(try realm.provider(), as: beginner).error?.code == "assurance-low")
        let low = try realm.provider(["assuranceMin": .integer(1)])
        #expect(try await realm.signIn(low, as: beginner).get().assurance == "1")
        #expect(try await realm.signIn(low, as: enterprise).error?.code == "account-type")
        let open = try realm.provider(["accountTypes": .list(["1", "2"])])
        #expect(try await realm.signIn(open, as: enterprise).get().name == "Công ty TNHH Mẫu")
      }
    }

    @Test func `claims that the token lacks are taken from userinfo, of the same person only`() async throws {
      try await Realm.running { realm in
        let provider = try realm.provider()
        try await realm.fault("bare-token")
        #expect(try await realm.signIn(provider).get().name == "Nguyễn Văn Mẫu")
        #expect(try await realm.count("userinfo") == 1)
        try await realm.fault("bare-token")
        try await realm.fault("other-subject", at: "userinfo")
        #expect(try await realm.signIn(provider, attempt(2)).error?.code == "userinfo-subject")
        try await realm.fault("bare-token")
        try await realm.fault("empty-body", at: "userinfo")
        #expect(try await realm.signIn(provider, attempt(3)).error?.verdict == .outage(after: nil))
      }
    }
  }
}
