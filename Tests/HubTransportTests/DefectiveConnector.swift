import Foundation
import HubKit
import HubTesting
import HubTransport
import Logging
import Synchronization

/// One thing that a connector does wrong, and the behaviour that finds it out.
enum Defect: String, CaseIterable, Sendable {
  case takesAnySettings, forgetsASetting, changesBytes, sendsAgainUnderAnotherName, triesRefusedAgain, doubtsADeadPort
  case rejectsTheSlow, rejectsWhatWasCancelled, rejectsAfterGarbage, rejectsAfterABrokenAnswer, takes599ForSuccess
  case ignoresRetryAfter, keepsItsOldSession, cutsLargeBodies, normalisesText, dropsTheTrace, quotesItsToken
  case logsItsToken, probesByPutting, probeNeverFails, skipsAnItem, repeatsAnItem, emptyPageWhenAway
  case emptyPageFromGarbage

  var behaviour: ConnectorContract.Behaviour {
    switch self {
    case .takesAnySettings: .settingsAreChecked
    case .forgetsASetting: .settingsStayCompatible
    case .changesBytes: .delivers
    case .sendsAgainUnderAnotherName: .repeatIsOneMessage
    case .triesRefusedAgain: .refusalIsRejected
    case .doubtsADeadPort: .deadPortIsOutage
    case .rejectsTheSlow: .silenceEndsAtDeadline
    case .rejectsWhatWasCancelled: .cancellationEndsAtOnce
    case .rejectsAfterGarbage: .garbageIsNoSuccess
    case .rejectsAfterABrokenAnswer: .brokenAnswerIsNoSuccess
    case .takes599ForSuccess: .unknownStatusIsNoSuccess
    case .ignoresRetryAfter: .rateLimitIsRespected
    case .keepsItsOldSession: .endedSessionIsRenewed
    case .cutsLargeBodies: .largeBodyArrives
    case .normalisesText: .vietnameseIsKept
    case .dropsTheTrace: .traceGoesOn
    case .quotesItsToken, .logsItsToken: .secretsStayInside
    case .probesByPutting: .probeLeavesNothing
    case .probeNeverFails: .probeFindsOutage
    case .skipsAnItem, .repeatsAnItem: .sourceResumesExactly
    case .emptyPageWhenAway: .sourceFindsOutage
    case .emptyPageFromGarbage: .sourceRefusesGarbage
    }
  }
}

/// A connector that keeps the contract, save for one defect.
struct DefectiveConnector: Sendable {
  static let token = "mã-bí-mật-của-bài-thử"
  static let loop = CurlLoop()

  static func kind(_ defect: Defect?) -> ConnectorKind {
    var settings = [
      Setting("url", .url, required: true, example: "https://far.example", help: "Base URL."),
      Setting("token", .secret, example: "file:x", help: "Token."),
    ]
    if defect == .forgetsASetting { settings.removeLast() }
    let descriptor = ConnectorDescriptor(name: "far", summary: "A far system.", certificate: "C", settings: settings)
    return ConnectorKind(descriptor: descriptor, hosting: .module, digest: "") { (values) throws(SettingError) in
      if values.text("url") == nil, defect != .takesAnySettings { throw SettingError("url", "is missing") }
      let (url, token) = (values.text("url") ?? "", values.secret("token")?.reveal() ?? "")
      return { (context) throws(AdapterError) in
        let far = DefectiveOutbound(url: url, token: token, defect: defect, context: context)
        return ConnectorParts(outbound: far, sources: [DefectiveSource(far: far)])
      }
    }
  }

  static func harness(_ defect: Defect?) -> ConnectorHarness {
    var harness = ContractBench(transport: loop.transport(for: "far", .thisMachine)).harness(
      of: kind(defect),
      settings: { ["url": .text($0), "token": .secret(Secret(reference: "file:x", value: token))] },
      far: { FarStore() }, received: { ($0 as? FarStore)?.items ?? [] })
    harness.makeDelivery = { delivery($0, Array("item \($0)".utf8)) }
    harness.makeRefusedDelivery = { delivery(9, []) }
    harness.makeTextDelivery = { delivery(1, Array($0.utf8)) }
    harness.makeLargeDelivery = { delivery(1, [UInt8](repeating: 97, count: $0)) }
    harness.largeBytes = 4 << 20
    harness.offered = ["a", "b", "c", "d", "e"]
    harness.snapshot = SettingsSnapshot(of: Self.kind(nil).descriptor)
    harness.endSessions = { _ = await $0.interface.respond(to: ServedRequest(method: "DELETE", path: "/sessions")) }
    return harness
  }

