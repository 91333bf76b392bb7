public import HubKit

/// Is told what passes, as it happens: for the console. Called on the bus's own tasks, so it must be quick.
public protocol BusObserver: Sendable {
  /// A message was written down.
  func accepted(type: String, at time: Timestamp)

  /// An exchange came to its end.
  func settled(_ state: ExchangeState)

  /// A message was refused at the door. The reason holds no personal data.
  func refused(_ refusal: NotAccepted, principal: Principal, type: String, at time: Timestamp)
}

/// The durations of an endpoint's last attempts that succeeded.
struct RecentDurations: Sendable {
  private var ring: [Int64] = []
  private var next = 0
  private static let countMax = 256

  mutating func add(_ microseconds: Int64) {
    if ring.count < Self.countMax { ring.append(microseconds) } else { ring[next] = microseconds }
    next = (next + 1) % Self.countMax
  }

  /// The duration below which `share` of the attempts lie; nil before the first.
  func percentile(_ share: Double) -> Duration? {
    guard !ring.isEmpty else { return nil }
    let sorted = ring.sorted()
    return .microseconds(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
  }
}
