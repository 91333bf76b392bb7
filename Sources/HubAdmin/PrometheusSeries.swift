import CoreMetrics
import Synchronization

/// One line, or for a histogram one block of lines, of the exposition.
protocol PrometheusSeries: AnyObject, Sendable {
  /// Writes the samples under `name`.
  func write(to text: inout PrometheusText, name: String, labels: [(name: String, value: String)])
}

/// Only goes up, until the process ends.
final class CounterSeries: PrometheusSeries, CounterHandler, FloatingPointCounterHandler {
  private let value = Mutex(0.0)

  func increment(by amount: Int64) { increment(by: Double(amount)) }

  /// A negative or absurd amount would break every rate computed from it: it is left out.
  func increment(by amount: Double) {
    guard amount.isFinite, amount > 0 else { return }
    value.withLock { $0 += amount }
  }

  func reset() { value.withLock { $0 = 0 } }

  func write(to text: inout PrometheusText, name: String, labels: [(name: String, value: String)]) {
    text.sample(name, labels, value.withLock { $0 })
  }
}

/// Says what is so now.
final class GaugeSeries: PrometheusSeries, MeterHandler, RecorderHandler {
  private let value = Mutex(0.0)

  func set(_ new: Int64) { set(Double(new)) }
  func set(_ new: Double) { value.withLock { $0 = new } }
  func record(_ new: Int64) { set(Double(new)) }
  func record(_ new: Double) { set(new) }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }

  func write(to text: inout PrometheusText, name: String, labels: [(name: String, value: String)]) {
    text.sample(name, labels, value.withLock { $0 })
  }
}

/// Counts values in fixed buckets, and remembers the latest ones for the status page.
final class HistogramSeries: PrometheusSeries, TimerHandler, RecorderHandler {
  /// Upper bounds for times, in seconds: from a call within the machine to one that times out.
  static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  /// Upper bounds for counts and sizes: powers of four up to 64 Mi.
  static let sizes = (0...13).map { Double(1 << (2 * $0)) }
  /// How many of the latest values are remembered.
  static let recentMax = 256

  private struct State {
    /// One more than there are bounds: the last is for what is larger.
    var counts: [Int]
    var sum = 0.0
    var recent: [Double] = []
    var next = 0
  }

  private let bounds: [Double]
  private let state: Mutex<State>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard value.isFinite else { return }
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[bucket] += 1
      state.sum += value
      if state.recent.count < Self.recentMax { state.recent.append(value) } else { state.recent[state.next] = value }
      state.next = (state.next + 1) % Self.recentMax
    }
  }

  /// The smallest of the latest values that is no smaller than the given part of them (nearest rank); nil before the
  /// first.
  func recentQuantile(_ part: Double) -> Double? {
    let sorted = state.withLock { $0.recent }.sorted()
    guard !sorted.isEmpty else { return nil }
    let rank = (part * Double(sorted.count)).rounded(.up)
    return sorted[min(sorted.count - 1, max(0, Int(rank) - 1))]
  }

  func write(to text: inout PrometheusText, name: String, labels: [(name: String, value: String)]) {
    let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
    var cumulated = 0
    for (bound, count) in zip(bounds + [.infinity], counts) {
      cumulated += count
      text.sample("\(name)_bucket", labels + [("le", PrometheusText.number(bound))], Double(cumulated))
    }
    text.sample("\(name)_sum", labels, sum)
    text.sample("\(name)_count", labels, Double(cumulated))
  }
}
