internal import HubKit

/// How long deliveries waited, in fixed buckets: bounded in size however many there are, and the same whatever the
/// order in which they came.
public struct WaitingTimes: Sendable, Hashable, Codable {
  /// Upper bounds of the buckets, in milliseconds; a last bucket holds all that is longer.
  public static let boundsMilliseconds: [Int64] = [
    10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 14_400_000,
    86_400_000,
  ]

  /// How many there were.
  public private(set) var count = 0
  private var sumMicroseconds: Int64 = 0
  private var longestMicroseconds: Int64 = 0
  private var buckets = [Int](repeating: 0, count: boundsMilliseconds.count + 1)

  /// Nobody has waited yet.
  public init() {}

  /// Counts one. A clock that was set back may make it negative: that counts as nothing waited.
  public mutating func add(_ duration: Duration) {
    let microseconds = max(0, duration.wholeMicroseconds)
    let bucket = Self.boundsMilliseconds.firstIndex { microseconds <= $0 * 1000 } ?? Self.boundsMilliseconds.count
    buckets[bucket] += 1
    count += 1
    sumMicroseconds += microseconds
    longestMicroseconds = max(longestMicroseconds, microseconds)
  }

  /// The mean in whole milliseconds; nil before the first.
  public var meanMilliseconds: Int64? { count == 0 ? nil : sumMicroseconds / Int64(count) / 1000 }

  /// A time that at least `percent` of 100 did not exceed, in whole milliseconds: the upper bound of the bucket in
  /// which the rank falls, or the longest wait where that is shorter. Nil before the first.
  public func milliseconds(percent: Int) -> Int64? {
    guard count > 0 else { return nil }
    let rank = max(1, (count * percent + 99) / 100)
    var seen = 0
    for (bound, number) in zip(Self.boundsMilliseconds, buckets) {
      seen += number
      if seen >= rank { return min(bound, longestMilliseconds) }
    }
    return longestMilliseconds
  }

  private var longestMilliseconds: Int64 { (longestMicroseconds + 999) / 1000 }
}
