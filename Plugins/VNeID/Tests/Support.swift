import Foundation
import HubKit
import HubMock
import HubTesting
import HubTransport
import Logging
import Testing
import VNeID
import VNeIDMock

/// All that opens sockets, one at a time: the machine is small, and making keys is dear.
@Suite(.serialized, .timeLimit(.minutes(2))) enum SocketTests {}

/// One loop for all tests: its thread is not free.
let loop = CurlLoop()

let client = "lgsp-test"
let secret = "khoa & bí mật +"
let redirect = "http://127.0.0.1:1/sign-in/callback"

/// Invented persons of the mock: of level 2, of level 1, and an enterprise.
let person = "7d0f4a52-0000-4000-8000-000000000001"
let beginner = "7d0f4a52-0000-4000-8000-000000000003"
let enterprise = "7d0f4a52-0000-4000-8000-000000000004"

struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

func attempt(_ number: Int = 1) -> SignInAttempt {
  let mark = String(repeating: "0", count: 50) + String(number)
  return SignInAttempt(state: "s\(mark)", nonce: "n\(mark)", verifier: "v\(mark)", redirectURL: redirect)
}

func values(
  issuer: String = "http://127.0.0.1:1/realms/citizen", _ changes: [String: SettingValue?] = [:]
) -> SettingValues {
  var all: [String: SettingValue?] = [
    "issuer": .text(issuer), "clientId": .text(client),
    "clientSecret": .secret(Secret(reference: "test", value: secret)),
  ]
  for (name, value) in changes { all.updateValue(value, forKey: name) }
  return SettingValues(all.compactMapValues { $0 }, declared: VNeIDConnector.descriptor.settings)
}

var loopback: any Transport {
  loop.transport(for: "vneid", .thisMachine)
}

func provider(
  _ settings: SettingValues, transport: any Transport = loopback, clock: any HubClock
) throws -> any SignInProvider {
  let parts = try VNeIDConnector(settings: settings).make(
    .forTests(endpoint: "vneid", transport: transport, clock: clock))
  guard let provider = parts.signIn else { throw TestFailure("the connector signs nobody in") }
  #expect(parts.outbound == nil && parts.sources.isEmpty && parts.served == nil)
  return provider
}

/// The mock realm on a socket, with a clock that moves when told.
struct Realm: Sendable {
  let base: String
  let clock: TestClock

  var issuer: String { "\(base)/realms/citizen" }

  /// Starts a realm, hands it to `body`, and stops it.
  static func running(_ body: @Sendable (Realm) async throws -> Void) async throws {
    let clock = TestClock()
    let mock = try VNeIDMock(
      settings: SettingValues(
        ["clients": .map([client: secret, "another": "k"])], declared: VNeIDMock.descriptor.settings), clock: clock)
    let host = MockHost(
      name: "vneid", interface: FaultInterface(mock.interface),
      logger: Logger(label: "test") { _ in
        SwiftLogNoOpLogHandler()
      })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await host.run() }
      try await body(Realm(base: "http://127.0.0.1:\(try await host.boundPort())", clock: clock))
      group.cancelAll()
    }
  }

  func provider(_ changes: [String: SettingValue?] = [:]) throws -> any SignInProvider {
    try VNeIDTests.provider(values(issuer: issuer, changes), clock: clock)
  }

  func send(_ method: String, _ url: String, _ json: String? = nil) async throws -> OutboundResponse {
    try await loopback.send(
      OutboundRequest(
        method: method, url: url.hasPrefix("http") ? url : base + url, body: json.map { .bytes(Array($0.utf8)) }))
  }

  func fault(_ fault: String, at operation: String = "token", times: Int = 1) async throws {
    let response = try await send(
      "POST", "/_mock/faults", #"{"fault":"\#(fault)","operation":"\#(operation)","times":\#(times)}"#)
    guard response.status == 200 else { throw TestFailure("no fault \(fault)") }
  }

  /// Does what a browser does with the address: chooses a person and gives the query with which he comes back.
  func visit(_ address: String, as subject: String = person) async throws -> [String: String] {
    let response = try await send("GET", "\(address)&login_hint=\(subject)")
    guard response.status == 302, let location = response.headers["Location"], location.hasPrefix(redirect) else {
      throw TestFailure("no way back: \(response.status) \(String(decoding: response.body, as: UTF8.self))")
    }
    let items = URLComponents(string: location)?.queryItems ?? []
    return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
  }

  func code(_ provider: any SignInProvider, _ attempt: SignInAttempt, as subject: String = person) async throws
    -> String
  {
    let query = try await visit(try await provider.address(for: attempt), as: subject)
    #expect(query["state"] == attempt.state)
    return query["code"] ?? ""
  }

  /// Signs a person in, from the first address to the checked token.
  func signIn(
    _ provider: any SignInProvider, as subject: String = person, _ attempt: SignInAttempt = attempt()
  ) async throws -> Result<SignedInPerson, AdapterError> {
    let code = try await code(provider, attempt, as: subject)
    do throws(AdapterError) {
      return .success(try await provider.person(code: code, attempt: attempt))
    } catch {
      return .failure(error)
    }
  }

  struct Arrival: Decodable {
    var operation: String
    var client: String?
    var subject: String?
    var result: String
  }

  func received() async throws -> [Arrival] {
    try JSONDecoder().decode([Arrival].self, from: Data(try await send("GET", "/_mock/received").body))
  }

  func count(_ operation: String) async throws -> Int {
    try await received().count { $0.operation == operation }
  }
}

extension Result where Failure == AdapterError {
  var error: AdapterError? {
    if case .failure(let error) = self { error } else { nil }
  }
}

/// The error of a call that must fail.
func error(of call: () async throws(AdapterError) -> some Any) async -> AdapterError? {
  do {
    _ = try await call()
    return nil
  } catch {
    return error
  }
}
