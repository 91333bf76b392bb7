public import HubKit
import Synchronization

/// Counts events by name and minute, for the flows of the status page. Called from any task.
///
/// It remembers a fixed number of names; those that come later are counted together.
public final class MinuteCounts: Sendable {
  /// Name under which everything is counted that came after the table was full.
  public static let otherName = "other"

  private struct Ring {
    var counts: [Int]
    /// The minute that was counted last, since the epoch.
    var minute: Int64
  }

  private let minutes: Int
  private let namesMax: Int
  private let rings = Mutex<[String: Ring]>([:])

  /// Creates counts over so many minutes for at most so many names.
  public init(minutes: Int = 60, namesMax: Int = 50) {
    self.minutes = max(1, minutes)
    self.namesMax = max(1, namesMax)
  }

  /// Counts `count` events.
  public func add(_ count: Int = 1, to name: String, at time: Timestamp) {
    let minute = Self.minute(time)
    rings.withLock { rings in
      let key = rings[name] != nil || rings.count < namesMax ? name : Self.otherName
      var ring = rings[key] ?? Ring(counts: Array(repeating: 0, count: minutes), minute: minute)
      Self.advance(&ring, to: minute)
      let age = ring.minute - minute
      if age < Int64(minutes) { ring.counts[minutes - 1 - Int(age)] += count }
      rings[key] = ring
    }
  }

  /// The flows up to `time`, busiest first, equal ones by name.
  public func rows(at time: Timestamp) -> [FlowRow] {
    let minute = Self.minute(time)
    let rows = rings.withLock { rings in
      rings.map { name, ring in
        var ring = ring
        Self.advance(&ring, to: minute)
        return FlowRow(name: name, perMinute: ring.counts)
      }
    }
    return rows.sorted { left, right in
      let (a, b) = (left.perMinute.reduce(0, +), right.perMinute.reduce(0, +))
      return a == b ? left.name < right.name : a > b
    }
  }

  private static func minute(_ time: Timestamp) -> Int64 {
    let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: 60_000_000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// Moves the window; a clock that was set back leaves it where it is.
  private static func advance(_ ring: inout Ring, to minute: Int64) {
    let steps = minute - ring.minute
    guard steps > 0 else { return }
    let dropped = Int(min(steps, Int64(ring.counts.count)))
    ring.counts.removeFirst(dropped)
    ring.counts.append(contentsOf: repeatElement(0, count: dropped))
    ring.minute = minute
  }
}
