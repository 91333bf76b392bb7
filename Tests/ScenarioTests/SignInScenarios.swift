import Foundation
import HubKit
import HubTransport
import Testing

/// Operators sign in to the real hub at the mock of VNeID, as a browser does it.
extension Scenarios {
  @Suite(.serialized)
  struct SignInScenarios {
    private static let operatorSubject = "7d0f4a52-0000-4000-8000-000000000001"
    private static let strangerSubject = "7d0f4a52-0000-4000-8000-000000000002"

    @Test func anOperatorSignsInReadsTheStatusFromElsewhereAndSignsOut() async throws {
      try await City.running { city in
        var browser = CookieJar(city: city)
        #expect(try await browser.get("/", fromElsewhere: true).status == 403)
        let callback = try await browser.leave(as: Self.operatorSubject)
        #expect(callback.hasPrefix("\(city.gateway)/sign-in/callback?"))
        let copy = browser
        let back = try await browser.get(callback)
        #expect(back.status == 303 && back.headers["Location"] == "/")
        let page = try await browser.get("/", fromElsewhere: true)
        #expect(page.status == 200)
        #expect(String(decoding: page.body, as: UTF8.self).contains("Nguyễn Văn Mẫu"))
        #expect(try await browser.get("/status.json", fromElsewhere: true).status == 200)
        #expect(try await browser.get("/metrics", fromElsewhere: true).status == 403)

        var replay = copy
        #expect(try await replay.get(callback).status == 400, "a callback works once")
        var foreign = CookieJar(city: city)
        #expect(try await foreign.get(callback).status == 400, "and in its own browser only")
        #expect(try await foreign.get("/", fromElsewhere: true).status == 403)

        let elsewhere = [HeaderField("Origin", "https://evil.example")]
        #expect(try await browser.send("POST", "/sign-out", elsewhere).status == 403)
        let own = [HeaderField("Origin", city.gateway)]
        #expect(try await browser.send("POST", "/sign-out", own).status == 303)
        #expect(try await browser.get("/", fromElsewhere: true).status == 403)
      }
    }

    @Test func aPersonWhoIsNoOperatorIsToldHisSubject() async throws {
      try await City.running { city in
        var browser = CookieJar(city: city)
        let back = try await browser.get(try await browser.leave(as: Self.strangerSubject))
        #expect(back.status == 403)
        #expect(String(decoding: back.body, as: UTF8.self).contains("<code>\(Self.strangerSubject)</code>"))
        #expect(try await browser.get("/", fromElsewhere: true).status == 403)
        #expect(!city.log("hub").contains(Self.strangerSubject), "who tried is not in the log")
      }
    }

