internal import HubConfig
internal import HubKit
internal import JSONWire

/// What the hub and one child have to say to one another, from the child's start to its end: calls in, lines out, lines
/// in, answers out. Knows no process and no clock of its own, so that every child, however hostile, is a list of lines.
struct Conversation {
  typealias Answer = @Sendable (Result<JSONValue, AdapterError>) -> Void

  /// A call that waits for the child.
  struct Call: Sendable {
    var method: String
    var params: JSONValue
    /// How long the child may take, from the moment at which it is told.
    var patience: Duration
    var answer: Answer
  }

  /// A delivery on its way to the child.
  struct Handed: Sendable {
    var id: String
    var params: JSONValue
    var patience: Duration
    var answer: Answer
    /// Nobody waits for it any more; the child may still have it.
    var isGivenUp = false
  }

  /// Something that somebody wants of the child.
  enum Request: Sendable {
    case call(Call)
    case delivery(Handed)

    var answer: Answer {
      switch self {
      case .call(let call): call.answer
      case .delivery(let delivery): delivery.answer
      }
    }

    /// Id of the delivery; nil for a call.
    var delivery: String? { if case .delivery(let delivery) = self { delivery.id } else { nil } }
  }

  private enum Kind {
    case greeting
    case health
    case plain(Answer)
    case deliver(count: Int)
  }

  private let connector: String
  private let process: ProcessManifest
  private var next = 1
  private var calls: [Int: (kind: Kind, until: ContinuousClock.Instant)] = [:]
  private var waitingCalls: [Call] = []
  private var waiting: [Handed] = []
  /// What the child holds, in the order in which it was handed: it acknowledges in this order.
  private var handed: [(delivery: Handed, until: ContinuousClock.Instant)] = []
  private var batches = 0
  private var heardAt: ContinuousClock.Instant
  /// Bytes that the child has not been sent yet.
  var outgoing: [UInt8] = []
  /// Whether it has said who it is.
  private(set) var isReady = false
  /// Whether it has ever done what was asked.
  private(set) var hasAnswered = false

  init(
    connector: String, endpoint: String, process: ProcessManifest, settings: JSONValue,
    at now: ContinuousClock.Instant
  ) {
    self.connector = connector
    self.process = process
    heardAt = now
    let limits: [String: JSONValue] = [
      "batch": .whole(process.batch), "outstandingMax": .whole(process.outstandingMax),
      "lineBytesMax": .whole(process.lineBytesMax),
    ]
    say(
      "initialize",
      .object([
        "protocol": .whole(connectorProtocol), "endpoint": .text(endpoint), "settings": settings,
        "limits": .object(limits),
      ]), as: .greeting, until: now + process.handshake)
  }

  // MARK: - Asked

  /// Whether the child has anything to do.
  var isIdle: Bool {
    waiting.isEmpty && waitingCalls.isEmpty && handed.isEmpty
      && calls.values.allSatisfy { if case .health = $0.kind { true } else { false } }
  }

  mutating func take(_ request: Request, at now: ContinuousClock.Instant) {
    switch request {
    case .call(let call): waitingCalls.append(call)
    case .delivery(let delivery): waiting.append(delivery)
    }
    proceed(at: now)
  }

  /// Nobody waits for a delivery any more. One that the child has is given up, and the child is told.
  ///
  /// - Returns: whoever waited.
  mutating func cancel(_ id: String) -> Answer? {
    if let index = waiting.firstIndex(where: { $0.id == id }) { return waiting.remove(at: index).answer }
    guard let index = handed.firstIndex(where: { $0.delivery.id == id && !$0.delivery.isGivenUp }) else { return nil }
    handed[index].delivery.isGivenUp = true
    outgoing += ChildLine.notification("cancel", .object(["id": .text(id)]))
    return handed[index].delivery.answer
  }

  // MARK: - Heard

  /// Takes in a line.
  ///
  /// - Throws: ``ChildViolation``: the child cannot be trusted any more.
  mutating func hear(_ line: [UInt8], at now: ContinuousClock.Instant) throws(ChildViolation) {
    heardAt = now
    switch try ChildAnswer.read(line) {
    case .settled(let params): try settle(params)
    case .result(let id, let value): try end(id, .success(value))
    case .failure(let id, let value): try end(id, .failure(Self.failure(value)))
    }
    proceed(at: now)
  }

  /// Asks an idle child how it is.
  ///
  /// - Throws: ``ChildViolation`` when the child has been silent for longer than it may.
  mutating func tick(at now: ContinuousClock.Instant) throws(ChildViolation) {
    if let first = handed.first, first.until < now {
      throw ChildViolation("did not settle the delivery \(first.delivery.id) in time")
    }
    if let late = calls.values.first(where: { $0.until < now }) {
      switch late.kind {
      case .greeting: throw ChildViolation("did not shake hands within \(process.handshake)")
      case .health: throw ChildViolation("did not say how it is within \(process.health)")
      case .plain, .deliver: throw ChildViolation("did not answer in time")
      }
    }
    guard isReady, calls.isEmpty, handed.isEmpty, heardAt + process.health < now else { return }
    heardAt = now
    say("health", .object([:]), as: .health, until: now + process.health)
  }

