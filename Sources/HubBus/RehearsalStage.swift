internal import HubKit
internal import HubRouting

extension Rehearsal {
  /// What surrounds one rehearsal.
  struct World {
    var occasion: Occasion
    /// How often the message was split on the way here.
    var depth = 0
    let bodies: any BodyStore
    let farSide: FarSide

    /// Makes one attempt.
    ///
    /// - Parameters:
    ///   - number: the delivery's, from 1.
    ///   - attempt: which attempt of it, from 1.
    func attempt(_ planned: PlannedDelivery, _ work: Work, number: Int, attempt: Int) async -> Ending {
      let delivery = work.delivery(
        for: planned, id: "\(occasion.exchange).\(number)", exchange: occasion.exchange, attempt: attempt,
        receivedAt: occasion.receivedAt, deadline: occasion.receivedAt + .seconds(3600), bodies: bodies)
      return await farSide(Attempt(planned: planned, delivery: delivery))
    }

    /// The world of one of the message's parts, which is an exchange of its own.
    func part(_ number: Int) -> World {
      var bytes = occasion.exchange.bytes
      // Parts of parts are told apart at another place, else the first one's first would be the second.
      let (high, low) = (14 - depth * 2, 15 - depth * 2)
      let place = UInt16(bytes[high]) << 8 | UInt16(bytes[low])
      let own = place &+ UInt16(truncatingIfNeeded: number)
      bytes[high] = UInt8(own >> 8)
      bytes[low] = UInt8(own & 0xFF)
      var world = self
      world.depth += 1
      if let id = ExchangeID(bytes: bytes) { world.occasion.exchange = id }
      return world
    }
  }

  /// Drives the core alone, in virtual time.
  struct Stage {
    /// What came of a plan.
    struct Played {
      var outcome: Outcome?
      var deliveries: [PlannedDelivery]
      var states: [DeliveryState]
      var attempts: [Int]
      /// The steps of it, as the core would have them written down.
      var steps: [TimelineEntry] = []
      /// Answers to whoever asked, by number of the delivery.
      var replies: [Int: Reply] = [:]
      /// Answers to the route's own questions.
      var calls: [Int: Reply] = [:]

      init(_ deliveries: [PlannedDelivery]) {
        self.deliveries = deliveries
        states = deliveries.map { _ in .waiting }
        attempts = deliveries.map { _ in 0 }
      }

      /// What was brought to the far sides.
      func sent(_ work: Work, by route: String, in world: World, after before: Int) -> [Sent] {
        deliveries.indices.map { index in
          Sent(
            id: "\(world.occasion.exchange).\(before + index + 1)", route: route, planned: deliveries[index],
            body: work.body, mediaType: work.mediaType, state: states[index], attempts: attempts[index])
        }
      }
    }

    private let world: World
    private var core: BusCore
    private var now: Timestamp
    private let expiry, deadline: Timestamp?
    private var todo: [BusCore.Effect] = []

    init(_ world: World, expiry: Timestamp?, deadline: Timestamp?, policies: [String: EndpointPolicy]) {
      self.world = world
      self.expiry = expiry
      self.deadline = deadline
      now = world.occasion.receivedAt
      core = BusCore(endpoints: policies)
    }

    /// An outage may be met a hundred times: a far side that is away for ever does not stop the play.
    private static let outagesMax = 100

    /// Plays a plan to its end.
    ///
    /// - Parameter before: how many deliveries the exchange had before these.
    mutating func play(_ routed: Planner.Routed, _ work: Work, after before: Int) async -> Played {
      let id = world.occasion.exchange
      var played = Played(routed.deliveries)
      var outages = 0
      todo = core.handle(
        .received(
          ExchangeSeat(
            id: id, sequence: 1, receivedAt: now, expiry: expiry, principal: "rehearsal", orderingKey: nil,
            deadline: deadline)), at: now)
      while !todo.isEmpty, played.outcome == nil {
        switch next() {
        case .plan:
          apply(
            .planned(
              id,
              .routed(
                BusCore.Routed(
                  route: routed.route.name, deliveries: routed.deliveries, notes: routed.notes, microseconds: 0))))
        case .attempt(let ref, _, let number, _):
          let planned = played.deliveries[ref.number - 1]
          played.attempts[ref.number - 1] += 1
          let ending = await world.attempt(planned, work, number: before + ref.number, attempt: number)
          switch ending.result {
          case .success(let reply) where planned.role == nil: played.replies[ref.number] = reply
          case .success(let reply): if planned.role == .call { played.calls[ref.number] = reply }
          case .failure(let error): if case .outage = error.verdict { outages += 1 }
          }
          guard outages <= Self.outagesMax else { return played }
          now = now + ending.took
          apply(
            .attempted(
              ref,
              BusCore.Attempt(
                result: ending.result, microseconds: ending.took.wholeMicroseconds, sent: nil, jitter: 0)))
        case .record(let record): note(record, &played)
        case .settled(_, let outcome): played.outcome = outcome
        case .cancel, .answered, .asleep, .read, .locate: break
        case .wake(let time):
          now = max(now, time)
          apply(.tick)
        }
      }
      return played
    }

    /// What is to be done now; time passes only when there is nothing else to do.
    private mutating func next() -> BusCore.Effect {
      let isWake = { (effect: BusCore.Effect) in if case .wake = effect { true } else { false } }
      return todo.remove(at: todo.firstIndex { !isWake($0) } ?? 0)
    }

    private func note(_ record: BusCore.Record, _ played: inout Played) {
      played.steps += record.entries
      for entry in record.entries {
        if entry.name == .fallback, let more = entry.deliveries {
          played.deliveries += more
          played.states += more.map { _ in .waiting }
          played.attempts += more.map { _ in 0 }
        }
        guard let number = entry.delivery, let state = entry.name.endState else { continue }
        played.states[number - 1] = state
      }
    }

    private mutating func apply(_ input: BusCore.Input) {
      todo += core.handle(input, at: now)
    }
  }
}

extension TimelineEntry.Name {
  /// The end that this step is to a delivery.
  fileprivate var endState: DeliveryState? {
    switch self {
    case .delivered: .delivered
    case .refused: .refused
    case .parked: .parked
    case .expired: .expired
    case .abandoned: .abandoned
    default: nil
    }
  }
}