  private static func delivery(_ number: Int, _ body: [UInt8]) -> Delivery {
    .forContract(number, Envelope(id: "\(number)", source: "/s", type: "t"), body: body)
  }
}

/// The far side: takes items in a session, each once, and offers five.
final class FarStore: ServedInterface {
  private struct State {
    var items: [(path: String, body: [UInt8])] = []
    var session = 1
  }

  private let state = Mutex(State())

  var items: [[UInt8]] { state.withLock { $0.items.map(\.body) } }

  func respond(to request: ServedRequest) async -> ServedResponse {
    state.withLock { state in
      switch (request.method, request.path) {
      case ("DELETE", "/sessions"):
        state.session += 1
        return ServedResponse(status: 204)
      case ("POST", "/sessions"): return ServedResponse(status: 200, body: Array("s\(state.session)".utf8))
      case ("GET", "/items"):
        let all = ["a", "b", "c", "d", "e"]
        let after = request.query.first { $0.name == "after" }.flatMap { Int($0.value) } ?? 0
        let page = all.dropFirst(after).prefix(2)
        let next = min(after + 2, all.count)
        return .json(#"{"items":[\#(page.map { "\"\($0)\"" }.joined(separator: ","))],"next":\#(next)}"#)
      case ("PUT", let path):
        guard request.headers["Session"] == "s\(state.session)" else { return ServedResponse(status: 401) }
        if request.body.isEmpty { return ServedResponse(status: 422) }
        if !state.items.contains(where: { $0.path == path }) { state.items.append((path, request.body)) }
        return ServedResponse(status: 200)
      default: return ServedResponse(status: request.path == "/health" ? 204 : 404)
      }
    }
  }
}

/// Logs in once, puts items.
final class DefectiveOutbound: OutboundAdapter {
  let url: String
  let defect: Defect?
  let context: ConnectorContext
  private let token: String
  private let session = Mutex<String?>(nil)

  init(url: String, token: String, defect: Defect?, context: ConnectorContext) {
    (self.url, self.token, self.defect, self.context) = (url, token, defect, context)
  }

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let start = ContinuousClock.now
    do throws(AdapterError) { return try await put(delivery) } catch {
      throw spoiled(error, within: ContinuousClock.now - start, of: delivery.deadline - delivery.receivedAt)
    }
  }

  private func put(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let status = try await put(delivery, in: try await openSession(until: delivery.deadline))
    guard status == 401, defect != .keepsItsOldSession else { return try reply(status) }
    session.withLock { $0 = nil }
    return try reply(try await put(delivery, in: try await openSession(until: delivery.deadline)))
  }

  private func reply(_ status: Int) throws(AdapterError) -> Reply {
    guard status == 200 else {
      throw AdapterError(status == 422 ? .reject : .outage(after: nil), code: "http-\(status)", reason: "No.")
    }
    return Reply(code: "200")
  }

  private func openSession(until deadline: Timestamp) async throws(AdapterError) -> String {
    if let known = session.withLock({ $0 }) { return known }
    let response = try await send(
      OutboundRequest(
        method: "POST", url: "\(url)/sessions", headers: [HeaderField("Token", "t")],
        timeout: deadline - context.clock.now))
    guard response.status == 200, !response.body.isEmpty else {
      throw AdapterError(.outage(after: nil), code: "login", reason: "No session.")
    }
    let new = String(decoding: response.body, as: UTF8.self)
    session.withLock { $0 = new }
    return new
  }

