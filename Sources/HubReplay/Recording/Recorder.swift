public import HubBus
public import HubJournal
public import HubKit
internal import HubRouting
public import HubTesting
internal import HubTransform
internal import Synchronization

/// Takes exchanges out of the journal in the form in which they can be replayed.
public struct Recorder: Sendable {
  /// Makes the stand of a configuration that was live once.
  ///
  /// - Throws: whatever says why it cannot be made.
  public typealias Stands = @Sendable (_ configuration: String) throws -> ReplayStand

  /// Why an exchange cannot be recorded.
  public struct Unrecordable: Error, Sendable, CustomStringConvertible {
    /// Which kind of reason, for counting.
    public enum Kind: String, Sendable, Codable {
      case open, gone, part, configuration, tooLarge = "too-large", unreadable
    }

    /// Which kind of reason.
    public var kind: Kind
    /// A sentence for the operator.
    public var description: String

    init(_ kind: Kind, _ description: String) {
      self.kind = kind
      self.description = description
    }
  }

  private let journal: Journal
  private let history: ExchangeHistory
  private let stands: Stands
  private let origin: Planner.OriginLookup
  private let mask: BundleMask?

  /// Creates a recorder.
  ///
  /// - Parameters:
  ///   - journal: opened for reading; the hub may be running.
  ///   - stands: makes the stands of the configurations to which exchanges are pinned.
  ///   - origin: how the live bus looks up the senders of earlier exchanges.
  ///   - mask: replaces personal data; nil: they are recorded as they are.
  public init(journal: Journal, stands: @escaping Stands, origin: @escaping Planner.OriginLookup, mask: BundleMask?) {
    self.journal = journal
    self.stands = stands
    self.origin = origin
    self.mask = mask
    history = ExchangeHistory(journal: journal)
  }

  /// Largest body that is recorded, in bytes.
  public static let bodyBytesMax = 64 << 20

  /// Records one exchange, with its parts when it was split.
  ///
  /// - Parameter maybePart: whether it may be a part of another exchange itself, with which a bundle has it already.
  /// - Throws: ``Unrecordable`` when it cannot be replayed; `JournalError` when the journal cannot be read.
  public func record(_ stored: StoredExchange, maybePart: Bool = false) async throws -> Recording {
    guard stored.state.isSettled else {
      throw Unrecordable(.open, "\(stored.id) chưa kết thúc / has not ended yet.")
    }
    guard maybePart || !stored.isPart else {
      throw Unrecordable(.part, "\(stored.id) là một phần của giao dịch khác / is a part of another exchange.")
    }
    let steps = try history.steps(of: stored.id)
    let stand: ReplayStand
    do { stand = try stands(steps.last { $0.configuration != nil }?.configuration ?? stored.configuration) } catch {
      throw Unrecordable(
        .configuration, "\(stored.id): cấu hình khi đó không dựng lại được / its configuration: \(error)")
    }
    let plain = try recording(of: stored, steps)
    let (recorded, played) = try await complete(plain, on: stand, origins: OriginTape(asking: origin))
    var odd = oddities(stored, steps, played, isMasked: stored.isMasked)
    guard let mask else { return recorded.noting(odd) }
    let bare: Recording
    do { bare = try mask.masked(recorded, route: Self.route(steps)) } catch {
      // What a format says may tell what it saw.
      throw Unrecordable(.unreadable, "\(stored.id): không che được / a body cannot be read to be masked.")
    }
    // Who sent what is looked up by names that the masked form does not have.
    let (masked, again) = try await complete(bare, on: stand, origins: OriginTape(bare.exchange.origins))
    if again.made.end != played.made.end {
      odd.append("dạng đã che đi đường khác / its masked form does not go the same way")
    }
    return masked.noting(odd.map(mask.text))
  }

  /// What the marked places of an exchange's bodies hold in the journal.
  ///
  /// - Returns: nil when its bodies are gone, or masked by now.
  /// - Throws: `JournalError` when the journal cannot be read.
  public func originals(of id: ExchangeID, by schemas: PersonalSchemas) throws -> [String]? {
    guard let stored = try journal.exchange(id), !stored.isMasked else { return nil }
    let steps = try history.steps(of: id)
    let plain: Recording
    do { plain = try recording(of: stored, steps) } catch is Unrecordable { return nil }
    return schemas.parts(of: plain.exchange, route: Self.route(steps)).flatMap { part in
      (try? schemas.values(in: part, plain.contents)) ?? []
    }.filter { !$0.isChoice }.map(\.text)
  }

