import HubKit
import HubTesting
import Hummingbird
import Testing

@testable import HubAdmin

@Suite("Sessions of operators")
struct SessionTests {
  @Test func `signing out ends the session, also for a copy of its cookie`() async throws {
    let desk = Desk()
    var browser = try await desk.signedIn()
    let copy = browser
    let out = try await browser.post("/sign-out", [("Sec-Fetch-Site", "same-origin")])
    #expect(out.status == .seeOther && out.headers["Location"] == "/")
    #expect(out.cookies.first?.hasPrefix("lgsp-session=; ") == true)
    #expect(out.cookies.first?.contains("Max-Age=0") == true)
    var stale = copy
    #expect(try await stale.get("/").status == .forbidden)
    #expect(try await browser.get("/").status == .forbidden)
  }

  @Test(
    arguments: [
      [], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "none")],
      [("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "https://hub.example:8080")],
      [("Sec-Fetch-Site", "cross-site"), ("Origin", "http://hub.example:8080")],
    ] as [[(String, String)]])
  func `no other page can sign an operator out`(fields: [(String, String)]) async throws {
    let desk = Desk()
    var browser = try await desk.signedIn()
    #expect(try await browser.post("/sign-out", fields).status == .forbidden)
    #expect(try await browser.get("/").status == .ok)
  }

  @Test func `an older browser says where its form came from`() async throws {
    let desk = Desk()
    var browser = try await desk.signedIn()
    let page = try await browser.get("/")
    #expect(page.headers["Referrer-Policy"] == "same-origin", "no-referrer would make the origin null")
    #expect(try await browser.post("/sign-out", [("Origin", "http://hub.example:8080")]).status == .seeOther)
    #expect(try await browser.get("/").status == .forbidden)
  }

  @Test func `a session ends with the configuration by which its person may operate the hub`() async throws {
    let desk = Desk()
    var browser = try await desk.signedIn()
    desk.signIn.adopt(provider: desk.provider, operators: ["operator-1", "operator-2"], publicURL: nil)
    #expect(try await browser.get("/").status == .ok)
    desk.signIn.adopt(provider: desk.provider, operators: ["operator-2"], publicURL: nil)
    #expect(try await browser.get("/status.json").status == .forbidden)
    desk.signIn.adopt(provider: desk.provider, operators: ["operator-1"], publicURL: nil)
    #expect(try await browser.get("/").status == .forbidden, "he has to sign in again")
  }

  @Test func `a session ends when nobody uses it, and in the end always`() async throws {
    let desk = Desk()
    var browser = try await desk.signedIn()
    desk.clock.advance(by: .seconds(1799))
    #expect(try await browser.get("/").status == .ok)
    desk.clock.advance(by: .seconds(1800))
    #expect(try await browser.get("/").status == .forbidden)
    var busy = try await desk.signedIn()
    for _ in 1...16 {
      desk.clock.advance(by: .seconds(1790))
      #expect(try await busy.get("/status.json").status == .ok)
    }
    desk.clock.advance(by: .seconds(8 * 3600 - 16 * 1790))
    #expect(try await busy.get("/status.json").status == .forbidden)
  }

  @Test(arguments: ["", "x", String(repeating: "0", count: 64), String(repeating: "é", count: 32)])
  func `a session cannot be guessed or made up`(value: String) async throws {
    let desk = Desk()
    _ = try await desk.signedIn()
    var browser = desk.browser()
    browser.cookies["lgsp-session"] = value
    #expect(try await browser.get("/").status == .forbidden)
  }

  @Test func `a session found before signing in is not the one after it`() async throws {
    let desk = Desk()
    var browser = try await desk.signedIn()
    let first = browser
    let out = try await browser.get("/sign-in")
    #expect(try await browser.comeBack(from: out).status == .seeOther)
    #expect(browser.cookies["lgsp-session"] != first.cookies["lgsp-session"])
    var stale = first
    #expect(try await stale.get("/").status == .forbidden)
    #expect(try await browser.get("/").status == .ok)
  }

  @Test func `when there is no room, the session that was idle longest ends`() async throws {
    var limits = OperatorSignIn.Limits()
    limits.sessionsMax = 2
    let desk = Desk(limits: limits)
    var first = try await desk.signedIn()
    desk.clock.advance(by: .seconds(1))
    var second = try await desk.signedIn()
    desk.clock.advance(by: .seconds(1))
    #expect(try await first.get("/").status == .ok)
    var third = try await desk.signedIn()
    #expect(try await second.get("/").status == .forbidden)
    #expect(try await first.get("/").status == .ok)
    #expect(try await third.get("/").status == .ok)
  }

  @Test func `without a way to sign in there is no such address`() async throws {
    var browser = Desk(signsIn: false).browser()
    for path in ["/sign-in", "/sign-in/callback"] {
      #expect(try await browser.get(path).status == .notFound)
    }
    #expect(try await browser.get("/").text.contains("hub.yaml"))
  }
}