  /// The child is no more: everybody who waits is told.
  ///
  /// - Parameter why: for what the child was not handed yet, and for calls that change nothing.
  mutating func end(_ why: AdapterError) {
    var doubt = why
    doubt.verdict = .inDoubt
    for entry in handed where !entry.delivery.isGivenUp { entry.delivery.answer(.failure(doubt)) }
    for call in calls.values { if case .plain(let answer) = call.kind { answer(.failure(why)) } }
    for call in waitingCalls { call.answer(.failure(why)) }
    for delivery in waiting { delivery.answer(.failure(why)) }
    (handed, calls, waitingCalls, waiting) = ([], [:], [], [])
  }

  // MARK: - Inside

  private mutating func say(
    _ method: String, _ params: JSONValue, as kind: Kind, until: ContinuousClock.Instant
  ) {
    calls[next] = (kind, until)
    outgoing += ChildLine.call(next, method, params)
    next += 1
  }

  /// Tells the child what waits, as far as it may hold more.
  private mutating func proceed(at now: ContinuousClock.Instant) {
    guard isReady else { return }
    for call in waitingCalls { say(call.method, call.params, as: .plain(call.answer), until: now + call.patience) }
    waitingCalls = []
    while !waiting.isEmpty, handed.count < process.outstandingMax {
      // A batch fills while the one before is under way.
      guard process.batch == 1 || batches == 0 || waiting.count >= process.batch else { return }
      let batch = Array(waiting.prefix(min(process.batch, process.outstandingMax - handed.count)))
      waiting.removeFirst(batch.count)
      handed += batch.map { ($0, now + $0.patience) }
      let patience = batch.map(\.patience).max() ?? process.health
      batches += 1
      say(
        "deliver", .object(["deliveries": .list(batch.map(\.params))]), as: .deliver(count: batch.count),
        until: now + patience + process.health)
    }
  }

  private mutating func settle(_ params: JSONValue) throws(ChildViolation) {
    guard let id = params["id"]?.string, let first = handed.first?.delivery else {
      throw ChildViolation("settled something that it was not given")
    }
    guard first.id == id else {
      throw ChildViolation("settled \(id.prefix(80)) where \(first.id) was next: twice, out of order, or never given")
    }
    var result: Result<JSONValue, AdapterError> = .success(params)
    if let error = params["error"] {
      guard let failure = AdapterError(settled: error) else {
        throw ChildViolation("settled \(first.id) with an error without a known verdict")
      }
      result = .failure(failure)
    }
    handed.removeFirst()
    hasAnswered = true
    if !first.isGivenUp { first.answer(result) }
  }

  private mutating func end(_ id: Int, _ result: Result<JSONValue, AdapterError>) throws(ChildViolation) {
    guard let call = calls.removeValue(forKey: id) else {
      throw ChildViolation("answered the call \(id), which waits for no answer")
    }
    switch call.kind {
    case .greeting: try greet(result)
    case .health: hasAnswered = true
    case .plain(let answer):
      hasAnswered = true
      answer(result)
    case .deliver(let count): try finishBatch(of: count)
    }
  }

  /// A batch is over when each of its deliveries was settled.
  private mutating func finishBatch(of count: Int) throws(ChildViolation) {
    batches -= 1
    let left = calls.values.reduce(0) { sum, call in
      if case .deliver(let count) = call.kind { sum + count } else { sum }
    }
    guard handed.count <= left else {
      throw ChildViolation("ended a call of \(count) deliveries without settling each of them")
    }
  }

  private mutating func greet(_ result: Result<JSONValue, AdapterError>) throws(ChildViolation) {
    guard case .success(let hello) = result else { throw ChildViolation("refused to shake hands") }
    guard hello["protocol"] == .whole(connectorProtocol) else {
      throw ChildViolation("speaks version \(hello["protocol"]?.word ?? "?") of the protocol, not \(connectorProtocol)")
    }
    guard hello["connector"] == .text(connector) else {
      throw ChildViolation("says that it is \(hello["connector"]?.word?.prefix(64) ?? "nobody"), not \(connector)")
    }
    let capabilities = hello["capabilities"]
    let sources = Set(capabilities?["sources"]?.items.compactMap(\.string) ?? [])
    if process.delivers, capabilities?["deliver"] != .flag(true) {
      throw ChildViolation("takes no deliveries, and the manifest says that it does")
    }
    if let missing = process.sources.first(where: { !sources.contains($0) }) {
      throw ChildViolation("has no source \(missing), and the manifest says that it does")
    }
    isReady = true
  }

  private static func failure(_ error: JSONValue) -> AdapterError {
    if let data = error["data"], let failure = AdapterError(settled: data) { return failure }
    return AdapterError(
      .outage(after: nil), code: "connector-error",
      reason: "The connector answered with an error: \(error["message"]?.string?.prefix(200) ?? "without words").")
  }
}
