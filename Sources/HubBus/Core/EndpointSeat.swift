internal import HubKit

/// What the core remembers of an endpoint: its lanes, who may go next, and whether the far system is away.
///
/// A lane is the row of deliveries to one receiver with the same ordering key. A delivery without a key has a lane of
/// its own. Lanes take turns, so that a busy key does not starve the others.
///
/// Belongs to one core. A class, because several steps of every message change it: a struct of its size would be moved
/// out of its dictionary and back each time.
final class EndpointSeat {
  enum LaneName: Hashable {
    case key(String, receiver: OrganisationCode?)
    case own(DeliveryRef, receiver: OrganisationCode?)

    /// Two agencies behind one endpoint have lanes of their own: what one of them refuses must not hold up the other.
    init(_ ref: DeliveryRef, _ planned: PlannedDelivery) {
      self =
        planned.orderingKey.map { .key($0, receiver: planned.receiver) } ?? .own(ref, receiver: planned.receiver)
    }

    var receiver: OrganisationCode? {
      switch self {
      case .key(_, let receiver), .own(_, let receiver): receiver
      }
    }
  }

  struct Place {
    let sequence: Int64
    let ref: DeliveryRef
    let receiver: OrganisationCode?
    let byteCount: Int
  }

  /// What lies in an endpoint for one receiver.
  struct Load: Equatable {
    var count = 0
    var bytes = 0
  }

  struct Lane {
    /// By journal sequence.
    var queue = Row<Place>()
    var phase = Phase.ready
    /// Up to where a lane that was barred is in memory, when more of it waits on the disk; nil: all of it is here.
    var loadedTo: Int64?
    /// Deliveries that wait for a person, by journal sequence: none that comes behind one of them may go.
    var barriers: [Barrier] = []
    /// Whether something went here by a person's order, and no attempt has been made since.
    var isFreed = false
  }

  enum Phase: Equatable {
    /// Its head may be tried; the lane stands in `ready`.
    case ready
    /// Its head is being tried.
    case underway
    /// Its head waits for its next attempt.
    case resting(until: Timestamp)
    /// That delivery was parked or refused: what comes behind it waits for a person.
    case held(by: DeliveryRef)
  }

  private(set) var policy: EndpointPolicy
  /// Whether no configuration in force names it: nothing is sent, and what waits is parked.
  private(set) var isGone = false
  /// Of an endpoint that is gone: what is still to be parked.
  private var leaving = Row<DeliveryRef>()
  /// Of an endpoint that is gone: up to where its shelf was looked through.
  private var clearedTo: Int64 = 0
  // Only the seat's own files change the lanes.
  var lanes: [LaneName: Lane] = [:]
  /// Lanes that may go, in turn: of an inbox apart for each receiver, else all together under nil. A name whose lane is
  /// not ready any more is passed over.
  private var ready: [OrganisationCode?: Row<LaneName>] = [:]
  /// What lies here for each receiver; kept for inboxes only.
  private(set) var loads: [OrganisationCode?: Load] = [:]
  /// Deliveries in lanes, those under way among them.
  private(set) var queuedCount = 0
  /// Those of them in barred lanes.
  private(set) var heldCount = 0
  /// What waits on the disk.
  var shelf = Shelf()
  private(set) var underway = 0
  /// Outages since the last answer; they lengthen the pause.
  private(set) var outagesInRow = 0
  /// Nothing is sent before this time; nil: the far system is well as far as we know.
  private(set) var pausedUntil: Timestamp?
  private(set) var pausedSince: Timestamp?
  private(set) var pausedReason: String?
  /// Set by a person: nothing is sent and nothing is asked until a person lets it go.
  private(set) var stop: EndpointStop?
  /// Which of its two versions new messages take, when a person has said so.
  var versionOrder: VersionOrder?
  /// While true one delivery at a time feels whether the far system is back.
  private(set) var isProbing = false
  /// When the far system last answered anything, be it a refusal.
  private(set) var lastAnswer: Timestamp?
  private(set) var lastSuccess: Timestamp?
  private(set) var deliveredCount = 0
  private(set) var failedCount = 0

