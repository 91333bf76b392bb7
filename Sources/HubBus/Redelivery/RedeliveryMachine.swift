internal import HubJournal
internal import HubKit

/// Something that a redelivery job puts back.
struct RedeliveryTarget: Hashable {
  let exchange: ExchangeID
  /// Which delivery, from 1; nil: the message itself, which was never fit to be delivered.
  let delivery: Int?
  /// Place of the exchange in the journal.
  let sequence: Int64
  let endpoint: String?
}

/// Decides what a redelivery job does next. It goes through the dead letters in the order of receipt, so a lane's first
/// comes first; that nothing overtakes it afterwards is the lane's own care.
///
/// Pure: what the journal says and the time go in, the next step comes out. ``Redeliverer`` carries it out.
struct RedeliveryMachine {
  enum Step: Equatable {
    /// Read the dead letters behind this place.
    case read(after: Int64)
    /// Put this back, unless the job has had its turn with it.
    case putBack(RedeliveryTarget)
    /// Look again then.
    case wait(until: Timestamp)
    /// It is over, and why.
    case end(RedeliveryJob.State, why: String)
  }

  /// So many must have ended before their share of errors says anything.
  static let measuredMin = 20
  /// How long it waits when the hub or its disk takes no orders.
  static let pause = Duration.seconds(1)
  /// What the rate may catch up after a step that took long.
  private static let arrears = Duration.milliseconds(100)

  private let order: RedeliveryOrder
  /// Least time from one to the next.
  private let interval: Duration
  /// Where the next page begins; nil: all is read.
  private var next: Int64?
  private var page: [RedeliveryTarget] = []
  private var place = 0
  /// How many it has had its turn with.
  private var count: Int
  private var due: Timestamp
  /// The place up to which all has had its turn.
  private(set) var cursor: Int64

  init(_ job: RedeliveryJob, at now: Timestamp) {
    order = job.order
    interval = .seconds(1) / job.order.rate
    cursor = job.cursor
    next = job.cursor
    count = job.counts.putBack + job.counts.refused
    due = now
  }

  /// - Parameter job: as the journal has it now.
  mutating func step(_ job: RedeliveryJob, at now: Timestamp) -> Step {
    if let why = brake(job) { return .end(.stopped, why: why) }
    if let most = order.countMax, count >= most { return .end(.done, why: "the limit of \(most) is reached") }
    guard place < page.count else {
      return next.map { .read(after: $0) } ?? .end(.done, why: "everything has had its turn")
    }
    // The clock may have been set back.
    due = min(due, now + max(interval, Self.pause))
    return due > now ? .wait(until: due) : .putBack(page[place])
  }

  /// Takes in a page.
  ///
  /// - Parameter end: where the next one begins; nil: this is the last one.
  mutating func took(_ targets: [RedeliveryTarget], next end: Int64?) {
    page = targets
    place = 0
    next = end
    if let first = targets.first { cursor = max(cursor, first.sequence - 1) } else if let end { cursor = end }
  }

  /// The one in turn has had it.
  ///
  /// - Parameter isNew: whether that was just now, and not before a crash.
  mutating func finished(isNew: Bool, at now: Timestamp) {
    guard place < page.count else { return }
    let sequence = page[place].sequence
    place += 1
    // The deliveries of one exchange stand side by side.
    let isLastOfExchange = place == page.count || page[place].sequence != sequence
    cursor = isLastOfExchange ? sequence : sequence - 1
    guard isNew else { return }
    count += 1
    due = max(due, now - Self.arrears) + interval
  }

  /// The hub takes no orders now: the one in turn keeps it.
  mutating func held(at now: Timestamp) { due = now + Self.pause }

  /// Why too much fails again; nil: it does not, or that cannot be said yet.
  private func brake(_ job: RedeliveryJob) -> String? {
    guard let most = order.errorShareMax else { return nil }
    let failed = job.counts.failed - job.failedBefore
    let ended = failed + job.counts.delivered - job.deliveredBefore
    guard ended >= Self.measuredMin, Double(failed) >= most * Double(ended) else { return nil }
    return "\(failed) of the \(ended) that ended failed again, the limit is \(Self.percent(most))"
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
  }
}
