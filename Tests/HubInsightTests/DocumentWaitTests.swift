import HubBus
import HubKit
import HubTesting
import Testing

@testable import HubInsight

/// Who has said nothing of a document in time: in virtual time, event by event.
@Suite struct DocumentWaitTests {
  private static let day = Duration.seconds(86_400)
  private static let watch = DocumentWatch(arrivalWithin: day, watchFor: .seconds(10 * 86_400))

  private static func overdue(_ events: [FeedEvent], at time: Timestamp, waitsMax: Int = 1000) -> [String] {
    var waits = DocumentWaits(watchFor: watch.watchFor, waitsMax: waitsMax)
    for event in events { waits.apply(event) }
    let found = waits.overdue(at: time, by: watch)
    #expect(found.count == waits.overdueCount(at: time, by: watch))
    return found.map { "\($0.documentId) \($0.receiver)" }
  }

  @Test func `each receiver's silence counts from the moment at which it has lasted too long`() {
    var post = Post()
    let sent = post.now
    post.document("D", to: ["A", "B"])
    #expect(Self.overdue(post.events, at: sent + Self.day - .seconds(1)).isEmpty)
    #expect(Self.overdue(post.events, at: sent + Self.day) == ["D A", "D B"])
    post.status("01", of: "D", from: "A")
    #expect(Self.overdue(post.events, at: sent + Self.day) == ["D B"])
    #expect(Self.overdue(post.events, at: sent + Self.watch.watchFor).isEmpty, "nobody is reminded for ever")
  }

  @Test(arguments: ["01", "02", "03", "04", "05", "06", "15", "16", "99"])
  func `any status ends the wait of who sent it, and of nobody else`(_ code: String) {
    var post = Post()
    post.document("D", to: ["A", "B"])
    post.status(code, of: "D", from: "B")
    post.status(code, of: "E", from: "A")
    #expect(Self.overdue(post.events, at: post.now + Self.day) == ["D A"])
  }

  @Test func `what its sender takes back is waited for no longer`() {
    var post = Post()
    post.document("D", to: ["A", "B"])
    post.status("13", of: "D", from: "S", to: ["A"])
    #expect(Self.overdue(post.events, at: post.now + Self.day) == ["D B"])
  }

  @Test(arguments: [DeliveryState.refused, .expired, .abandoned, .parked])
  func `what lies among the dead letters is told there, until it is delivered after all`(_ state: DeliveryState) {
    var post = Post()
    post.document("D", to: ["A", "B"])
    post.end(state, for: "A")
    post.end(.delivered, for: "B")
    #expect(Self.overdue(post.events, at: post.now + Self.day) == ["D B"])
    post.end(.delivered, for: "A")
    #expect(Self.overdue(post.events, at: post.now + Self.day) == ["D A", "D B"])
  }

  @Test func `a document that could be sent to nobody is nobody's delay`() {
    var post = Post()
    post.document("D", to: ["A", "B"])
    post.settleFailed()
    #expect(Self.overdue(post.events, at: post.now + Self.day).isEmpty)
  }

  @Test func `recalls and updates are not waited for, replacements are`() {
    var post = Post()
    for action in ["new", "revoke", "update", "replace"] { post.document(action, action: action, to: ["A"]) }
    #expect(Self.overdue(post.events, at: post.now + Self.day) == ["new A", "replace A"])
  }

  @Test func `sent once more it is as late as before, and its second end does not hide the first`() {
    var post = Post()
    let sent = post.now
    post.document("D", to: ["A"])
    post.document("D", to: ["A"])
    post.end(.refused, for: "A")
    #expect(Self.overdue(post.events, at: sent + Self.day) == ["D A"])
  }

  @Test func `of too many the oldest are forgotten, and old ones by the calendar`() {
    var post = Post()
    for number in 0..<150 { post.document("D\(number)", to: ["A"]) }
    let left = Self.overdue(post.events, at: post.now + Self.day, waitsMax: 100)
    #expect(left.count <= 100 && left.count > 90)
    #expect(left.last == "D149 A" && !left.contains("D0 A"))
    var waits = DocumentWaits(watchFor: Self.watch.watchFor)
    for event in post.events { waits.apply(event) }
    #expect(waits.count == 150)
    post.now = post.now + Self.watch.watchFor + Self.day
    post.document("late", to: ["A"])
    for event in post.events { waits.apply(event) }
    #expect(waits.count == 1)
  }

  @Test(arguments: UInt64(1)...30)
  func `the same events tell the same, wherever reading began before the oldest watched`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var post = Post()
    for number in 0..<200 {
      let codes = ["A", "B", "C"].filter { _ in Bool.random(using: &random) }
      post.now = post.now + .seconds(Int.random(in: 60...20_000, using: &random))
      post.document("D\(number)", to: codes.isEmpty ? ["A"] : codes)
      if Bool.random(using: &random) {
        post.end([.delivered, .refused].randomElement(using: &random) ?? .parked, for: "A")
      }
      let about = "D\(Int.random(in: 0...number, using: &random))"
      post.status("01", of: about, from: ["A", "B", "C"].randomElement(using: &random) ?? "A")
    }
    let now = post.now
    let from = now - Self.watch.watchFor
    let tail = post.events.drop { $0.at < from }
    #expect(tail.count < post.events.count)
    #expect(Self.overdue(Array(tail), at: now) == Self.overdue(post.events, at: now))
  }
}

/// Makes the events of documents and their statuses, one second apart.
struct Post {
  var events: [FeedEvent] = []
  var now = Timestamp(seconds: 1_795_300_000)
  private var origin: FeedEvent.Origin?
  private var receivers: [String] = []

  mutating func document(_ id: String, action: String = "new", from sender: String = "S", to receivers: [String]) {
    self.receivers = receivers
    receive("vn.gov.edoc.document", id, from: sender, to: receivers, ["documentaction": action])
  }

  mutating func status(_ code: String, of id: String, from sender: String, to receivers: [String] = ["S"]) {
    let document = (origin, self.receivers)
    receive("vn.gov.edoc.status", id, from: sender, to: receivers, ["documentstatus": code])
    (origin, self.receivers) = document
  }

  /// The last document's delivery to a receiver comes to an end.
  mutating func end(_ state: DeliveryState, for receiver: String) {
    guard let origin else { return }
    add([
      .ended(
        state,
        FeedEvent.DeliveryNews(
          origin: origin, number: 1, endpoint: "e", receiver: OrganisationCode(receiver), at: now))
    ])
  }

  /// Nothing came of the last document.
  mutating func settleFailed() {
    if let origin { add([.settled(.failed, origin, at: now)]) }
  }

  private mutating func receive(
    _ type: String, _ subject: String, from sender: String, to receivers: [String], _ attributes: [String: String]
  ) {
    var envelope = Envelope(id: "m\(events.count)", source: "/test", type: type, subject: subject)
    envelope.sender = OrganisationCode(sender)
    envelope.receivers = receivers.compactMap(OrganisationCode.init)
    envelope.extensions.merge(attributes) { $1 }
    let origin = FeedEvent.Origin(
      exchange: ExchangeID.make(at: now), type: type, subject: subject, principal: "agency:\(sender)", receivedAt: now)
    self.origin = origin
    add([.received(origin, envelope: envelope)])
  }

  private mutating func add(_ news: [FeedEvent.News]) {
    events.append(FeedEvent(sequence: Int64(events.count + 1), at: now, news: news))
    now = now + .seconds(1)
  }
}