  init(policy: EndpointPolicy) {
    self.policy = policy
  }

  func isPaused(at now: Timestamp) -> Bool { pausedUntil.map { $0 > now } ?? false }

  var waitingCount: Int { queuedCount - underway }
}

// MARK: - Lanes

extension EndpointSeat {
  /// Takes a delivery in at the place that its sequence gives it.
  ///
  /// - Parameter rest: the head of a new lane is not tried before then.
  /// - Returns: what the lane is doing.
  func enqueue(_ place: Place, lane name: LaneName, rest: Timestamp?) -> Phase {
    shelf.highest = max(shelf.highest, place.sequence)
    guard lanes[name] != nil else {
      count(place)
      var lane = Lane(phase: rest.map { .resting(until: $0) } ?? .ready)
      lane.queue.append(place)
      lanes[name] = lane
      if lane.phase == .ready { standInLine(name) }
      return lane.phase
    }
    let isHeadFixed = lanes[name]?.hasFixedHead ?? false
    let wasEmpty = lanes[name]?.queue.isEmpty == true
    let isNew = lanes[name]?.queue.insert(place, from: isHeadFixed ? 1 : 0, unless: { $0.ref == place.ref }) {
      !(place < $0)
    }
    // A person may have put it back while its exchange waited for its turn.
    guard isNew == true else { return phase(of: place, in: name) }
    count(place)
    switch lanes[name]?.phase {
    case .held: heldCount += 1
    case .ready where wasEmpty: standInLine(name)
    default: break
    }
    return phase(of: place, in: name)
  }

  private func count(_ place: Place) {
    queuedCount += 1
    add(place, 1)
  }

  /// Starts the head of the lane whose turn it is, if another one may go now.
  func startNext(at now: Timestamp) -> (lane: LaneName, ref: DeliveryRef)? {
    guard policy.inbox == nil, underway < (isProbing ? 1 : policy.concurrency), !isPaused(at: now) else { return nil }
    return startFirst(for: nil)
  }

  /// Whether an attempt could start now although so many are about to.
  func mayStart(after others: Int, at now: Timestamp) -> Bool {
    stop == nil && !isGone && policy.inbox == nil && policy.onDoubt == .retry && !isProbing && !isPaused(at: now)
      && underway + others < policy.concurrency
  }

  /// Starts the head of the lane of a receiver whose turn it is: he has come to fetch it.
  ///
  /// - Parameter isWanted: which heads he wants; the lanes of others keep their places.
  func startFirst(
    for receiver: OrganisationCode?, where isWanted: ((DeliveryRef) -> Bool)? = nil
  ) -> (lane: LaneName, ref: DeliveryRef)? {
    guard stop == nil else { return nil }
    while let name = nextReady(receiver, isWanted) {
      guard let lane = lanes[name], lane.phase == .ready, let head = lane.queue.first else { continue }
      lanes[name]?.phase = .underway
      underway += 1
      return (name, head.ref)
    }
    if isWanted == nil { ready[receiver] = nil }
    return nil
  }

  private func nextReady(_ receiver: OrganisationCode?, _ isWanted: ((DeliveryRef) -> Bool)?) -> LaneName? {
    guard let isWanted else { return ready[receiver]?.popFirst() }
    let lanes = lanes
    let wanted = { (name: LaneName) in
      guard let lane = lanes[name], lane.phase == .ready, let head = lane.queue.first else { return true }
      return isWanted(head.ref)
    }
    guard let name = ready[receiver]?.all.first(where: wanted) else { return nil }
    _ = ready[receiver]?.removeFirst { $0 == name }
    return name
  }