  private static func route(_ steps: [TimelineEntry]) -> String? { steps.last { $0.route != nil }?.route }

  /// What came in and what far systems did.
  private func recording(of stored: StoredExchange, _ steps: [TimelineEntry]) throws -> Recording {
    var contents = Contents()
    let content = contents.add(try body(of: stored), type: stored.envelope.dataContentType)
    let calls = try calls(of: stored.id, steps, &contents)
    return Recording(
      exchange: RecordedExchange(
        id: stored.id, receivedAt: stored.receivedAt, principal: stored.principal,
        configuration: stored.configuration, envelope: stored.envelope.named,
        body: content, calls: calls, origins: [], made: MadeExchange(violations: [], deliveries: []), oddities: []),
      contents: contents)
  }

  /// Adds what the configuration makes of it.
  private func complete(
    _ recording: Recording, on stand: ReplayStand, origins: OriginTape
  ) async throws -> (Recording, ReplayStand.Played) {
    guard let played = await stand.play(recording, origins: origins) else {
      let id = recording.exchange.id
      throw Unrecordable(.unreadable, "\(id): không đọc được người gửi / who brought it cannot be read.")
    }
    var whole = recording
    whole.exchange.origins = origins.recorded
    whole.exchange.made = played.made
    whole.contents.add(played.contents)
    return (whole, played)
  }

  /// The deliveries of one exchange as a stand of today hands them to connectors: for tests of those.
  ///
  /// - Throws: as ``record(_:)``.
  public func deliveries(of stored: StoredExchange, on stand: ReplayStand) async throws -> [RecordedDelivery] {
    let recording = try await record(stored)
    let seen = Mutex<[RecordedDelivery]>([])
    _ = await stand.play(recording, origins: OriginTape(recording.exchange.origins)) { delivery in
      guard delivery.last != nil, let requests = delivery.requests else { return }
      let noted = RecordedDelivery(
        endpoint: delivery.endpoint, delivery: delivery.delivery, answer: delivery.answer, requests: requests)
      seen.withLock { $0.append(noted) }
    }
    return seen.withLock { $0 }
  }

  private func body(of stored: StoredExchange) throws -> [UInt8] {
    guard stored.bodyByteCount <= Self.bodyBytesMax else {
      throw Unrecordable(.tooLarge, "\(stored.id): \(stored.bodyByteCount) byte, quá lớn / too large to be recorded.")
    }
    guard let body = stored.body, let bytes = try? journal.bytes(of: body, limit: Self.bodyBytesMax) else {
      throw Unrecordable(
        .gone,
        "\(stored.id): nội dung không còn được giữ / its body is not kept any more. Its route keeps less: "
          + "`keep: masked` leaves a form that can be replayed.")
    }
    return bytes
  }
}

// MARK: - What far systems did

extension Recorder {
  private func calls(
    of id: ExchangeID, _ steps: [TimelineEntry], _ contents: inout Contents
  ) throws -> [RecordedCall] {
    var calls: [RecordedCall] = []
    var stands: [Int: Int] = [:]
    var count = 0
    for step in steps {
      count += step.planned.count
      // What a person had sent anew stands for the old one.
      if step.name == .resent, let old = step.delivery { stands[old] = count }
    }
    for (index, planned) in steps.flatMap(\.planned).enumerated() where !stands.values.contains(index + 1) {
      var number = index + 1
      while let other = stands[number] { number = other }
      let attempts = try attempts(of: id, number, steps, &contents)
      guard !attempts.isEmpty else { continue }
      var name = CallName(planned)
      // A replay knows one version: the one that it is given.
      name.endpoint = EndpointVersionName.endpoint(ofNext: name.endpoint) ?? name.endpoint
      calls.append(RecordedCall(delivery: "\(id).\(number)", name: name, attempts: attempts))
    }
    for child in steps.flatMap({ $0.children ?? [] }) {
      calls += try self.calls(of: child, try history.steps(of: child), &contents)
    }
    return calls
  }

