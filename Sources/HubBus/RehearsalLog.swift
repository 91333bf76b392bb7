public import HubJournal
internal import HubKit

/// The life of a rehearsed exchange in the steps that the journal of a running hub would hold of it.
public struct RehearsalLog: Sendable {
  /// One of the message's parts, which is an exchange of its own.
  struct Part {
    var id: ExchangeID
    var message: Message
    var log: RehearsalLog
  }

  /// The steps, oldest first.
  public private(set) var steps: [TimelineEntry] = []
  /// Keys that admission and route found.
  var keys: [BusinessKey] = []
  private var parts: [Part] = []

  /// Creates the log of an exchange of which nothing is known yet.
  public init() {}

  /// What an exchange and its parts are to a journal that is no running hub's: the messages as received, and one record
  /// of all steps of each.
  ///
  /// - Parameters:
  ///   - received: the exchange itself; keys that the rehearsal found are added.
  /// - Returns: as many records as messages, each of the message at its place.
  public func rows(of received: NewExchange) -> (received: [NewExchange], records: [ExchangeRecord]) {
    var own = received
    own.businessKeys += keys.filter { !received.businessKeys.contains($0) }
    var (messages, records) = ([own], [record(of: own)])
    for (index, part) in parts.enumerated() {
      var message = part.message
      // As the running hub names parts: no sender can have used this id.
      message.envelope.id = "\(received.id)#\(index + 1)"
      let child = NewExchange(
        id: part.id, message: message, receivedAt: received.receivedAt, fingerprint: nil,
        configuration: received.configuration,
        businessKeys: [BusinessKey(name: Bus.parentKey, value: received.id.text)])
      let rows = part.log.rows(of: child)
      messages += rows.received
      records += rows.records
    }
    return (messages, records)
  }

  /// Findings that `lgsp trace` shows with the receipt.
  public static func note(_ findings: [String]) -> [UInt8] {
    AdmissionNote.encode(findings.map { Violation(rule: "replay", message: $0) })
  }

  private func record(of received: NewExchange) -> ExchangeRecord {
    let settled = steps.last { $0.name == .settled }
    return ExchangeRecord(
      exchange: received.id, kind: "steps", at: steps.last?.at ?? received.receivedAt, payload: Steps.encode(steps),
      state: settled?.state ?? .underway, keep: settled == nil ? nil : .forever)
  }
}

// MARK: - While it is rehearsed

extension RehearsalLog {
  /// The log of a message that the door refused.
  init(refused refusal: NotAccepted, at time: Timestamp) {
    let reason = "Cửa từ chối / refused at the door (\(refusal.code.rawValue)): \(refusal.reason)"
    end(.invalid, at: time, because: reason) { $0.violations = refusal.violations }
  }

  /// Adds a step after which there is nothing to deliver.
  mutating func end(
    _ name: TimelineEntry.Name, at time: Timestamp, because reason: String?,
    _ more: (inout TimelineEntry) -> Void = { _ in }
  ) {
    var entry = TimelineEntry(name, at: max(time, steps.last?.at ?? time))
    entry.detail = reason
    more(&entry)
    steps.append(entry)
    settle(Outcome(state: .failed, reason: reason), at: time)
  }

  /// Adds the steps of one plan, which begin at the exchange's receipt.
  ///
  /// - Parameters:
  ///   - before: how many deliveries the exchange had before.
  ///   - isCall: whether the plan is a question on the way, after which the exchange goes on.
  mutating func add(_ plan: [TimelineEntry], after before: Int, since start: Timestamp, isCall: Bool) {
    let lag = (steps.last?.at ?? start) - start
    for var entry in plan where !(isCall && entry.name == .settled) {
      if isCall, entry.name == .routed { entry.name = .calling }
      entry.at = entry.at + lag
      entry.until = entry.until.map { $0 + lag }
      entry.delivery = entry.delivery.map { $0 + before }
      steps.append(entry)
    }
  }

  /// The last answer could not be used.
  mutating func refuseLast() {
    guard let place = steps.lastIndex(where: { $0.name == .delivered }) else { return }
    steps[place].name = .refused
  }

  /// Adds the parts into which the message was split; how it ends is told anew.
  mutating func split(into parts: [Part], at time: Timestamp) {
    self.parts = parts
    steps.removeAll { $0.name == .settled }
    let place = steps.firstIndex { $0.name == .routed }.map { $0 + 1 } ?? steps.count
    var entry = TimelineEntry(.split, at: steps.first { $0.name == .routed }?.at ?? time)
    entry.children = parts.map(\.id)
    steps.insert(entry, at: place)
  }

  /// Tells how it ended.
  mutating func settle(_ outcome: Outcome, at time: Timestamp) {
    let last = steps.last { $0.name == .settled }?.at
    steps.removeAll { $0.name == .settled }
    let ends = parts.compactMap { $0.log.steps.last?.at }
    var entry = TimelineEntry(.settled, at: ([time, last, steps.last?.at].compactMap { $0 } + ends).max() ?? time)
    entry.state = outcome.state
    entry.detail = outcome.reason
    steps.append(entry)
  }
}
