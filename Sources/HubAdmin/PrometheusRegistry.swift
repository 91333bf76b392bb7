public import CoreMetrics
import HubKit
import Synchronization

/// All meters of the process, for `/metrics`: a backend of swift-metrics. Give it to `MetricsSystem.bootstrap` once, at
/// start, and to ``AdminPages``.
///
/// Counters become Prometheus counters, meters and plain recorders gauges, timers and aggregating recorders histograms
/// with fixed buckets. Names are made to begin with `lgsp_`. The number of series is bounded: a family that has its
/// fill counts what comes later under the label value `other`, so that no caller can fill memory with labels.
public final class PrometheusRegistry: MetricsFactory {
  /// How much the registry holds.
  public struct Limits: Sendable, Hashable {
    /// Families; later ones are counted nowhere.
    public var familiesMax: Int
    /// Series in one family, `other` not counted.
    public var seriesMax: Int
    /// Characters of a label's value; the rest is cut off.
    public var labelValueLengthMax: Int

    /// Creates limits.
    public init(familiesMax: Int = 200, seriesMax: Int = 200, labelValueLengthMax: Int = 100) {
      self.familiesMax = familiesMax
      self.seriesMax = seriesMax
      self.labelValueLengthMax = labelValueLengthMax
    }
  }

  /// Label value of what came after a family had its fill.
  public static let otherValue = "other"

  private struct LabelSet: Hashable, Comparable {
    var names: [String]
    var values: [String]

    var pairs: [(name: String, value: String)] { Array(zip(names, values)).map { (name: $0, value: $1) } }

    static func < (left: LabelSet, right: LabelSet) -> Bool {
      left.values.lexicographicallyPrecedes(right.values)
    }
  }

  private struct Family {
    let kind: PrometheusText.Kind
    var series: [LabelSet: any PrometheusSeries] = [:]
  }

  private struct State {
    var families: [String: Family] = [:]
    var overflows = 0
  }

  private let limits: Limits
  private let help: [String: String]
  private let state = Mutex(State())

  /// Creates an empty registry.
  ///
  /// - Parameters:
  ///   - limits: how much it holds.
  ///   - help: a sentence for each family by its full name, besides those that the hub's own have.
  public init(limits: Limits = Limits(), help: [String: String] = [:]) {
    self.limits = limits
    self.help = MetricHelp.sentences.merging(help) { _, given in given }
  }

  /// Finds or makes a counter.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    counter(label, dimensions)
  }

  /// Finds or makes a counter of parts.
  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    counter(label, dimensions)
  }

  /// Finds or makes a gauge.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(MetricName.plain(label), .gauge, dimensions) { GaugeSeries() }
  }

  /// Finds or makes a histogram, or a gauge when `aggregate` is false.
  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    let name = MetricName.plain(label)
    if aggregate { return series(name, .histogram, dimensions) { HistogramSeries(bounds: HistogramSeries.sizes) } }
    return series(name, .gauge, dimensions) { GaugeSeries() }
  }

  /// Finds or makes a histogram of seconds.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(MetricName.timer(label), .histogram, dimensions) { HistogramSeries(bounds: HistogramSeries.seconds) }
  }

  /// Keeps the counter: a series that vanishes and comes back looks like a restart.
  public func destroyCounter(_ handler: any CounterHandler) {}
  /// Keeps the counter.
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  /// Keeps the gauge.
  public func destroyMeter(_ handler: any MeterHandler) {}
  /// Keeps the recorder.
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  /// Keeps the timer.
  public func destroyTimer(_ handler: any TimerHandler) {}

  /// The given part of the latest 256 times of a timer took no longer; nil before the first.
  ///
  /// - Parameters:
  ///   - part: from 0 to 1; 0.5 is the median.
  ///   - label: the timer's name, as code wrote it.
  ///   - dimensions: its labels, all of them.
  public func recentQuantile(_ part: Double, ofTimer label: String, dimensions: [(String, String)]) -> Duration? {
    let (name, labels) = (MetricName.timer(label), labelSet(dimensions))
    let found = state.withLock { $0.families[name]?.series[labels] as? HistogramSeries }
    return found?.recentQuantile(part).map { .nanoseconds(Int64(($0 * 1e9).rounded())) }
  }

  private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
    series(MetricName.counter(label), .counter, dimensions) { CounterSeries() }
  }

  /// The one series of that name and those labels. When a limit stands in the way, or the name means another kind
  /// already, the caller gets a series that works and is never shown, or the family's `other`.
  private func series<Series: PrometheusSeries>(
    _ name: String, _ kind: PrometheusText.Kind, _ dimensions: [(String, String)], make: () -> Series
  ) -> Series {
    var labels = labelSet(dimensions)
    return state.withLock { state in
      if let known = state.families[name]?.series[labels] as? Series { return known }
      guard state.families[name] != nil || state.families.count < limits.familiesMax else {
        state.overflows += 1
        return make()
      }
      var family = state.families[name] ?? Family(kind: kind)
      guard family.kind == kind else {
        state.overflows += 1
        return make()
      }
      if family.series.count >= limits.seriesMax {
        state.overflows += 1
        labels.values = labels.values.map { _ in Self.otherValue }
        if let other = family.series[labels] as? Series { return other }
      }
      let new = make()
      family.series[labels] = new
      state.families[name] = family
      return new
    }
  }

  /// Labels in the order of their names, without repeats.
  private func labelSet(_ dimensions: [(String, String)]) -> LabelSet {
    var byName: [String: String] = [:]
    for (name, value) in dimensions {
      byName[MetricName.label(name)] = String(value.prefix(limits.labelValueLengthMax))
    }
    let sorted = byName.sorted { $0.key < $1.key }
    return LabelSet(names: sorted.map(\.key), values: sorted.map(\.value))
  }

  /// Writes all families, by name.
  func write(to text: inout PrometheusText) {
    let (families, overflows) = state.withLock { ($0.families, $0.overflows) }
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      text.begin(name, family.kind, help: help[name] ?? "Not described.")
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        series.write(to: &text, name: name, labels: labels.pairs)
      }
    }
    text.single(
      "lgsp_metrics_overflow_total", .counter,
      help: "Uses of meters that were counted as other or not shown, because a limit was reached.",
      Double(overflows))
  }
}