  /// The head that was under way has ended; the next one's turn comes.
  func finish(_ name: LaneName, reached: Bool) {
    release()
    if reached { deliveredCount += 1 } else { failedCount += 1 }
    dropHead(name)
    makeReady(name)
    leave(name)
  }

  /// The head that was under way was parked or refused; the others of its lane wait for a person.
  ///
  /// - Returns: the others.
  func finishAndHold(_ name: LaneName, by ref: DeliveryRef, sequence: Int64) -> [DeliveryRef] {
    release()
    failedCount += 1
    dropHead(name)
    let others = hold(name, by: ref, sequence: sequence)
    makeReady(name)
    leave(name)
    return others
  }

  /// The head that was under way keeps its place; it is tried again when its lane's turn comes.
  func putBack(_ name: LaneName) {
    release()
    makeReady(name)
    leave(name)
  }

  /// The head that was under way keeps its place and is not tried before `until`.
  func rest(_ name: LaneName, until: Timestamp) {
    release()
    lanes[name]?.phase = .resting(until: until)
    leave(name)
  }

  /// Lets the head of a lane that has rested be tried again.
  func endRest(_ name: LaneName, at now: Timestamp) {
    guard case .resting(let until)? = lanes[name]?.phase, until <= now else { return }
    makeReady(name)
  }

  /// Takes out a delivery that is not under way and has ended elsewhere: nobody wants it any more.
  func withdraw(_ ref: DeliveryRef, lane name: LaneName) {
    failedCount += 1
    let gone = lanes[name]?.queue.all.first { $0.ref == ref }
    guard let gone, let place = lanes[name]?.queue.removeFirst(where: { $0.ref == ref }) else { return }
    queuedCount -= 1
    add(gone, -1)
    if case .held = lanes[name]?.phase { heldCount -= 1 }
    if place == 0 { makeReady(name) }
    let line = policy.inbox == nil ? nil : name.receiver
    if let count = ready[line]?.count, count > 2 * lanes.count + 64 {
      let lanes = lanes
      ready[line]?.removeAll { lanes[$0]?.phase != .ready }
    }
  }

  private func release() {
    underway -= 1
  }

  private func dropHead(_ name: LaneName) {
    guard let gone = lanes[name]?.queue.popFirst() else { return }
    queuedCount -= 1
    add(gone, -1)
  }

  private func add(_ place: Place, _ sign: Int) {
    guard policy.inbox != nil else { return }
    var load = loads[place.receiver] ?? Load()
    load.count += sign
    load.bytes += sign * place.byteCount
    loads[place.receiver] = load.count == 0 ? nil : load
  }

  private func standInLine(_ name: LaneName) {
    ready[policy.inbox == nil ? nil : name.receiver, default: Row()].append(name)
  }

  /// Nobody of the lane is under way: its head may go, unless there is none or it comes behind a barrier.
  func makeReady(_ name: LaneName) {
    guard let lane = lanes[name] else { return }
    if case .held = lane.phase { heldCount -= lane.queue.count }
    if let barrier = lane.barring() {
      lanes[name]?.phase = .held(by: barrier.ref)
      heldCount += lane.queue.count
    } else if lane.queue.isEmpty {
      endLane(name)
    } else if lane.phase != .ready {
      lanes[name]?.phase = .ready
      standInLine(name)
    }
  }
}

// MARK: - Another configuration

extension EndpointSeat {
  /// An endpoint that no configuration names any more; its lanes stay barred by what was parked in them.
  static var gone: EndpointSeat {
    let seat = EndpointSeat(policy: EndpointPolicy())
    seat.isGone = true
    return seat
  }

  /// Goes on under another policy: lanes, leases and what is known of the far system stay.
  func adopt(_ policy: EndpointPolicy) {
    let changesKind = (self.policy.inbox == nil) != (policy.inbox == nil)
    self.policy = policy
    isGone = false
    leaving = Row()
    guard changesKind else { return }
    // The lanes of an inbox stand in line for each receiver apart.
    ready = [:]
    loads = [:]
    for (name, lane) in lanes {
      if lane.phase == .ready { standInLine(name) }
      for place in lane.queue.all { add(place, 1) }
    }
  }

