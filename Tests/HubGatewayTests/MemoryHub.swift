import HubGateway
import HubKit
import Synchronization

/// A value behind a lock.
final class Mutexed<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  var value: Value {
    get { mutex.withLock { $0 } }
    set { mutex.withLock { $0 = newValue } }
  }

  func change<T: Sendable>(_ body: (inout sending Value) -> sending T) -> T {
    mutex.withLock { body(&$0) }
  }
}

/// A hub that keeps in memory what it accepted.
final class MemoryHub: Gateway, ExchangeQuery, InboxPort {
  let accepted = Mutexed<[[Message]]>([])
  let refusal = Mutexed<NotAccepted?>(nil)
  let duplicate = Mutexed(false)
  let views = Mutexed<[ExchangeID: ExchangeView]>([:])
  /// Who sees everything.
  let observer = Mutexed<OrganisationCode?>(nil)
  let store = CountingStore()
  /// When set, nothing is accepted before it opens.
  let barrier = Mutexed<Barrier?>(nil)

  static let id = ExchangeID(time: Timestamp(seconds: 1_800_000_000), random: (1, 2))
  static let receivedAt = Timestamp(seconds: 1_800_000_000)

  var bodies: any BodyStore { store }
  var messages: [Message] { accepted.value.flatMap { $0 } }

  func accept(_ messages: [Message], advancing cursor: Cursor?) async throws(NotAccepted)
    -> [Receipt]
  {
    await barrier.value?.pass()
    if let refusal = refusal.value { throw refusal }
    accepted.value.append(messages)
    return messages.indices.map {
      let id = ExchangeID(time: Self.receivedAt, random: (1, 2 + UInt64($0)))
      return Receipt(exchange: id, receivedAt: Self.receivedAt, duplicate: duplicate.value)
    }
  }

  func outcome(of receipt: Receipt, within duration: Duration) async -> Outcome? { nil }

  /// What is answered to a question; nil: nothing until the task is cancelled.
  let answer = Mutexed<(@Sendable (Message, Duration) -> HubKit.Answer)?>(nil)
  let asked = Mutexed<[Message]>([])
  /// Opens when a question's task is cancelled.
  let abandoned = Barrier()
  private let never = Barrier()

  func ask(_ message: Message, within duration: Duration) async throws(NotAccepted) -> HubKit.Answer {
    if let refusal = refusal.value { throw refusal }
    asked.change { $0.append(message) }
    if let answer = answer.value { return answer(message, duration) }
    await withTaskCancellationHandler {
      await never.pass()
    } onCancel: {
      abandoned.open()
    }
    throw NotAccepted(.unavailable, "The caller has gone.")
  }

  /// The kept answers, by exchange.
  let kept = Mutexed<[ExchangeID: Reply]>([:])

  func answer(of id: ExchangeID) async throws -> Reply? { kept.value[id] }

  // MARK: - Inbox

  let inbox = Mutexed<[InboxItem]>([])
  let ended = Mutexed<[String]>([])
  let inboxAnswer = Mutexed(InboxAnswer.done)

  func fetch(for agency: OrganisationCode, limit: Int, type: String?, holder: String?) async -> [InboxItem] {
    Array(inbox.value.prefix(limit))
  }

  func count(for agency: OrganisationCode, type: String?) async -> Int { inbox.value.count }

  func held(_ id: String, by agency: OrganisationCode, lease: String) async -> InboxItem? {
    inbox.value.first { $0.id == id && $0.lease == lease }
  }

  func acknowledge(
    _ id: String, by agency: OrganisationCode, lease: String, refusal: String?
  ) async -> InboxAnswer {
    ended.change { $0.append("\(id) \(agency) \(lease) \(refusal ?? "ack")") }
    return inboxAnswer.value
  }

  func exchange(_ id: ExchangeID) async throws -> ExchangeView? { views.value[id] }

  let lives = Mutexed<[String: [DocumentLife]]>([:])

  func documents(_ text: String) async throws -> [DocumentLife] { lives.value[text] ?? [] }

