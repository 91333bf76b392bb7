import HubBus
import HubJournal
import HubKit
import HubRouting
import HubTesting
import HubTransform
import Logging
import Synchronization

@testable import HubReplay

/// Traffic by a seed: a real bus on a real journal, all shapes of routes, far systems that fail in every way.
struct Traffic {
  let journal: Journal
  let pool: TransformPool
  private let folder: TemporaryDirectory
  private let bus: Bus
  private let book = TrafficRoutes.book()

  init(seed: UInt64, pool: TransformPool) throws {
    folder = try TemporaryDirectory("traffic")
    self.pool = pool
    journal = try Journal.open(
      JournalOptions(directory: folder.file("journal")), keys: JournalKeys(master: [UInt8](0..<32)),
      clock: SystemClock())
    let endpoints = TrafficRoutes.endpoints.map { name in
      BusEndpoint(
        name: name, connector: "test", outbound: Moody(seed: seed, endpoint: name), policy: TrafficRoutes.policy)
    }
    let formats = TrafficRoutes.formats
    bus = Bus(
      journal: journal,
      setup: BusSetup(
        planner: Planner(
          book: book, pool: pool, formats: formats, directory: NobodyKnown(), origin: { _, _, _ in nil }),
        admission: Admission(book: book, formats: formats, directory: NobodyKnown(), pool: pool),
        endpoints: endpoints, limits: BusLimits(freeDiskBytesMin: 0, drain: .seconds(5))),
      pinnedBook: { _ in nil }, masking: Masking(secret: [1]), observer: Silent(), clock: SystemClock(),
      logger: Logger(label: "traffic") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Sends so many messages and waits until each has ended.
  func run(_ count: Int, seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let messages = (0..<count).map { TrafficRoutes.message($0, &random) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await bus.run() }
      while !bus.isAccepting { try await Task.sleep(for: .milliseconds(2)) }
      try await withThrowingTaskGroup(of: Void.self) { senders in
        for message in messages {
          senders.addTask {
            if message.envelope.question != nil {
              _ = try? await bus.ask(message, within: .seconds(20))
            } else if let receipt = try? await bus.accept([message], advancing: nil)[0] {
              guard await bus.outcome(of: receipt, within: .seconds(60)) != nil else {
                throw TestingError("\(message.envelope.id) has not ended")
              }
            }
          }
        }
        try await senders.waitForAll()
      }
      // Whoever asked is told before the end is written down.
      while try journal.statistics().open > 0 { try await Task.sleep(for: .milliseconds(5)) }
      group.cancelAll()
    }
  }

  /// Everything that was received, as it is recorded.
  func recordings() async throws -> [Recording] {
    let stand = TrafficRoutes.stand(book, pool)
    let recorder = Recorder(journal: journal, stands: { _ in stand }, origin: { _, _, _ in nil }, mask: nil)
    var recordings: [Recording] = []
    var all = SearchQuery()
    all.limit = .max
    for id in try await Selection(all).exchanges(in: journal) {
      guard let stored = try journal.exchange(id) else { continue }
      recordings.append(try await recorder.record(stored))
    }
    return recordings
  }

  func close() async { await journal.close() }
}

/// What a configuration makes of recordings.
func replay(
  _ recordings: [Recording], on stand: ReplayStand, _ results: ReplayResults? = nil
) async throws -> ReplayReport {
  var left = recordings[...]
  return try await Replayer(stand: stand, results: results).run { left.popFirst().map { .recording($0) } }
}

/// The routes of the traffic, and the same with one change.
enum TrafficRoutes {
  static let endpoints = ["a", "b", "c", "d", "e", "f"]
  static let kinds = 7
  static let formats = FormatCatalogue([JSONCodec()], limits: CodecLimits())
  static let policy = EndpointPolicy(
    concurrency: 8, attemptsMax: 3, backoffFirst: .milliseconds(1), backoffFactor: 1, backoffMax: .milliseconds(1))

  /// A change of one route's mapping that touches the messages of one kind.
  struct Change {
    var route: String
    var jq: String
  }

  static let mapped = ["plain", "both", "part", "asking", "fallback", "strict"]

  static func change(_ random: inout SeededRandom) -> (change: Change, kind: Int) {
    let kind = Int.random(in: 0..<kinds, using: &random)
    let edits = [
      #".name += "!""#, "del(.amount)", ".amount += 1", ".fresh = true", ".label = .name | del(.name)",
      #".tags += ["x"]"#, ".tags = null", #".name |= ascii_upcase"#, ".amount |= tostring", ".deep.b.c = 1",
    ]
    let route = mapped.randomElement(using: &random) ?? ""
    let edit = edits.randomElement(using: &random) ?? ""
    return (Change(route: route, jq: "if .kind == \(kind) then (\(edit)) else . end"), kind)
  }

