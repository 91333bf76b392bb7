internal import FoundationEssentials
public import HubConfig
public import HubKit
internal import HubRouting
public import HubTransform
internal import JSONWire

/// Plays a far system as a scenario says: one request at a time decides, so that its state is that of one system. What
/// delays an answer holds up no other.
///
/// Under `/_mock/`, which no far system has: `GET` and `DELETE /_mock/received` (what came, oldest first), `GET` and
/// `PUT /_mock/state`, `POST /_mock/reset` (the first state, nothing received).
public actor ScenarioInterface: ServedInterface {
  private let scenario: MockScenario
  private let settings: JSONValue
  private let evaluation: ManifestEvaluation
  private let clock: any HubClock
  private let paths: [PathPattern]
  private var state: JSONValue?
  private var met: [Int: Int] = [:]
  private var received: [JSONValue] = []
  private var number = 0
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Most requests that are remembered; the oldest give way.
  private static let receivedMax = 10_000
  /// A longer body is only counted: programs see null.
  private static let bodyBytesMax = 1 << 20

  init(_ scenario: MockScenario, settings: SettingValues, pool: TransformPool, clock: any HubClock) {
    self.scenario = scenario
    self.settings = settings.json(declared: scenario.settings)
    self.clock = clock
    evaluation = ManifestEvaluation(pool: pool, clock: clock)
    paths = scenario.rules.map { PathPattern($0.path) }
  }

  /// Answers one request.
  public func respond(to request: ServedRequest) async -> ServedResponse {
    let decided = await decide(request)
    if decided.delay > .zero { try? await clock.sleep(until: clock.now + decided.delay) }
    return decided.response
  }

  private typealias Decided = (response: ServedResponse, delay: Duration)

  /// Changes the state, alone and in order of arrival; the caller waits outside.
  private func decide(_ request: ServedRequest) async -> Decided {
    await enter()
    defer { leave() }
    do throws(AdapterError) {
      if state == nil { state = try await first() }
      if request.path.hasPrefix("/_mock/") { return (control(request), .zero) }
      remember(request)
      return try await answer(request)
    } catch {
      return (.encoding(status: 500, ["mock": "\(error.reason) \(error.cause ?? "")"]), .zero)
    }
  }

  // MARK: - One at a time

  private func enter() async {
    if isBusy { await withCheckedContinuation { waiting.append($0) } } else { isBusy = true }
  }

  private func leave() {
    if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
  }

  // MARK: - Rules

  private func first() async throws(AdapterError) -> JSONValue {
    guard let program = scenario.state else { return .null }
    return JSONValue(try await evaluation.run(program.shape, over: Array("null".utf8))) ?? .null
  }

  private func answer(_ request: ServedRequest) async throws(AdapterError) -> Decided {
    for (index, rule) in scenario.rules.enumerated() {
      guard rule.method == nil || rule.method == request.method, let variables = paths[index].match(request.path) else {
        continue
      }
      let document = try self.document(of: request, variables, count: (met[index] ?? 0) + 1)
      let result = try await evaluation.run(Self.program(of: rule, index), over: document)
      guard case .object(let answer)? = JSONValue(result) else { continue }
      met[index, default: 0] += 1
      let count = met[index] ?? 0
      guard count > rule.skip, count <= rule.skip + (rule.times ?? Int.max - rule.skip) else { continue }
      if rule.state != nil { state = answer["state"] }
      return (Self.response(rule, answer["body"]), Self.delay(rule))
    }
    let text = "no rule of mock.yaml matches \(request.method) \(request.path)"
    return (.encoding(status: 404, ["mock": text]), .zero)
  }

  /// One program for all that a rule asks, so that a request makes one trip to a worker.
  private static func program(of rule: MockScenario.Rule, _ index: Int) -> ShapeSource {
    let part = { (source: TextSource?, other: String) in source.map { "([\n\($0.text)\n] | .[0])" } ?? other }
    let text = """
      if \(part(rule.when, "true")) then {body: \(part(rule.body, "null")), state: \(part(rule.state, "null"))}
      else null end
      """
    return ShapeSource(name: "mock.yaml, rule \(index + 1)", text: text)
  }

  private func document(
    of request: ServedRequest, _ variables: [String: String], count: Int
  ) throws(AdapterError) -> [UInt8] {
    let query = Dictionary(request.query.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    let members: [(name: String, json: JSONValue)] = [
      ("method", .text(request.method)), ("path", .text(request.path)), ("count", .whole(count)),
      ("variables", .object(variables.mapValues { .text($0) })), ("query", .object(query.mapValues { .text($0) })),
      ("state", state ?? .null), ("settings", settings),
    ]
    let body = request.body.count <= Self.bodyBytesMax ? request.body : []
    do throws(InvalidMessage) {
      return try AnswerDocument(
        headers: request.headers, body: body,
        members: members.map { ($0.name, String(decoding: $0.json.bytes, as: UTF8.self)) }
      ).json
    } catch {
      // A body that cannot be read is a string to the mock, which may well answer to it.
      let plain = request.headers.filter { $0.name.lowercased() != "content-type" }
      let text = HeaderField("Content-Type", "text/plain")
      do throws(InvalidMessage) {
        return try AnswerDocument(
          headers: plain + [text], body: body,
          members: members.map { ($0.name, String(decoding: $0.json.bytes, as: UTF8.self)) }
        ).json
      } catch {
        throw AdapterError(.reject, code: "mock", reason: "The request cannot be read.")
      }
    }
  }

  private static func delay(_ rule: MockScenario.Rule) -> Duration {
    rule.delay.min + (rule.delay.max - rule.delay.min) * Double.random(in: 0...1)
  }

  private static func response(_ rule: MockScenario.Rule, _ body: JSONValue?) -> ServedResponse {
    var response = ServedResponse(
      status: rule.status, headers: rule.headers.sorted { $0.key < $1.key }.map { HeaderField($0.key, $0.value) })
    guard rule.body != nil, let body else { return response }
    let isText = body.string != nil
    response.body = body.string.map { Array($0.utf8) } ?? body.bytes
    if response.headers["Content-Type"] == nil {
      response.headers.append(HeaderField("Content-Type", isText ? "text/plain; charset=utf-8" : "application/json"))
    }
    return response
  }

  // MARK: - Control

  private func remember(_ request: ServedRequest) {
    number += 1
    var members: [String: JSONValue] = [
      "n": .whole(number), "at": .text(clock.now.description), "method": .text(request.method),
      "path": .text(request.path),
      "query": .list(request.query.map { .object(["name": .text($0.name), "value": .text($0.value)]) }),
      "headers": .list(request.headers.map { .object(["name": .text($0.name), "value": .text($0.value)]) }),
    ]
    members["bytes"] = .whole(request.body.count)
    if request.body.count <= Self.bodyBytesMax { JSONValue.body(request.body, into: &members) }
    received.append(.object(members))
    if received.count > Self.receivedMax { received.removeFirst() }
  }

  private func control(_ request: ServedRequest) -> ServedResponse {
    switch (request.method, request.path) {
    case ("GET", "/_mock/received"): return .encoding(JSONValue.list(received))
    case ("DELETE", "/_mock/received"):
      received = []
      return ServedResponse(status: 204)
    case ("GET", "/_mock/state"): return .encoding(state ?? .null)
    case ("PUT", "/_mock/state"):
      guard let next = JSONValue(request.body) else { return .encoding(status: 400, ["mock": "the state is no JSON"]) }
      state = next
      return .encoding(next)
    case ("POST", "/_mock/reset"):
      (state, received, met) = (nil, [], [:])
      return ServedResponse(status: 204)
    default: return .encoding(status: 404, ["mock": "the control has received, state and reset"])
    }
  }
}

/// A path in which segments in braces stand for any one.
struct PathPattern {
  private let segments: [Substring]

  init(_ text: String) {
    segments = text.split(separator: "/", omittingEmptySubsequences: false)
  }

  /// - Returns: what the named segments are; nil when the path is another.
  func match(_ path: String) -> [String: String]? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == segments.count else { return nil }
    var found: [String: String] = [:]
    for (segment, part) in zip(segments, parts) {
      if segment.hasPrefix("{"), segment.hasSuffix("}") {
        found[String(segment.dropFirst().dropLast())] = String(part)
      } else if segment != part {
        return nil
      }
    }
    return found
  }
}

extension MockKind {
  /// The mock that a scenario beside a manifest describes; nil when there is none.
  ///
  /// - Parameter pool: evaluates its programs.
  public init?(_ manifest: ConnectorManifest, pool: TransformPool) {
    guard let scenario = manifest.mock, let descriptor = manifest.mockDescriptor else { return nil }
    self.init(descriptor: descriptor, faults: scenario.faults) { settings, clock in
      ScenarioInterface(scenario, settings: settings, pool: pool, clock: clock)
    }
  }
}
