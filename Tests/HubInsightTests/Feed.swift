import HubBus
import HubKit
import HubTesting

@testable import HubInsight

/// Makes feed events as the journal would tell them, with random content: same seed, same events.
struct FeedMaker {
  var random: SeededRandom
  private(set) var events: [FeedEvent] = []
  private var sequence: Int64 = 0
  private var now = Timestamp(seconds: 1_795_300_000)
  private var open: [FeedEvent.Origin] = []

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
  }

  static func events(seed: UInt64, count: Int) -> [FeedEvent] {
    var maker = FeedMaker(seed: seed)
    for _ in 0..<count { maker.step() }
    return maker.events
  }

  private mutating func step() {
    now = now + .milliseconds(Int.random(in: 1...3_600_000, using: &random))
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<5: receive()
    case 5: add([.refusedAtTheDoor(code: pick(["invalid", "forbidden"]), count: 1, principal: principal())])
    default: end()
    }
  }

  private mutating func receive() {
    let type = pick([
      "vn.gov.edoc.document", "vn.gov.edoc.status", "vn.haiphong.dossier.status", "vn.haiphong.dossier.status",
      "vn.haiphong.dossier.submitted", "vn.lgsp.service.call", "vn.haiphong.ioc.indicators",
    ])
    let principal = type == "vn.haiphong.ioc.indicators" ? IndicatorProjection.speaker.text : principal()
    var envelope = Envelope(id: "m\(sequence)", source: "/test", type: type)
    envelope.time = now - .seconds(Int.random(in: 0...7200, using: &random))
    if type.contains("dossier") {
      envelope.subject = "H24-\(Int.random(in: 0..<40, using: &random))"
      envelope.extensions["dossierstatus"] = pick([
        "registered", "accepted", "not-accepted", "in-progress", "supplement-requested", "fee-requested", "withdrawn",
        "stopped", "finished", "returned",
      ])
      envelope.extensions["duetime"] = (now + .seconds(Int.random(in: -9000...9000, using: &random))).description
    }
    if type == "vn.lgsp.service.call" {
      envelope.extensions["service"] = pick(["population/verify", "land/parcel"])
      envelope.extensions["purpose"] = pick(["dossier H24-1", ""])
      envelope.extensions["sender"] = pick(["H24.1", "H24.2"])
    }
    let origin = FeedEvent.Origin(
      exchange: ExchangeID(time: now, random: (random.next(), random.next())), type: type, principal: principal,
      receivedAt: now)
    open.append(origin)
    add([.received(origin, envelope: envelope)])
  }

  private mutating func end() {
    guard !open.isEmpty else { return receive() }
    let origin = open.remove(at: Int.random(in: 0..<open.count, using: &random))
    let news = FeedEvent.DeliveryNews(
      origin: origin, number: 1, endpoint: pick(["axis", "city-systems", "operations-centre"]), at: now)
    let isDelivered = Bool.random(using: &random)
    var list: [FeedEvent.News] = [.ended(isDelivered ? .delivered : pick([.refused, .parked, .expired]), news)]
    if Bool.random(using: &random) { list.insert(.attemptFailed(news), at: 0) }
    add(list + [.settled(isDelivered ? .delivered : .failed, origin, at: now)])
  }

  private mutating func principal() -> String { pick(["agency:H24.1", "endpoint:axis"]) }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func add(_ news: [FeedEvent.News]) {
    sequence += Int64.random(in: 1...3, using: &random)
    events.append(FeedEvent(sequence: sequence, at: now, news: news))
  }
}

extension IndicatorProjection {
  /// The value after these events.
  init(_ events: some Sequence<FeedEvent>) {
    self.init()
    for event in events { apply(event) }
  }
}
