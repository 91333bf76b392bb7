import Foundation
import HubKit
import Testing

@testable import VNeID

/// What an ID token must say, at the edges.
@Suite struct RulesTests {
  private static let now = Timestamp(seconds: 1_767_574_800)
  private static let issuer = "http://127.0.0.1:1/realms/citizen"

  /// The claims of a good token with some replaced (JSON text) or left out (nil).
  private func verdict(_ changes: [String: String?]) throws -> String {
    let seconds = Self.now.microseconds / 1_000_000
    var members: [String: String?] = [
      "iss": "\"\(Self.issuer)\"", "aud": "\"\(client)\"", "azp": "\"\(client)\"", "exp": "\(seconds + 60)",
      "iat": "\(seconds)", "nonce": "\"\(attempt().nonce)\"", "sub": "\"a-1\"",
    ]
    for (name, value) in changes { members.updateValue(value, forKey: name) }
    let json = members.compactMapValues { $0 }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    let claims = try JSONDecoder().decode(IDTokenClaims.self, from: Data("{\(json)}".utf8))
    let rules = IDTokenRules(
      settings: try VNeIDSettings(values(issuer: Self.issuer)), attempt: attempt(), now: Self.now)
    do throws(AdapterError) {
      try rules.check(claims)
      return "good"
    } catch {
      #expect(error.verdict == .reject)
      return error.code
    }
  }

  @Test(
    arguments: [
      (["exp": "1767574771"], "good"), (["exp": "1767574770"], "token-expired"), (["exp": "1767574770.5"], "good"),
      (["exp": nil], "token-time"), (["exp": "-1"], "token-time"), (["exp": "1e300"], "token-time"),
      (["iat": "1767574830"], "good"), (["iat": "1767574831"], "token-early"), (["iat": nil], "token-time"),
      (["nbf": "1767574830"], "good"), (["nbf": "1767574831"], "token-early"),
    ] as [([String: String?], String)])
  func `times hold within thirty seconds and no further`(changes: [String: String?], code: String) throws {
    #expect(try verdict(changes) == code)
  }

  @Test(
    arguments: [
      ([:], "good"), (["azp": nil], "good"), (["aud": "[\"lgsp-test\"]", "azp": nil], "good"),
      (["aud": "[\"lgsp-test\",\"account\"]"], "good"),
      (["aud": "[\"lgsp-test\",\"account\"]", "azp": nil], "token-party"),
      (["azp": "\"account\""], "token-party"), (["aud": "\"account\""], "token-audience"),
      (["aud": "[]"], "token-audience"),
      (["aud": nil], "token-audience"), (["aud": "\"lgsp-tes\""], "token-audience"),
    ] as [([String: String?], String)])
  func `the token was made for this client and given to it`(changes: [String: String?], code: String) throws {
    #expect(try verdict(changes) == code)
  }

  @Test(
    arguments: [
      (["iss": nil], "token-issuer"), (["iss": "\"http://127.0.0.1:1/realms/citizen/\""], "token-issuer"),
      (["nonce": nil], "token-nonce"), (["nonce": "\"\""], "token-nonce"), (["sub": nil], "token-subject"),
      (["sub": "\"\""], "token-subject"), (["sub": "\"a b\""], "token-subject"), (["sub": "\"Mẫu\""], "token-subject"),
      (["sub": "\"\(String(repeating: "a", count: 256))\""], "token-subject"),
      (["sub": "\"\(String(repeating: "a", count: 255))\""], "good"),
    ] as [([String: String?], String)])
  func `issuer, nonce and subject are there and right`(changes: [String: String?], code: String) throws {
    #expect(try verdict(changes) == code)
  }

  private func person(_ json: String, _ changes: [String: SettingValue?] = [:]) throws -> SignedInPerson {
    let claims = try JSONDecoder().decode(IDTokenClaims.self, from: Data(json.utf8))
    return try PersonRules(settings: try VNeIDSettings(values(changes))).person(claims)
  }

  @Test func `numbers are read as texts, and a name loses what could mislead`() throws {
    let json = #"{"sub":"a","HoVaTen":" Nguyễn\n\u202eVăn\u0000  Mẫu ","LoaiTaiKhoan":1,"loAs":2,"IAL":"LoA3"}"#
    #expect(try person(json) == SignedInPerson(subject: "a", name: "Nguyễn Văn Mẫu", assurance: "2"))
    let long = #"{"sub":"a","HoVaTen":"\#(String(repeating: "ễ", count: 500))","LoaiTaiKhoan":"1","IAL":"2"}"#
    #expect(try person(long).name.count == 100)
  }

  @Test(arguments: [
    (#"{"sub":"a","LoaiTaiKhoan":"1","loAs":"2"}"#, "claim-missing"),
    (#"{"sub":"a","HoVaTen":" \u200b ","LoaiTaiKhoan":"1","loAs":"2"}"#, "claim-missing"),
    (#"{"sub":"a","HoVaTen":"A","loAs":"2"}"#, "account-type"),
    (#"{"sub":"a","HoVaTen":"A","LoaiTaiKhoan":"3","loAs":"2"}"#, "account-type"),
    (#"{"sub":"a","HoVaTen":"A","LoaiTaiKhoan":"1"}"#, "assurance-low"),
    (#"{"sub":"a","HoVaTen":"A","LoaiTaiKhoan":"1","loAs":"2","IAL":"1"}"#, "assurance-low"),
    (#"{"sub":"a","HoVaTen":"A","LoaiTaiKhoan":"1","loAs":"cao"}"#, "assurance-low"),
  ])
  func `who may not sign in is told why`(json: String, code: String) throws {
    let failure = #expect(throws: AdapterError.self) { try person(json) }
    #expect(failure?.code == code && failure?.verdict == .reject)
  }

  @Test func `no level is asked for when the setting says so`() throws {
    let json = #"{"sub":"a","HoVaTen":"A","LoaiTaiKhoan":"1"}"#
    #expect(try person(json, ["assuranceMin": .integer(0)]).assurance == nil)
  }

  @Test(arguments: [
    #"{"keys":[]}"#, #"{"keys":[{"kty":"EC","kid":"a","crv":"P-256","x":"AA","y":"AA"}]}"#,
    #"{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}"#,
    #"{"keys":[{"kty":"RSA","kid":"a","n":"!","e":"AQAB"}]}"#,
    #"{"keys":[{"kty":"RSA","kid":"a","use":"enc","n":"AQAB","e":"AQAB"}]}"#,
    #"{"keys":[{"kty":"oct","kid":"a","k":"AA"}]}"#,
  ])
  func `keys that cannot verify are left out`(json: String) throws {
    #expect(try JSONDecoder().decode(KeySet.self, from: Data(json.utf8))["a"] == nil)
  }
}
