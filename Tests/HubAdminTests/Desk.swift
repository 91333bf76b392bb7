import HTTPTypes
import HubKit
import HubTesting
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

@testable import HubAdmin

/// The pages with a way to sign in, at a far system that does as it is told. Asked without a socket.
struct Desk: Sendable {
  struct Source: RequestContextSource {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let peer: String
    let isSecure: Bool
  }

  struct Context: RequestContext {
    typealias Source = Desk.Source

    var coreContext: CoreRequestContextStorage
    let peer: String
    let isSecure: Bool
    init(source: Source) {
      coreContext = CoreRequestContextStorage(source: source)
      peer = source.peer
      isSecure = source.isSecure
    }
  }

  /// Always the same figures.
  struct Overview: HubOverview {
    func snapshot() async -> OverviewSnapshot { Samples.empty }
    func sheet(ofEndpoint name: String) -> EndpointSheet? { nil }
    func documents(in month: CalendarMonth) async -> DocumentMonth? { nil }
  }

  let provider = ScriptedProvider()
  let clock = TestClock()
  let responder: RouterResponder<Context>
  let signIn: OperatorSignIn

  init(signsIn: Bool = true, publicURL: String? = nil, limits: OperatorSignIn.Limits = .init()) {
    signIn = OperatorSignIn(
      provider: provider, operators: ["operator-1"], publicURL: publicURL, clock: clock, limits: limits)
    let router = Router(context: Context.self)
    AdminPages(
      overview: Overview(), registry: PrometheusRegistry(), signIn: signsIn ? signIn : nil, clock: clock
    ).mount(on: router, peer: { $0.peer }, isSecure: { $0.isSecure })
    responder = router.buildResponder()
  }

  func browser(peer: String = "10.1.2.3", host: String = "hub.example:8080", isSecure: Bool = false) -> Browser {
    Browser(desk: self, peer: peer, host: host, isSecure: isSecure)
  }

  /// A browser whose operator has signed in.
  func signedIn() async throws -> Browser {
    var browser = browser()
    let back = try await browser.comeBack(from: try await browser.get("/sign-in"))
    #expect(back.status == .seeOther)
    return browser
  }
}

/// A browser with a cookie jar.
struct Browser {
  struct Answer {
    let status: HTTPResponse.Status
    let headers: [String: String]
    let cookies: [String]
    let text: String

    /// The state in the address to which it sends.
    var state: String {
      get throws { try #require(headers["Location"]?.firstMatch(of: /state=([0-9a-f]+)/)).output.1.description }
    }
  }

  let desk: Desk
  let peer: String
  let host: String
  let isSecure: Bool
  var cookies: [String: String] = [:]

  mutating func get(_ path: String) async throws -> Answer { try await send(.get, path, []) }

  mutating func post(_ path: String, _ fields: [(String, String)]) async throws -> Answer {
    try await send(.post, path, fields)
  }

  /// Comes back with the state that the far system was given.
  mutating func comeBack(from out: Answer) async throws -> Answer {
    try await get("/sign-in/callback?code=c%2F1&state=\(try out.state)&iss=https%3A%2F%2Ffar.example")
  }

  private mutating func send(
    _ method: HTTPRequest.Method, _ path: String, _ fields: [(String, String)]
  ) async throws -> Answer {
    var headers = HTTPFields()
    for (name, value) in fields { headers[try #require(HTTPField.Name(name))] = value }
    if !cookies.isEmpty {
      headers[.cookie] = (["theme=dark"] + cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
        .joined(separator: "; ")
    }
    let head = HTTPRequest(method: method, scheme: "http", authority: host, path: path, headerFields: headers)
    let response: Response
    do {
      response = try await desk.responder.respond(
        to: Request(head: head, body: RequestBody(buffer: ByteBuffer())),
        context: Desk.Context(source: Desk.Source(peer: peer, isSecure: isSecure)))
    } catch let error as any HTTPResponseError {
      return Answer(status: error.status, headers: [:], cookies: [], text: "")
    }
    let set = response.headers[values: .setCookie]
    for line in set { keep(line) }
    let writer = Writer()
    try await response.body.write(writer)
    let named = response.headers.map { ($0.name.rawName, $0.value) }
    return Answer(
      status: response.status, headers: Dictionary(named) { first, _ in first }, cookies: set,
      text: String(buffer: writer.taken.buffer))
  }

  private mutating func keep(_ line: String) {
    let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard pair.count == 2 else { return }
    cookies[String(pair[0])] = line.contains("Max-Age=0") ? nil : String(pair[1])
  }

  /// Gathers what a response writes.
  private struct Writer: ResponseBodyWriter {
    final class Taken: Sendable {
      private let bytes = Mutex(ByteBuffer())
      var buffer: ByteBuffer { bytes.withLock { $0 } }
      func append(_ more: ByteBuffer) { bytes.withLock { _ = $0.writeImmutableBuffer(more) } }
    }

    let taken = Taken()
    mutating func write(_ buffer: ByteBuffer) async throws { taken.append(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
  }
}

/// A far system that vouches for whom it is told to.
final class ScriptedProvider: SignInProvider {
  private struct State {
    var asked: [SignInAttempt] = []
    var codes: [String] = []
    var address: String?
    var answer: Result<SignedInPerson, AdapterError> = .success(
      SignedInPerson(subject: "operator-1", name: "Nguyễn <Văn> Mẫu", assurance: "2"))
  }

  private let state = Mutex(State())

  let title = "VNeID"

  /// The attempts for which an address was wanted.
  var asked: [SignInAttempt] { state.withLock { $0.asked } }

  /// How many codes were brought.
  var taken: Int { state.withLock { $0.codes.count } }

  func answer(_ answer: Result<SignedInPerson, AdapterError>) { state.withLock { $0.answer = answer } }

  func send(to address: String) { state.withLock { $0.address = address } }

  func address(for attempt: SignInAttempt) async throws(AdapterError) -> String {
    let (answer, address) = state.withLock { state in
      state.asked.append(attempt)
      return (state.answer, state.address)
    }
    if case .failure(let error) = answer, error.verdict != .reject { throw error }
    return address ?? "https://far.example/auth?state=\(attempt.state)"
  }

  func person(code: String, attempt: SignInAttempt) async throws(AdapterError) -> SignedInPerson {
    #expect(code == "c/1")
    let answer = state.withLock { state in
      state.codes.append(code)
      return state.answer
    }
    return try answer.get()
  }
}
