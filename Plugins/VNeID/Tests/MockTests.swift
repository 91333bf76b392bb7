import Foundation
import HubKit
import HubTesting
import Testing

extension SocketTests {
  /// The realm refuses what the real one refuses.
  @Suite struct MockTests {
    private static let auth = "/realms/citizen/protocol/openid-connect/auth"
    private static let token = "/realms/citizen/protocol/openid-connect/token"

    private func query(_ changes: [String: String?] = [:]) -> String {
      var fields: [String: String?] = [
        "response_type": "code", "client_id": client, "redirect_uri": redirect, "scope": "openid", "state": "s",
        "login_hint": person,
      ]
      for (name, value) in changes { fields.updateValue(value, forKey: name) }
      return fields.compactMapValues { $0 }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    }

    @Test func `the page lists the persons, and one can leave without signing in`() async throws {
      try await Realm.running { realm in
        let page = try await realm.send("GET", "\(Self.auth)?\(query(["login_hint": nil]))")
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(page.status == 200)
        for subject in [person, beginner, enterprise] { #expect(text.contains("login_hint=\(subject)")) }
        let back = try await realm.send("GET", "\(Self.auth)?\(query(["login_hint": nil, "cancel": "1"]))")
        #expect(back.headers["Location"]?.hasPrefix("\(redirect)?error=access_denied&state=s&") == true)
      }
    }

    @Test(
      arguments: [
        ["client_id": nil], ["client_id": "nobody"], ["redirect_uri": nil],
        ["redirect_uri": "https://evil.example/sign-in/callback"],
      ] as [[String: String?]])
    func `nobody is sent to an address that is not registered`(changes: [String: String?]) async throws {
      try await Realm.running { realm in
        let response = try await realm.send("GET", "\(Self.auth)?\(query(changes))")
        #expect(response.status == 400 && response.headers["Location"] == nil)
      }
    }

    @Test(arguments: [
      (["response_type": "token"], "unsupported_response_type"), (["scope": "profile"], "invalid_scope"),
      (["code_challenge": "x", "code_challenge_method": "plain"], "invalid_request"),
    ])
    func `other mistakes go back to the client`(changes: [String: String], error: String) async throws {
      try await Realm.running { realm in
        let response = try await realm.send("GET", "\(Self.auth)?\(query(changes))")
        #expect(response.headers["Location"]?.hasPrefix("\(redirect)?error=\(error)&state=s&") == true)
      }
    }

    @Test func `a code belongs to its client, and a broken form is refused`() async throws {
      try await Realm.running { realm in
        let back = try await realm.send("GET", "\(Self.auth)?\(query())").headers["Location"] ?? ""
        let code = try #require(URLComponents(string: back)?.queryItems?.first { $0.name == "code" }?.value)
        let stolen =
          "grant_type=authorization_code&code=\(code)&redirect_uri=\(redirect)&client_id=another&client_secret=k"
        #expect(try await realm.send("POST", Self.token, stolen).status == 400)
        #expect(try await realm.send("POST", Self.token, "a=%zz").status == 400)
        #expect(
          try await realm.send("POST", Self.token, "grant_type=password&client_id=another&client_secret=k").status
            == 400)
        #expect(try await realm.send("POST", Self.token, "grant_type=authorization_code").status == 401)
        #expect(
          try await realm.received().map(\.result) == [
            "ok", "invalid_grant", "invalid_request", "unsupported_grant_type", "unauthorized_client",
          ])
      }
    }

    @Test func `userinfo wants a token, logout sends back to registered addresses only`() async throws {
      try await Realm.running { realm in
        let base = "/realms/citizen/protocol/openid-connect"
        let refused = try await realm.send("GET", "\(base)/userinfo")
        #expect(refused.status == 401 && refused.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        let out = try await realm.send("GET", "\(base)/logout?post_logout_redirect_uri=\(redirect)")
        #expect(out.status == 302 && out.headers["Location"] == redirect)
        #expect(
          try await realm.send("GET", "\(base)/logout?post_logout_redirect_uri=https://evil.example").status == 200)
        #expect(try await realm.send("GET", "\(base)/elsewhere").status == 404)
      }
    }

    @Test func `faults are shown, counted and ended, and what is none is refused`() async throws {
      try await Realm.running { realm in
        #expect(try await realm.send("POST", "/_mock/faults", #"{"fault":"sleepy"}"#).status == 400)
        #expect(try await realm.send("GET", "/_mock/nothing").status == 404)
        try await realm.fault("unavailable", at: "certs", times: 2)
        let certs = "/realms/citizen/protocol/openid-connect/certs"
        for status in [503, 503, 200] { #expect(try await realm.send("GET", certs).status == status) }
        try await realm.fault("unavailable", at: "certs", times: -1)
        #expect(String(decoding: try await realm.send("GET", "/_mock/faults").body, as: UTF8.self).contains("certs"))
        #expect(try await realm.send("GET", certs).status == 503)
        #expect(try await realm.send("DELETE", "/_mock/faults").status == 200)
        #expect(try await realm.send("GET", certs).status == 200)
        #expect(try await realm.received().map(\.operation) == ["certs", "certs"])
        #expect(try await realm.send("DELETE", "/_mock/received").status == 200)
        #expect(try await realm.received().isEmpty)
      }
    }
  }
}
