import HubJournal
import HubKit
import HubRouting
import HubTesting
import HubTransform
import Logging
import Synchronization

@testable import HubBus

/// A real bus on a real journal, whose configuration is swapped by hand.
struct SwapHub {
  let folder: TemporaryDirectory
  let journal: Journal
  let pool: TransformPool
  let bus: Bus

  /// - Parameter earlier: configurations that the journal holds.
  init(
    _ book: RouteBook, _ endpoints: [BusEndpoint], earlier: [RouteBook] = [], folder: TemporaryDirectory? = nil
  ) throws {
    self.folder = try folder ?? TemporaryDirectory("swap")
    let clock = SystemClock()
    journal = try Journal.open(
      JournalOptions(directory: self.folder.file("journal")), keys: JournalKeys(master: [UInt8](0..<32)), clock: clock)
    pool = TransformPool(program: nil)
    bus = Bus(
      journal: journal, setup: Self.setup(book, endpoints, pool),
      pinnedBook: { digest in earlier.first { $0.digest == digest } }, masking: Masking(secret: [1]),
      observer: Silent(), clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func adopt(_ book: RouteBook, _ endpoints: [BusEndpoint]) { bus.adopt(Self.setup(book, endpoints, pool)) }

  private static func setup(_ book: RouteBook, _ endpoints: [BusEndpoint], _ pool: TransformPool) -> BusSetup {
    let formats = FormatCatalogue([JSONCodec()], limits: CodecLimits())
    return BusSetup(
      planner: Planner(book: book, pool: pool, formats: formats, directory: NobodyKnown()) { _, _, _ in nil },
      admission: Admission(book: book, formats: formats, directory: NobodyKnown(), pool: pool), endpoints: endpoints,
      limits: BusLimits(freeDiskBytesMin: 0, drain: .milliseconds(50)))
  }

  /// Runs the bus while `body` runs, then stops it.
  func running(_ body: (SwapHub) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await bus.run() }
      try await waitUntil("the bus accepts") { bus.isAccepting }
      try await body(self)
      group.cancelAll()
    }
    pool.shutdown()
    await journal.close()
  }

  func send(_ id: String) async throws -> Receipt {
    var envelope = Envelope(id: id, source: "/test", type: "t", dataContentType: "application/json")
    envelope.subject = "one lane"
    let message = Message(envelope: envelope, body: .inline(Array(#"{"id":"\#(id)"}"#.utf8)), principal: .hub("test"))
    return try await bus.accept([message], advancing: nil)[0]
  }

  func outcome(_ receipt: Receipt) async -> Outcome? { await bus.outcome(of: receipt, within: .seconds(30)) }
}

extension RouteBook {
  /// One route for all, which marks what it maps.
  static func marking(
    _ mark: String, to endpoint: String = "e", route: String? = nil, order: Bool = false, keep: RouteKeep = .digest,
    expiry: Duration? = nil
  ) throws -> RouteBook {
    let program = TextSource(name: "mark.jq", text: #"{id, by: "\#(mark)"}"#, place: SourcePlace(file: "mark.jq"))
    return RouteBook(
      digest: mark,
      routes: [
        Route(
          name: route ?? mark, match: RouteMatch(["type": [Pattern("t")]]), map: [.jq(program)],
          to: [.endpoint(EndpointAddress(endpoint))], order: order ? try KeyTemplate("{subject}") : nil,
          expiry: expiry, keep: keep)
      ])
  }
}

private struct Silent: BusObserver {
  func accepted(type: String, at time: Timestamp) {}
  func settled(_ state: ExchangeState) {}
  func refused(_ refusal: NotAccepted, principal: Principal, type: String, at time: Timestamp) {}
}

/// A far side that takes nothing before it is opened, and keeps what it took.
final class Gate: OutboundAdapter {
  private struct State {
    var isOpen: Bool
    var taken: [String] = []
    var arrivedCount = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(isOpen: Bool) { state = Mutex(State(isOpen: isOpen)) }

  var taken: [String] { state.withLock { $0.taken } }
  var arrivedCount: Int { state.withLock { $0.arrivedCount } }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        state.arrivedCount += 1
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
    guard case .inline(let bytes) = delivery.body else { return Reply(code: "0") }
    state.withLock { $0.taken.append(String(decoding: bytes, as: UTF8.self)) }
    return Reply(code: "0")
  }

  func probe() async throws(AdapterError) {}
}

/// Asks until a condition holds; fails after a minute.
func waitUntil(_ what: String, _ condition: @Sendable () async throws -> Bool) async throws {
  let clock = ContinuousClock()
  let end = clock.now + .seconds(60)
  while try await !condition() {
    guard clock.now < end else { throw TestingError("not within a minute: \(what)") }
    try await Task.sleep(for: .milliseconds(5))
  }
}
