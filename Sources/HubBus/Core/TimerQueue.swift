internal import HubKit

/// Times at which the core wants to be woken, earliest first: a binary heap.
struct TimerQueue {
  enum Target {
    /// The endpoint's pause is over.
    case endpoint(String)
    /// The head of a lane has rested.
    case lane(EndpointSeat.LaneName, endpoint: String)
    /// The exchange is too late to be sent.
    case expiry(ExchangeID)
    /// An agency has held a delivery long enough without acknowledging it.
    case lease(DeliveryRef)
  }

  private var heap: [(time: Timestamp, target: Target)] = []
  /// Wake-ups that the shell was asked for and that have not come yet, latest first. An earlier one is asked for on
  /// top of a later one, never the same or a later one: so there are as few as can be.
  private var armed: [Timestamp] = []

  var count: Int { heap.count }

  mutating func add(_ time: Timestamp, _ target: Target) {
    heap.append((time, target))
    rise(heap.count - 1)
  }

  /// The earliest time, when no wake-up comes soon enough for it.
  mutating func newEarliest() -> Timestamp? {
    guard let first = heap.first?.time, armed.last.map({ first < $0 }) ?? true else { return nil }
    armed.append(first)
    return first
  }

  /// A wake-up came. It may come too early by the wall clock, which can be set back: whoever is still due later is
  /// armed again.
  mutating func woke() {
    _ = armed.popLast()
  }

  mutating func popDue(_ now: Timestamp) -> Target? {
    guard let first = heap.first, first.time <= now else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink(0)
    return first.target
  }

  /// Forgets times that nobody waits for any more.
  mutating func removeAll(where isStale: (Target) -> Bool) {
    heap.removeAll { isStale($0.target) }
    order()
  }

  /// The clock was set. Wake-ups that were asked for come after the same length of time; so do the times for which
  /// `isWait` holds, while the others stay at their moment.
  mutating func clockWasSet(by jump: Duration, isWait: (Target) -> Bool) {
    armed = armed.map { $0 + jump }
    for index in heap.indices where isWait(heap[index].target) { heap[index].time = heap[index].time + jump }
    order()
  }

  private mutating func order() {
    for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(parent) }
  }

  private mutating func rise(_ start: Int) {
    var child = start
    while child > 0, heap[child].time < heap[(child - 1) / 2].time {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func sink(_ start: Int) {
    var parent = start
    while true {
      var smallest = parent
      for child in parent * 2 + 1...parent * 2 + 2
      where child < heap.count && heap[child].time < heap[smallest].time {
        smallest = child
      }
      guard smallest != parent else { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