    @Test func aTokenThatMustNotBeBelievedLetsNobodyIn() async throws {
      try await City.running { city in
        for fault in ["wrong-nonce", "expired", "alg-none", "wrong-key"] {
          var browser = CookieJar(city: city)
          let callback = try await browser.leave(as: Self.operatorSubject)
          let switched = try await city.send(
            "POST", "\(city.vneidMock)/_mock/faults", body: Array(#"{"fault":"\#(fault)"}"#.utf8))
          #expect(switched.status == 200)
          #expect(try await browser.get(callback).status == 403, "\(fault)")
          #expect(try await browser.get("/", fromElsewhere: true).status == 403, "\(fault)")
        }
      }
    }

    @Test func withoutTheProviderThePageSaysSoAndThisMachineStillReadsTheStatus() async throws {
      let city = try await City()
      do {
        try await city.startHub()
        let away = try await city.get("\(city.gateway)/sign-in")
        #expect(away.status == 502)
        #expect(try await city.get("\(city.gateway)/").status == 200)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func anEndpointWhereNobodyCanSignInIsNamedByTheCheckAndByTheStart() async throws {
      let city = try await City()
      let path = "\(city.config)/hub.yaml"
      let text = try String(contentsOfFile: path, encoding: .utf8).replacing(
        "signIn: vneid", with: "signIn: city-systems")
      try Data(text.utf8).write(to: URL(filePath: path))
      let line =
        (text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("signIn:") } ?? 0) + 1
      let check = try await City.run("check", city.config)
      #expect(check.status == 1)
      #expect(check.output.contains("hub.yaml:\(line):11"), "\(check.output)")
      #expect(check.output.contains("no-sign-in") || check.output.contains("does not do that"), "\(check.output)")
      let start = try await City.run("run", "--config", city.config)
      #expect(start.status != 0)
      #expect(start.error.contains("hub.yaml:\(line):11"), "\(start.error)")
      await city.close()
    }

    @Test func atAnAddressOfItsOwnTheStatusIsForOperatorsAndTheMetricsForAll() async throws {
      let city = try await City()
      do {
        let path = "\(city.config)/hub.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8).replacing(
          "  signIn: vneid", with: "  signIn: vneid\n  address: 127.0.0.1:\(city.ports + 10)")
        try Data(text.utf8).write(to: URL(filePath: path))
        try await city.startMocks()
        try await city.startHub()
        let own = "http://127.0.0.1:\(city.ports + 10)"
        try await waitUntil("the pages answer") { (try? await city.get("\(own)/metrics"))?.status == 200 }
        let elsewhere = [HeaderField("X-Forwarded-For", "10.1.2.3")]
        #expect(try await city.send("GET", "\(own)/metrics", headers: elsewhere, body: nil).status == 200)
        #expect(try await city.send("GET", "\(own)/", headers: elsewhere, body: nil).status == 403)
        #expect(try await city.get("\(own)/").status == 200)
        let out = try await city.get("\(own)/sign-in")
        #expect(
          out.headers["Location"]?.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A\(city.ports + 10)%2F") == true)
        #expect(try await city.get("\(city.gateway)/sign-in").status == 404)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func overTLSTheCookieIsSecureAndTheWayBackToo() async throws {
      try await City.running { city in
        var options = TransportOptions(allow: [AllowedAddress("127.0.0.0/8")].compactMap { $0 })
        options.trustedPEM = Array(try Data(contentsOf: URL(filePath: "\(city.home)/Data/tls/server.pem")))
        let redirect = "redirect_uri=https%3A%2F%2F127.0.0.1%3A\(city.ports + 1)%2Fsign-in%2Fcallback"
        for http2 in [true, false] {
          options.http2 = http2
          let out = try await city.loop.transport(for: "tls-\(http2)", options, recorder: nil).send(
            OutboundRequest(method: "GET", url: "https://127.0.0.1:\(city.ports + 1)/sign-in"))
          #expect(out.status == 303)
          #expect(out.headers["Set-Cookie"]?.hasSuffix("; HttpOnly; SameSite=Lax; Secure") == true)
          #expect(out.headers["Location"]?.contains(redirect) == true)
        }
      }
    }
  }
}

/// A browser as far as signing in needs one: it keeps cookies and follows what it is told to.
private struct CookieJar {
  let city: City
  private var cookies: [String: String] = [:]

  init(city: City) { self.city = city }

  /// Goes to the far system, chooses a person there, and gives the address to which he is sent back.
  mutating func leave(as subject: String) async throws -> String {
    let out = try await get("/sign-in")
    let address = try #require(out.headers["Location"], "\(out.status)")
    #expect(address.hasPrefix("\(city.vneidMock)/realms/citizen/protocol/openid-connect/auth?"))
    let choice = try await city.get(address)
    #expect(String(decoding: choice.body, as: UTF8.self).contains(subject))
    return try #require(try await city.get("\(address)&login_hint=\(subject)").headers["Location"])
  }

  mutating func get(_ address: String, fromElsewhere: Bool = false) async throws -> OutboundResponse {
    // A proxy that speaks for someone else is what another machine looks like from here.
    try await send("GET", address, fromElsewhere ? [HeaderField("X-Forwarded-For", "10.1.2.3")] : [])
  }

  mutating func send(_ method: String, _ address: String, _ fields: [HeaderField]) async throws -> OutboundResponse {
    let line = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
    let response = try await city.send(
      method, address.hasPrefix("http") ? address : city.gateway + address,
      headers: fields + (line.isEmpty ? [] : [HeaderField("Cookie", line)]), body: method == "POST" ? [] : nil)
    for field in response.headers where field.name.lowercased() == "set-cookie" {
      let pair = field.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else { continue }
      cookies[String(pair[0])] = field.value.contains("Max-Age=0") ? nil : String(pair[1])
    }
    return response
  }
}