  private func put(_ delivery: Delivery, in session: String) async throws(AdapterError) -> Int {
    var bytes: [UInt8] = []
    do throws(BodyError) { bytes = try delivery.bodies.bytes(of: delivery.body, limit: .max) } catch {
      throw AdapterError(.reject, code: "body", reason: "No body.")
    }
    if defect == .changesBytes, !bytes.isEmpty { bytes.append(32) }
    if defect == .cutsLargeBodies { bytes = Array(bytes.prefix(1 << 20)) }
    if defect == .normalisesText, let text = String(validating: bytes, as: UTF8.self) {
      bytes = Array(text.precomposedStringWithCanonicalMapping.utf8)
    }
    let again = defect == .sendsAgainUnderAnotherName ? "-\(delivery.attempt)" : ""
    var request = OutboundRequest(
      method: "PUT", url: "\(url)/items/\(delivery.id)\(again)", headers: [HeaderField("Session", session)],
      body: .bytes(bytes), timeout: delivery.deadline - context.clock.now)
    if let trace = delivery.envelope.extensions[ExtensionName.traceParent], defect != .dropsTheTrace {
      request.headers.append(HeaderField("traceparent", trace))
    }
    return try await send(request).status
  }

  /// What every call has to look at.
  func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    var request = request
    request.timeout = request.timeout ?? .seconds(20)
    var response = try await context.transport.send(request)
    switch response.status {
    case 429:
      let wait = defect == .ignoresRetryAfter ? nil : response.retryAfter()
      throw AdapterError(.retry(after: wait), code: "busy", reason: "Busy.")
    case 599 where defect == .takes599ForSuccess:
      // A login that says so is followed by a put that says so.
      (response.status, response.body) = (200, Array("s".utf8))
      return response
    case 500...599: throw AdapterError(.outage(after: nil), code: "http-\(response.status)", reason: "Away.")
    default: return response
    }
  }

  private func spoiled(_ error: AdapterError, within time: Duration, of whole: Duration) -> AdapterError {
    var error = error
    switch defect {
    case .triesRefusedAgain where error.code == "http-422": error.verdict = .retry(after: nil)
    case .doubtsADeadPort where error.code == "connect-refused": error.verdict = .inDoubt
    case .rejectsTheSlow where error.code == "timeout": error.verdict = .reject
    case .rejectsWhatWasCancelled where error.code == "cancelled": error.verdict = .reject
    case .rejectsAfterGarbage where error.code == "bad-answer": error.verdict = .reject
    case .rejectsAfterABrokenAnswer where error.code == "closed": error.verdict = .reject
    case .quotesItsToken: error.reason += " \(token)"
    case .logsItsToken: context.logger.warning("failed with \(token)")
    default: break
    }
    return error
  }

  func probe() async throws(AdapterError) {
    if defect == .probesByPutting {
      let clock = context.clock
      _ = try await deliver(
        Delivery(
          id: "probe", exchange: .make(at: clock.now), attempt: 1,
          envelope: Envelope(id: "p", source: "/s", type: "t"), receiver: nil, body: .inline([1]),
          bodies: MemoryBodyStore(), receivedAt: clock.now, deadline: clock.now + .seconds(5)))
      return
    }
    do throws(AdapterError) {
      let response = try await send(OutboundRequest(method: "GET", url: "\(url)/health"))
      guard response.status == 204 else { throw AdapterError(.outage(after: nil), code: "ill", reason: "Ill.") }
    } catch {
      if defect != .probeNeverFails { throw error }
    }
  }
}

/// Asks for items.
struct DefectiveSource: PollingSource {
  let far: DefectiveOutbound

  var name: String { "items" }

  private struct Found: Decodable {
    var items: [String]
    var next: Int
  }

  func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page {
    let response: OutboundResponse
    do throws(AdapterError) {
      response = try await far.send(OutboundRequest(method: "GET", url: "\(far.url)/items?after=\(cursor ?? "0")"))
    } catch {
      if far.defect == .emptyPageWhenAway, error.code == "connect-refused" { return Page(items: []) }
      throw error
    }
    guard let found = try? JSONDecoder().decode(Found.self, from: Data(response.body)) else {
      if far.defect == .emptyPageFromGarbage { return Page(items: []) }
      throw AdapterError(.outage(after: nil), code: "unreadable", reason: "No page.")
    }
    let items = found.items.map { name in
      Page.Item(reference: name, envelope: Envelope(id: name, source: "/s", type: "t"), body: .inline([1]))
    }
    var next = found.next
    if far.defect == .skipsAnItem { next += 1 }
    if far.defect == .repeatsAnItem, next < 5 { next -= 1 }
    return Page(items: items, cursor: "\(next)")
  }

  func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError) {}
}