  static func book(_ change: Change? = nil) -> RouteBook {
    func source(_ name: String, _ text: String) -> TextSource {
      TextSource(name: name, text: text, place: SourcePlace(file: name))
    }
    func map(_ route: String, _ own: String) -> [RouteMapping] {
      let more = change?.route == route ? [RouteMapping.jq(source("change-\(route).jq", change?.jq ?? "."))] : []
      return [.jq(source("\(route).jq", own))] + more
    }
    func on(_ type: String) -> RouteMatch { RouteMatch(["type": [Pattern(type)]]) }
    let keep = RouteKeep.duration(.seconds(3600))
    let whole = "{id, kind, name, amount, tags, deep}"
    let schema = #"{"type":"object","required":["name"],"properties":{"amount":{"type":"integer","maximum":900}}}"#
    return RouteBook(
      digest: change.map { "\($0)" } ?? "base",
      routes: [
        Route(name: "plain", match: on("t.plain"), map: map("plain", whole), to: [to("a")], keep: keep),
        Route(
          name: "both", match: on("t.both"), map: map("both", whole), to: [to("a"), to("b")],
          tap: [EndpointAddress("c")], keep: keep),
        Route(
          name: "batch", match: on("t.batch"), split: RouteSplit(jq: source("split.jq", ".items"), type: "t.part"),
          to: [], keep: keep),
        Route(name: "part", match: on("t.part"), map: map("part", whole), to: [to("b")], keep: keep),
        Route(
          name: "asking", match: on("t.asking"),
          enrich: [RouteCall(name: "who", call: EndpointAddress("d"), with: source("ask.jq", "{ask: .id}"))],
          map: map("asking", whole + " + {who: $calls.who.told}"), to: [to("a")], keep: keep),
        Route(
          name: "fallback", match: on("t.fallback"), map: map("fallback", whole), to: [to("f")],
          fallback: EndpointAddress("c"), keep: keep),
        Route(
          name: "strict", match: on("t.strict"), when: source("when.jq", ".amount > 10"),
          validate: [.jsonSchema(source("strict.json", schema))], map: map("strict", whole), to: [to("b")], keep: keep),
        Route(
          name: "service", match: RouteMatch(["service": [Pattern("s")]]), to: [to("e")],
          reply: RouteReply(map: [.jq(source("reply.jq", "{answer: .told}"))]), keep: keep),
      ])
  }

  private static func to(_ endpoint: String) -> RouteTarget { .endpoint(EndpointAddress(endpoint)) }

  static func stand(_ book: RouteBook, _ pool: TransformPool, wire: WireProbe? = nil) -> ReplayStand {
    ReplayStand(rehearsal: rehearsal(book, pool), wire: wire)
  }

  static func rehearsal(_ book: RouteBook, _ pool: TransformPool) -> Rehearsal {
    let policies = Dictionary(endpoints.map { ($0, policy) }, uniquingKeysWith: { $1 })
    return Rehearsal(
      admission: Admission(book: book, formats: formats, directory: NobodyKnown(), pool: pool),
      planner: Planner(
        book: book, pool: pool, formats: formats, directory: NobodyKnown(), origin: OriginTape.lookup),
      policies: policies)
  }

  static func message(_ number: Int, _ random: inout SeededRandom) -> Message {
    let types = ["plain", "both", "batch", "asking", "fallback", "strict", "service"]
    let type = types.randomElement(using: &random) ?? ""
    let body =
      type == "batch"
      ? "{\"items\":[\((0..<Int.random(in: 1...3, using: &random)).map { _ in item(number, &random) }.joined(separator: ","))]}"
      : item(number, &random)
    var envelope = Envelope(
      id: "m\(number)", source: "/traffic", type: type == "service" ? Question.eventType : "t.\(type)",
      dataContentType: "application/json")
    if type == "service" { envelope.extensions[ExtensionName.service] = "s" }
    return Message(envelope: envelope, body: .inline(Array(body.utf8)), principal: .hub("traffic"))
  }

  private static func item(_ number: Int, _ random: inout SeededRandom) -> String {
    let name = ["Nguyễn Văn An", "Trần Thị Bình", "Lê Đức"].randomElement(using: &random) ?? ""
    let kind = Int.random(in: 0..<kinds, using: &random)
    let amount = Int.random(in: 0...1000, using: &random)
    return
      #"{"id":"\#(number)","kind":\#(kind),"name":"\#(name)","amount":\#(amount),"tags":["a","b"],"deep":{"b":{"c":0}}}"#
  }
}

/// A far system whose mood depends on the seed, the message and the attempt alone.
private final class Moody: OutboundAdapter {
  private let seed: UInt64
  private let endpoint: String
  private let attempts = Mutex<[String: UInt64]>([:])

  init(seed: UInt64, endpoint: String) {
    self.seed = seed
    self.endpoint = endpoint
  }

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let attempt = attempts.withLock { attempts in
      attempts[delivery.id, default: 0] += 1
      return attempts[delivery.id, default: 0]
    }
    let name = "\(endpoint) \(delivery.envelope.id)"
    let place = name.utf8.reduce(seed &* 31 &+ attempt) { $0 &* 0x0000_0100_0000_01B3 ^ UInt64($1) }
    var random = SeededRandom(seed: place)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<12: throw AdapterError(.retry(after: .milliseconds(1)), code: "http-429", reason: "Later.")
    case 12..<16: throw AdapterError(.outage(after: .milliseconds(1)), code: "http-503", reason: "Away.")
    case 16..<22: throw AdapterError(.reject, code: "http-422", reason: "No.")
    case 22..<26: throw AdapterError(.inDoubt, code: "closed", reason: "No answer.")
    default:
      let told = #"{"told":\#(Int.random(in: 0..<10, using: &random))}"#
      return Reply(code: "200", reference: "r", mediaType: "application/json", body: .inline(Array(told.utf8)))
    }
  }

  func probe() async throws(AdapterError) {}
}

private struct Silent: BusObserver {
  func accepted(type: String, at time: Timestamp) {}
  func settled(_ state: ExchangeState) {}
  func refused(_ refusal: NotAccepted, principal: Principal, type: String, at time: Timestamp) {}
}
