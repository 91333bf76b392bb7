import HubKit
import Testing

@testable import VNeID

@Suite struct SettingsTests {
  @Test(
    arguments: [
      ("issuer", nil), ("issuer", .text("http://sso.example.vn/realms/citizen")),
      ("issuer", .text("http://127.0.0.1.evil.example/")), ("issuer", .text("http://a@127.0.0.1:1/")),
      ("issuer", .text("https://sso.example.vn/?a=b")), ("issuer", .text("https://{receiver}.example.vn")),
      ("clientId", nil), ("clientId", .text("a b")), ("clientSecret", nil), ("clientAuth", .text("jwt")),
      ("scopes", .list(["profile"])), ("scopes", .list(["openid profile", "openid"])), ("accountTypes", .list([])),
      ("leeway", .duration(.seconds(301))),
    ] as [(String, SettingValue?)])
  func `what cannot work is named`(name: String, value: SettingValue?) {
    let failure = #expect(throws: SettingError.self) { try VNeIDConnector(settings: values([name: value])) }
    #expect(failure?.name == name)
  }

  @Test(arguments: [
    "https://sso.example.vn/realms/citizen", "http://127.0.0.1:8096/realms/citizen", "http://localhost/x",
    "http://[::1]:80/x",
  ])
  func `the issuer is https, or on this machine`(issuer: String) throws {
    #expect(try VNeIDSettings(values(issuer: issuer)).discoveryURL == "\(issuer)/.well-known/openid-configuration")
  }

  @Test func `a slash at the issuer's end is not doubled`() throws {
    let settings = try VNeIDSettings(values(issuer: "https://sso.example.vn/"))
    #expect(settings.discoveryURL == "https://sso.example.vn/.well-known/openid-configuration")
  }

  @Test func `without the secret's value nothing is sent`() throws {
    let unknown = Secret(reference: "file:x", value: nil)
    let settings = try VNeIDSettings(values(["clientSecret": .secret(unknown)]))
    let failure = #expect(throws: AdapterError.self) { try settings.revealSecret() }
    #expect(failure?.code == "no-secret")
  }

  @Test(
    arguments: [
      (["2"], 2), (["LoA2"], 2), (["2", "1"], 1), (["IAL3", "LoA2"], 2), ([], nil), (["high"], nil), (["2", ""], nil),
    ] as [([String], Int?)])
  func `the lowest level counts, and one that cannot be read is none`(texts: [String], level: Int?) {
    #expect(PersonRules.level(of: texts) == level)
  }

  @Test(arguments: ["a=", "a b", "a+b", "a/b", "á", "a"])
  func `only base64url without padding is read`(text: String) {
    #expect(Base64URL.decode(text) == nil)
  }

  @Test func `a form keeps what it carries`() {
    #expect(FormText.encoded([("a b", "&=+%é~"), ("c", "")]) == "a%20b=%26%3D%2B%25%C3%A9~&c=")
  }
}