  private func attempts(
    of id: ExchangeID, _ number: Int, _ steps: [TimelineEntry], _ contents: inout Contents
  ) throws -> [RecordedAttempt] {
    var attempts: [RecordedAttempt] = []
    for step in steps where step.delivery == number {
      // What a person put back begins anew.
      if step.name == .redriven { attempts = [] }
      guard var attempt = RecordedAttempt(step) else { continue }
      if attempt.verdict == .success, let reply = try journal.reply(of: id, delivery: number),
        let bytes = try? journal.bytes(of: reply.body, limit: Self.bodyBytesMax)
      {
        attempt.reply = contents.add(bytes, type: reply.mediaType)
      }
      attempts.append(attempt)
    }
    return attempts
  }
}

extension TimelineEntry {
  /// The deliveries that it adds, in the order of their numbers.
  fileprivate var planned: [PlannedDelivery] {
    switch name {
    case .routed, .calling, .fallback, .resent: deliveries ?? []
    default: []
    }
  }
}

extension RecordedAttempt {
  /// The attempt that a step tells of; nil: it tells of none.
  fileprivate init?(_ step: TimelineEntry) {
    let verdict: Verdict
    switch step.name {
    case .delivered: verdict = .success
    case .retry: verdict = .retry
    case .outage: verdict = .outage
    case .refused: verdict = .reject
    case .parked where step.attempt != nil: verdict = step.code == nil ? .inDoubt : .retry
    case .expired where step.attempt != nil: verdict = .outage
    case .abandoned: verdict = .inDoubt
    default: return nil
    }
    self.init(
      verdict: verdict, code: step.code ?? "", reference: step.reference, microseconds: step.microseconds ?? 1000,
      reply: nil)
  }
}

// MARK: - Does the journal tell the same story?

extension Recorder {
  /// Where it does not: states and routes, and what was sent, as far as nobody masked it.
  private func oddities(
    _ stored: StoredExchange, _ steps: [TimelineEntry], _ played: ReplayStand.Played, isMasked: Bool
  ) -> [String] {
    var list: [String] = []
    let made = played.made
    let route = steps.last { $0.route != nil }?.route
    if let refusal = made.refusal {
      return ["Cửa từ chối khi phát lại / refused at the door when replayed: \(refusal)"]
    }
    if made.route != route { list.append("tuyến / route: \(route ?? "-") → \(made.route ?? "-")") }
    let state = steps.last { $0.name == .settled }?.state ?? stored.state
    if made.state != state { list.append("kết thúc / end: \(state.rawValue) → \(made.state?.rawValue ?? "-")") }
    if !isMasked { list += otherBytes(steps, played) }
    return list
  }

  private func otherBytes(_ steps: [TimelineEntry], _ played: ReplayStand.Played) -> [String] {
    let sent = steps.compactMap { step in step.sent.map { (number: step.delivery ?? 0, digest: $0) } }
    let own = steps.flatMap(\.planned)
    return sent.compactMap { number, digest in
      guard own.indices.contains(number - 1), played.made.deliveries.indices.contains(number - 1) else { return nil }
      let delivery = played.made.deliveries[number - 1]
      guard let bytes = played.contents[delivery.body], delivery.name == CallName(own[number - 1]) else { return nil }
      return journal.digest(bytes) == digest ? nil : "nội dung gửi / what was sent to \(delivery.name.text)"
    }
  }
}

/// One delivery of a recorded exchange: what a connector was handed, what came of it, and what it put on the wire.
public struct RecordedDelivery: Sendable {
  /// The endpoint.
  public var endpoint: String
  /// What its connector was handed.
  public var delivery: Delivery
  /// What the far system answered in the end.
  public var answer: Result<Reply, AdapterError>
  /// What the connector sends.
  public var requests: [SentRequest]
}

extension Recording {
  fileprivate func noting(_ oddities: [String]) -> Recording {
    var noted = self
    noted.exchange.oddities = oddities
    return noted
  }
}

extension MadeExchange {
  /// Which way it went and how it ended, without any bytes.
  fileprivate var end: [String] {
    [refusal ?? "", route ?? "", state?.rawValue ?? ""] + violations
      + deliveries.flatMap { [$0.name.text, $0.state.rawValue] }
  }
}

extension StoredExchange {
  /// Whether it was split from another, with which it is recorded.
  public var isPart: Bool { businessKeys.contains { $0.name == "parent" } }
}

extension Envelope {
  /// All attributes by their CloudEvents name.
  var named: [String: String] { Dictionary(attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }) }
}