  func mayObserve(_ agency: OrganisationCode) -> Bool { observer.value == agency }
}

/// A place where one task waits until another lets it go on.
final class Barrier: Sendable {
  private let reached = AsyncStream<Void>.makeStream()
  private let opened = AsyncStream<Void>.makeStream()

  /// Called by the task that waits.
  func pass() async {
    reached.continuation.finish()
    for await _ in opened.stream {}
  }

  /// Returns when a task waits.
  func waitUntilReached() async { for await _ in reached.stream {} }

  /// Lets the task go on.
  func open() { opened.continuation.finish() }
}

/// A body store that knows what was begun, kept and thrown away.
final class CountingStore: BodyStore {
  struct Count: Equatable {
    var begun = 0
    var finished = 0
    var discarded = 0
  }

  let count = Mutexed(Count())
  let bodies = Mutexed<[String: [UInt8]]>([:])
  let failure = Mutexed<BodyError?>(nil)

  func reader(of body: Body) throws(BodyError) -> any BodyReader {
    switch body {
    case .inline(let bytes): return BytesReader(bytes)
    case .stored(let reference):
      guard let bytes = bodies.value[reference.id] else { throw .gone }
      return BytesReader(bytes)
    }
  }

  func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter {
    let number = count.change { count in
      count.begun += 1
      return count.begun
    }
    return Writer(store: self, id: "body-\(number)", mediaType: mediaType, limit: limit)
  }

  private final class Writer: BodyWriter {
    let store: CountingStore
    let id, mediaType: String
    let bytes: BytesWriter

    init(store: CountingStore, id: String, mediaType: String, limit: Int) {
      self.store = store
      self.id = id
      self.mediaType = mediaType
      bytes = BytesWriter(limit: limit)
    }

    func write(_ bytes: [UInt8]) throws(BodyError) {
      if let failure = store.failure.value { throw failure }
      try self.bytes.write(bytes)
    }

    func finish() throws(BodyError) -> Body {
      let all = bytes.bytes
      store.bodies.value[id] = all
      store.count.change { $0.finished += 1 }
      return .stored(BodyReference(id: id, digest: "", mediaType: mediaType, byteCount: all.count))
    }

    func discard() {
      store.bodies.change { _ = $0.removeValue(forKey: id) }
      store.count.change { $0.discarded += 1 }
    }
  }
}

/// Two agencies and what they show.
final class MemoryCredentials: CredentialCheck {
  let secrets = Mutexed(["client-a": "secret-a", "client-b": "secret-b"])
  let checks = Mutexed(0)
  private let agencies = ["client-a": "H24.1", "client-b": "H24.2"]

  func verify(clientID: String, secret: String) -> OrganisationCode? {
    checks.change { $0 += 1 }
    guard secrets.value[clientID] == secret else { return nil }
    return agencies[clientID].flatMap { OrganisationCode($0) }
  }

  func isValid(credential id: String, of agency: OrganisationCode) -> Bool {
    secrets.value[id] != nil && agencies[id] == agency.text
  }
}

/// A clock that stands still until it is moved.
final class SettableClock: HubClock {
  private let time = Mutexed(Timestamp(seconds: 1_800_000_000))

  var now: Timestamp { time.value }

  func advance(by duration: Duration) { time.change { $0 = $0 + duration } }

  func sleep(until deadline: Timestamp) async throws { throw CancellationError() }
}

/// Knows content that begins with `<edXML`.
struct AngleBracketCodec: Codec {
  let name = "angle"

  func recognises(mediaType: String?, prefix: [UInt8]) -> Bool {
    prefix.starts(with: Array("<edXML".utf8))
  }

  func examine(_ body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> Examination {
    Examination()
  }

  func decode(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document { throw InvalidMessage(rule: "none", "not decoded here") }

  func encode(
    _ document: Document, from store: any BodyStore, into writer: any BodyWriter,
    limits: CodecLimits
  ) throws(InvalidMessage) { throw InvalidMessage(rule: "none", "not encoded here") }
}