  /// No configuration names it any more. Attempts under way end as they would have, before the others of their lanes
  /// are parked.
  func retire() {
    guard !isGone else { return }
    isGone = true
    clearedTo = 0
    let waiting = lanes.values.filter { $0.phase != .underway }.flatMap(\.queue.all)
    for place in waiting.sorted(by: { ($0.sequence, $0.ref.number) < ($1.sequence, $1.ref.number) }) {
      leaving.append(place.ref)
    }
  }

  /// Begins to read the next page of what waits on the disk, barred lanes too: all of it is to be parked.
  func beginClearing() -> Shelf.Reading? {
    guard shelf.reading == nil, shelf.count > 0 || shelf.loadedTo != nil else { return nil }
    shelf.reading = Shelf.Reading(lane: nil, after: clearedTo, through: .max, limit: 100, without: [])
    return shelf.reading
  }

  /// A page was read of what is to be parked.
  func wasRead(_ reading: Shelf.Reading, through last: Int64?) {
    // What was read for sending left out other lanes: then all is looked through from the start.
    let isWhole = reading.lane == nil && reading.without.isEmpty
    clearedTo = isWhole ? last ?? .max : 0
    guard isWhole, last == nil else { return }
    shelf = Shelf(highest: shelf.highest)
    for name in lanes.keys { lanes[name]?.loadedTo = nil }
  }

  /// The next one to be parked; nil when none is left.
  func popLeaving() -> DeliveryRef? { leaving.popFirst() }

  private func leave(_ name: LaneName) {
    guard isGone else { return }
    for place in lanes[name]?.queue.all ?? [] { leaving.append(place.ref) }
  }
}

// MARK: - Is the far system well?

extension EndpointSeat {
  /// The far system answered: it is well, whatever the answer was.
  func answered(at now: Timestamp, well: Bool) {
    lastAnswer = now
    if well { lastSuccess = now }
    outagesInRow = 0
    pausedUntil = nil
    pausedSince = nil
    pausedReason = nil
    isProbing = false
  }

  /// The far system is away: nothing is sent for a while, then one delivery at a time until it answers.
  ///
  /// A wait that the far system names is honoured, but never shorter than the first backoff: else one that says
  /// "at once" would be hammered.
  ///
  /// - Returns: when it is tried again. Attempts that were under way when the pause began do not lengthen it.
  func pause(at now: Timestamp, after: Duration?, jitter: Double, reason: String) -> Timestamp {
    let wasPaused = isPaused(at: now)
    if !wasPaused { outagesInRow += 1 }
    isProbing = true
    pausedSince = pausedSince ?? now
    pausedReason = reason
    if wasPaused, after == nil, let until = pausedUntil { return until }
    let wait = policy.wait(after: after, failures: after == nil ? outagesInRow : 1, jitter: jitter)
    let until = max(pausedUntil ?? now, now + wait)
    pausedUntil = until
    return until
  }

  /// A person stops the endpoint, or lets it go. Letting go also ends the wait for a far system that is away: one
  /// delivery feels at once whether it is back.
  func setStop(_ stop: EndpointStop?) {
    self.stop = stop
    guard stop == nil else { return }
    outagesInRow = 0
    pausedUntil = nil
    pausedSince = nil
    pausedReason = nil
  }
}

extension EndpointSeat {
  /// The clock was set: pauses and rests take as long as before.
  func clockWasSet(by jump: Duration) {
    for (name, lane) in lanes {
      if case .resting(let until) = lane.phase { lanes[name]?.phase = .resting(until: until + jump) }
    }
    pausedUntil = pausedUntil.map { $0 + jump }
    lastAnswer = lastAnswer.map { $0 + jump }
  }
}
