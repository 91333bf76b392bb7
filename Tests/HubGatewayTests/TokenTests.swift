import Foundation
import HubGateway
import HubKit
import Testing

@Suite struct TokenTests {
  @Test func `a client gets a token by form fields, and nobody may store it`() async throws {
    try await Door.open { door in
      let answer = try await door.requestToken(
        "grant_type=client_credentials&client_id=client-a&client_secret=secret-a")
      #expect(answer.status == 200)
      #expect(answer.headers["cache-control"] == "no-store")
      let object = try answer.object()
      #expect(object["token_type"] as? String == "Bearer")
      #expect(object["expires_in"] as? Int == 900)
      let parts = try #require(object["access_token"] as? String).split(separator: ".")
      let claims = try #require(try self.claims(parts[1]))
      #expect(claims["sub"] as? String == "H24.1")
      #expect(claims["cid"] as? String == "client-a")
      #expect(claims["iss"] as? String == "lgsp-hub")
      #expect((claims["exp"] as? Int ?? 0) - (claims["iat"] as? Int ?? 0) == 900)
      #expect(claims["jti"] is String)
    }
  }

  @Test func `a client gets a token by HTTP Basic, both parts form-encoded`() async throws {
    try await Door.open { door in
      door.credentials.secrets.value["client-a"] = "s:e+c é"
      let text = "client-a:s%3Ae%2Bc+%C3%A9"
      let basic = Data(text.utf8).base64EncodedString()
      let answer = try await door.requestToken(
        "grant_type=client_credentials", ["Authorization": "Basic \(basic)"])
      #expect(answer.status == 200)
    }
  }

