import HubKit
import HubTesting
import Hummingbird
import Synchronization
import Testing

@testable import HubAdmin

@Suite("Signing in to the control bus")
struct SignInTests {
  @Test func `an operator goes out, comes back and reads the page from anywhere`() async throws {
    let desk = Desk()
    var browser = desk.browser()
    #expect(try await browser.get("/").status == .forbidden)
    let out = try await browser.get("/sign-in")
    #expect(out.status == .seeOther)
    #expect(out.headers["Location"]?.hasPrefix("https://far.example/auth?state=") == true)
    let home = try await browser.comeBack(from: out)
    #expect(home.status == .seeOther && home.headers["Location"] == "/")
    let page = try await browser.get("/")
    #expect(page.status == .ok)
    #expect(page.text.contains("Nguyễn &lt;Văn&gt; Mẫu"))
    #expect(page.text.contains(#"<form class="account" method="post" action="/sign-out">"#))
    #expect(page.headers["Content-Security-Policy"]?.contains("form-action 'self'") == true)
    #expect(try await browser.get("/status.json").status == .ok)
    #expect(try await browser.get("/metrics").status == .forbidden, "the metrics are not for sessions")
  }

  @Test func `the provider is given random values, and none of them twice`() async throws {
    let desk = Desk()
    var browser = desk.browser()
    for _ in 1...2 { _ = try await browser.get("/sign-in") }
    let attempts = desk.provider.asked
    let values = attempts.flatMap { [$0.state, $0.nonce, $0.verifier] }
    #expect(Set(values).count == 6)
    #expect(values.allSatisfy { $0.utf8.count == 64 })
    #expect(
      attempts.map(\.redirectURL) == [
        "http://hub.example:8080/sign-in/callback", "http://hub.example:8080/sign-in/callback",
      ])
  }

  @Test(arguments: [(false, nil, false), (true, nil, true), (false, "https://lgsp.example.vn/", true)])
  func `cookies are for this host alone, and secure where TLS is`(
    isSecure: Bool, publicURL: String?, marked: Bool
  ) async throws {
    let desk = Desk(publicURL: publicURL)
    var browser = desk.browser(isSecure: isSecure)
    let out = try await browser.get("/sign-in")
    let back = try await browser.comeBack(from: out)
    for line in out.cookies + back.cookies {
      #expect(line.contains("; Path=/; ") && line.contains("; HttpOnly; SameSite=Lax"))
      #expect(line.hasSuffix("; Secure") == marked, "\(line)")
      #expect(!line.contains("Domain"))
    }
    let origin =
      publicURL == nil ? (isSecure ? "https://hub.example:8080" : "http://hub.example:8080") : "https://lgsp.example.vn"
    #expect(desk.provider.asked.map(\.redirectURL) == ["\(origin)/sign-in/callback"])
  }

  @Test func `a callback works once`() async throws {
    let desk = Desk()
    var browser = desk.browser()
    let out = try await browser.get("/sign-in")
    var copy = browser
    #expect(try await browser.comeBack(from: out).status == .seeOther)
    let replayed = try await copy.comeBack(from: out)
    #expect(replayed.status == .badRequest)
    #expect(replayed.text.contains("This attempt is over"))
    #expect(copy.cookies["lgsp-session"] == nil)
    #expect(desk.provider.taken == 1)
  }

  @Test func `another browser cannot use the callback, nor the state of another attempt`() async throws {
    let desk = Desk()
    var (browser, other) = (desk.browser(), desk.browser())
    let out = try await browser.get("/sign-in")
    #expect(try await other.comeBack(from: out).status == .badRequest, "it has no attempt of its own")
    let theirs = try await other.get("/sign-in")
    let foreign = try await other.comeBack(from: out)
    #expect(foreign.status == .badRequest)
    #expect(foreign.text.contains("The answer to another attempt"))
    #expect(desk.provider.taken == 0)
    #expect(try await other.comeBack(from: theirs).status == .seeOther, "its own attempt was not ended by it")
    #expect(try await browser.comeBack(from: out).status == .seeOther)
  }

  @Test func `a state that is missing or empty fits no attempt`() async throws {
    let desk = Desk()
    var browser = desk.browser()
    _ = try await browser.get("/sign-in")
    for query in ["", "?code=c", "?code=c&state="] {
      #expect(try await browser.get("/sign-in/callback\(query)").status == .badRequest)
    }
    #expect(desk.provider.taken == 0)
  }

  @Test func `an attempt ends with its time`() async throws {
    let desk = Desk()
    var browser = desk.browser()
    let out = try await browser.get("/sign-in")
    desk.clock.advance(by: .seconds(600))
    #expect(try await browser.comeBack(from: out).status == .badRequest)
    #expect(desk.provider.taken == 0)
  }

  @Test func `who cancels at the far system is told, and may begin again`() async throws {
    let desk = Desk()
    var browser = desk.browser()
    let out = try await browser.get("/sign-in")
    let state = try out.state
    let cancelled = try await browser.get("/sign-in/callback?error=access_denied&state=\(state)")
    #expect(cancelled.status == .forbidden)
    #expect(cancelled.text.contains("Not signed in"))
    #expect(try await browser.get("/sign-in/callback?code=c&state=\(state)").status == .badRequest)
    let again = try await browser.get("/sign-in")
    #expect(try await browser.comeBack(from: again).status == .seeOther)
  }

  @Test func `a person who is no operator is told his subject, and gets no session`() async throws {
    let desk = Desk()
    desk.provider.answer(.success(SignedInPerson(subject: "stranger-1", name: "Trần Thị Ví Dụ")))
    var browser = desk.browser()
    let back = try await browser.comeBack(from: try await browser.get("/sign-in"))
    #expect(back.status == .forbidden)
    #expect(back.text.contains("<code>stranger-1</code>"))
    #expect(browser.cookies["lgsp-session"] == nil)
    #expect(try await browser.get("/").status == .forbidden)
  }

  @Test func `a token that is not believed is a 403 with its code`() async throws {
    let desk = Desk()
    desk.provider.answer(.failure(AdapterError(.reject, code: "token-nonce", reason: "Another attempt.")))
    var browser = desk.browser()
    let back = try await browser.comeBack(from: try await browser.get("/sign-in"))
    #expect(back.status == .forbidden)
    #expect(back.text.contains("<code>token-nonce</code>"))
    #expect(browser.cookies["lgsp-session"] == nil)
  }

  @Test(arguments: [AdapterError.Verdict.outage(after: nil), .inDoubt, .retry(after: nil)])
  func `a provider that is away is a 502, and this machine still reads the page`(
    verdict: AdapterError.Verdict
  ) async throws {
    let desk = Desk()
    var browser = desk.browser()
    let out = try await browser.get("/sign-in")
    desk.provider.answer(.failure(AdapterError(verdict, code: "far-away", reason: "Nobody answers.")))
    #expect(try await browser.comeBack(from: out).status == .badGateway)
    let away = try await browser.get("/sign-in")
    #expect(away.status == .badGateway)
    #expect(away.text.contains("<code>far-away</code>"))
    #expect(away.cookies.isEmpty)
    var local = desk.browser(peer: "127.0.0.1", host: "localhost:8080")
    let page = try await local.get("/")
    #expect(page.status == .ok)
    #expect(page.text.contains(#"<a class="button" href="/sign-in">"#))
  }

  @Test func `an address that is none is not followed`() async throws {
    let desk = Desk()
    for address in ["javascript:alert(1)", "https://far.example/\r\nSet-Cookie: a=b", ""] {
      desk.provider.send(to: address)
      var browser = desk.browser()
      let out = try await browser.get("/sign-in")
      #expect(out.status == .badGateway && out.headers["Location"] == nil)
    }
  }

  @Test(arguments: ["hub.example/evil", "a b", "user@hub.example"])
  func `a host that is none starts nothing`(host: String) async throws {
    let desk = Desk()
    var browser = desk.browser(host: host)
    #expect(try await browser.get("/sign-in").status == .badRequest)
    #expect(desk.provider.asked.isEmpty)
  }

  @Test func `too many attempts are told to come back, others are not held up`() async throws {
    var limits = OperatorSignIn.Limits()
    limits.attemptsPerAddressMax = 2
    limits.attemptsMax = 3
    let desk = Desk(limits: limits)
    var (flood, other, third) = (desk.browser(), desk.browser(peer: "10.1.2.4"), desk.browser(peer: "10.1.2.5"))
    for _ in 1...2 { #expect(try await flood.get("/sign-in").status == .seeOther) }
    let refused = try await flood.get("/sign-in")
    #expect(refused.status == .serviceUnavailable && refused.headers["Retry-After"] == "60")
    #expect(try await other.get("/sign-in").status == .seeOther)
    #expect(try await third.get("/sign-in").status == .serviceUnavailable, "there is no room for anyone")
    desk.clock.advance(by: .seconds(600))
    #expect(try await third.get("/sign-in").status == .seeOther)
  }

  @Test func `a failed start leaves its room`() async throws {
    var limits = OperatorSignIn.Limits()
    limits.attemptsPerAddressMax = 1
    let desk = Desk(limits: limits)
    var browser = desk.browser()
    desk.provider.answer(.failure(AdapterError(.outage(after: nil), code: "far-away", reason: "Nobody answers.")))
    for _ in 1...3 { #expect(try await browser.get("/sign-in").status == .badGateway) }
  }
}
