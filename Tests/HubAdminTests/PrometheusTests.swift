import CoreMetrics
import HubAdmin
import HubKit
import Testing

@testable import struct HubAdmin.PrometheusText

@Suite("Meters for Prometheus")
struct PrometheusTests {
  private func read(_ registry: PrometheusRegistry) throws -> Exposition {
    var text = PrometheusText()
    registry.write(to: &text)
    return try Exposition(text.text)
  }

  @Test func `counters, gauges and timers of swift-metrics come out with names, types and help`() throws {
    let registry = PrometheusRegistry(help: ["lgsp_queue_depth": "How many wait."])
    let accepted = Counter(label: "lgsp_exchanges_accepted_total", dimensions: [], factory: registry)
    accepted.increment(by: 3)
    FloatingPointCounter(label: "work.done", factory: registry).increment(by: 0.5)
    Meter(label: "queue-depth", dimensions: [("lane", "a")], factory: registry).set(7)
    Recorder(label: "lgsp_level", dimensions: [], aggregate: false, factory: registry).record(-2.5)
    CoreMetrics.Timer(label: "lgsp_attempt_seconds", dimensions: [("endpoint", "x")], factory: registry)
      .recordNanoseconds(7_000_000)
    let read = try read(registry)
    #expect(read.value("lgsp_exchanges_accepted_total") == 3)
    #expect(read.value("lgsp_work_done_total") == 0.5)
    #expect(read.value("lgsp_queue_depth", ["lane": "a"]) == 7)
    #expect(read.value("lgsp_level") == -2.5)
    #expect(read.help["lgsp_queue_depth"] == "How many wait.")
    #expect(read.help["lgsp_exchanges_accepted_total"] == "Exchanges for which a receipt was given.")
    #expect(
      read.types == [
        "lgsp_exchanges_accepted_total": "counter", "lgsp_work_done_total": "counter", "lgsp_queue_depth": "gauge",
        "lgsp_level": "gauge", "lgsp_attempt_seconds": "histogram", "lgsp_metrics_overflow_total": "counter",
      ])
    #expect(Set(read.help.keys) == Set(read.types.keys))
  }

  @Test func `a histogram's buckets cumulate up to its count`() throws {
    let registry = PrometheusRegistry()
    let timer = CoreMetrics.Timer(label: "t", dimensions: [("e", "x")], factory: registry)
    for nanoseconds: Int64 in [1_000_000, 1_000_001, 40_000_000, 90_000_000_000] {
      timer.recordNanoseconds(nanoseconds)
    }
    let read = try read(registry)
    func bucket(_ bound: String) -> Double? { read.value("lgsp_t_seconds_bucket", ["e": "x", "le": bound]) }
    #expect(bucket("0.001") == 1)
    #expect(bucket("0.0025") == 2)
    #expect(bucket("0.025") == 2)
    #expect(bucket("0.05") == 3)
    #expect(bucket("60") == 3)
    #expect(bucket("+Inf") == 4)
    #expect(read.value("lgsp_t_seconds_count", ["e": "x"]) == 4)
    let sum = try #require(read.value("lgsp_t_seconds_sum", ["e": "x"]))
    #expect(abs(sum - 90.042000001) < 1e-9)
  }

  @Test func `a counter made twice is one, whatever the order of its labels`() throws {
    let registry = PrometheusRegistry()
    Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
    Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
    #expect(try read(registry).value("lgsp_c_total", ["a": "1", "b": "2"]) == 2)
  }

  @Test func `labels without end are counted together, and that is counted too`() throws {
    let registry = PrometheusRegistry(limits: .init(familiesMax: 2, seriesMax: 3, labelValueLengthMax: 5))
    for number in 0..<1000 {
      Counter(label: "c", dimensions: [("id", String(number))], factory: registry).increment()
    }
    Counter(label: "long", dimensions: [("id", "0123456789")], factory: registry).increment()
    Counter(label: "third", factory: registry).increment()
    let read = try read(registry)
    #expect(read.samples.filter { $0.name == "lgsp_c_total" }.count == 4)
    #expect(read.value("lgsp_c_total", ["id": "2"]) == 1)
    #expect(read.value("lgsp_c_total", ["id": PrometheusRegistry.otherValue]) == 997)
    #expect(read.value("lgsp_long_total", ["id": "01234"]) == 1)
    #expect(read.types["lgsp_third_total"] == nil)
    #expect(read.value("lgsp_metrics_overflow_total") == 998)
  }

  @Test func `names and labels that the format does not allow are made to fit`() throws {
    let registry = PrometheusRegistry()
    Counter(label: "hồ.sơ-1", dimensions: [("le", "1"), ("2x", "2"), ("__y", "3")], factory: registry).increment()
    #expect(try read(registry).value("lgsp_h__s__1_total", ["x_le": "1", "x_2x": "2", "x___y": "3"]) == 1)
  }

  @Test func `one name cannot be two kinds`() throws {
    let registry = PrometheusRegistry()
    Meter(label: "x", dimensions: [], factory: registry).set(1)
    Recorder(label: "x", dimensions: [], aggregate: true, factory: registry).record(5)
    let read = try read(registry)
    #expect(read.types["lgsp_x"] == "gauge")
    #expect(read.value("lgsp_x") == 1)
    #expect(read.value("lgsp_metrics_overflow_total") == 1)
  }

  @Test func `the latest times of a timer give its quantiles`() {
    let registry = PrometheusRegistry()
    let timer = CoreMetrics.Timer(label: "t", dimensions: [("e", "x")], factory: registry)
    #expect(registry.recentQuantile(0.5, ofTimer: "t", dimensions: [("e", "x")]) == nil)
    for milliseconds in 1...1256 { timer.recordMilliseconds(milliseconds) }
    #expect(registry.recentQuantile(0.5, ofTimer: "t", dimensions: [("e", "x")]) == .milliseconds(1128))
    #expect(registry.recentQuantile(0.95, ofTimer: "t", dimensions: [("e", "x")]) == .milliseconds(1244))
    #expect(registry.recentQuantile(1, ofTimer: "t", dimensions: [("e", "x")]) == .milliseconds(1256))
  }
}