  @Test(arguments: [
    ("client_id=client-a&client_secret=secret-a", 400, "invalid_request"),
    (
      "grant_type=password&client_id=client-a&client_secret=secret-a", 400, "unsupported_grant_type"
    ),
    ("grant_type=client_credentials", 400, "invalid_request"),
    ("grant_type=client_credentials&client_id=client-a&client_secret=wrong", 401, "invalid_client"),
    (
      "grant_type=client_credentials&client_id=nobody&client_secret=secret-a", 401, "invalid_client"
    ),
    (
      "grant_type=client_credentials&scope=all&client_id=client-a&client_secret=secret-a", 400,
      "invalid_scope"
    ),
    ("grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"),
    ("grant_type=%zz", 400, "invalid_request"),
    ("grant_type=%ff", 400, "invalid_request"),
  ])
  func `a wrong token request is refused in the words of RFC 6749`(
    form: String, status: Int, error: String
  ) async throws {
    try await Door.open { door in
      let answer = try await door.requestToken(form)
      #expect(answer.status == status)
      #expect(try answer.object()["error"] as? String == error)
      #expect(answer.headers["cache-control"] == "no-store")
      if status == 401 { #expect(answer.headers["www-authenticate"]?.hasPrefix("Basic ") == true) }
    }
  }

  @Test func `showing the secret twice, in the header and in the form, is refused`() async throws {
    try await Door.open { door in
      let basic = Data("client-a:secret-a".utf8).base64EncodedString()
      let answer = try await door.requestToken(
        "grant_type=client_credentials&client_id=client-a&client_secret=secret-a",
        ["Authorization": "Basic \(basic)"])
      #expect(answer.status == 400)
    }
  }

  @Test func `guessing is stopped, also with the right secret, until time has passed`() async throws {
    try await Door.open {
      $0.guessesMax = 3
    } _: { door in
      let wrong = "grant_type=client_credentials&client_id=client-a&client_secret=wrong"
      for _ in 1...3 { #expect(try await door.requestToken(wrong).status == 401) }
      let checks = door.credentials.checks.value
      let right = "grant_type=client_credentials&client_id=client-a&client_secret=secret-a"
      let answer = try await door.requestToken(right)
      #expect(answer.status == 429)
      #expect(answer.problem == "/problems/too-many-guesses")
      let wait = try #require(answer.headers["retry-after"].flatMap { Int($0) })
      #expect((1...60).contains(wait))
      #expect(door.credentials.checks.value == checks, "the secret was not even looked at")
      let other = "grant_type=client_credentials&client_id=client-b&client_secret=secret-b"
      #expect(try await door.requestToken(other).status == 200)
      door.clock.advance(by: .seconds(wait))
      #expect(try await door.requestToken(right).status == 200)
    }
  }

  @Test func `an address that tries many clients is stopped too`() async throws {
    try await Door.open {
      $0.guessesPerAddressMax = 4
    } _: { (door: Door) async throws in
      for number in 1...4 {
        let form = "grant_type=client_credentials&client_id=guess-\(number)&client_secret=x"
        #expect(try await door.requestToken(form).status == 401)
      }
      let right = "grant_type=client_credentials&client_id=client-a&client_secret=secret-a"
      #expect(try await door.requestToken(right).status == 429)
    }
  }

  @Test func `missing, wrong, expired and revoked tokens are told apart`() async throws {
    try await Door.open { door in
      let path = "/v1/exchanges/\(MemoryHub.id)"
      let missing = try await door.send("GET", path)
      #expect(missing.status == 401)
      #expect(missing.problem == "/problems/token-missing")
      #expect(missing.headers["www-authenticate"] == #"Bearer realm="lgsp-hub""#)

      let token = try await door.token()
      let changed = String(token.dropLast(4)) + (token.hasSuffix("AAAA") ? "BBBB" : "AAAA")
      let wrong = try await door.send("GET", path, ["Authorization": "Bearer \(changed)"])
      #expect(wrong.problem == "/problems/token-invalid")
      #expect(wrong.headers["www-authenticate"]?.contains(#"error="invalid_token""#) == true)

      let good = ["Authorization": "Bearer \(token)"]
      #expect(try await door.send("GET", path, good).status == 404)
      door.clock.advance(by: .seconds(899))
      #expect(try await door.send("GET", path, good).status == 404)
      door.clock.advance(by: .seconds(1))
      #expect(try await door.send("GET", path, good).problem == "/problems/token-expired")

      let fresh = ["Authorization": "Bearer \(try await door.token())"]
      #expect(try await door.send("GET", path, fresh).status == 404)
      door.credentials.secrets.value["client-a"] = nil
      #expect(try await door.send("GET", path, fresh).problem == "/problems/token-revoked")
    }
  }

  @Test func `a token that names another algorithm or another issuer does not count`() async throws {
    try await Door.open { door in
      let parts = try await door.token().split(separator: ".")
      let none = Data(#"{"alg":"none","typ":"JWT"}"#.utf8).base64EncodedString().replacing(
        "=", with: "")
      for token in [
        "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])", "a.b.c", "", "..", "é",
      ] {
        let answer = try await door.send(
          "GET", "/v1/exchanges/x", ["Authorization": "Bearer \(token)"])
        #expect(answer.status == 401)
      }
      try await Door.open({ $0.issuer = "another hub" }) { other in
        let foreign = ["Authorization": "Bearer \(try await other.token())"]
        #expect(
          try await door.send("GET", "/v1/exchanges/x", foreign).problem
            == "/problems/token-invalid")
      }
    }
  }

  @Test func `tokens can be signed with an elliptic curve key`() async throws {
    let made = try await run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout"])
    let key = Secret(reference: "test", value: made.output)
    try await Door.open(key: .es256(pem: key)) { door in
      let header = ["Authorization": "Bearer \(try await door.token())"]
      #expect(try await door.send("GET", "/v1/exchanges/x", header).status == 404)
    }
  }

  @Test func `a key that is too short is refused before the door opens`() async {
    await #expect(
      throws: GatewayStartError.badTokenKey(
        reason: "it has 31 bytes, and HS256 needs at least 32 random ones")
    ) {
      try await Door.open(key: .hmac(Array(repeating: 1, count: 31))) { _ in }
    }
  }

  private func claims(_ part: Substring) throws -> [String: Any]? {
    var text = String(part).replacing("-", with: "+").replacing("_", with: "/")
    while text.count % 4 != 0 { text += "=" }
    let data = try #require(Data(base64Encoded: text))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any]
  }
}
