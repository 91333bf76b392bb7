import HubJournal
import HubKit
import Testing

@testable import HubBus

@Suite("What a redelivery job does next")
struct RedeliveryMachineTests {
  private static let start = Timestamp(seconds: 1_700_000_000)

  private func job(
    rate: Double = 10, errorShareMax: Double? = nil, countMax: Int? = nil, cursor: Int64 = 0,
    _ change: (inout RedeliveryJob) -> Void = { _ in }
  ) -> RedeliveryJob {
    var job = RedeliveryJob(
      number: 1,
      order: RedeliveryOrder(
        filter: "{}", by: "an", reason: "r", at: Self.start, rate: rate, errorShareMax: errorShareMax,
        countMax: countMax), through: 100)
    job.cursor = cursor
    change(&job)
    return job
  }

  private func target(_ sequence: Int64, _ delivery: Int? = 1) -> RedeliveryTarget {
    RedeliveryTarget(
      exchange: ExchangeID(time: Timestamp(seconds: sequence), random: (1, 2)), delivery: delivery, sequence: sequence,
      endpoint: "a")
  }

  @Test("It reads page by page from where it was, gives each its turn in order, and is done behind the last")
  func order() {
    let job = job(rate: 10_000, cursor: 4)
    var machine = RedeliveryMachine(job, at: Self.start)
    var now = Self.start
    #expect(machine.step(job, at: now) == .read(after: 4))
    let first = [target(5), target(7, 1), target(7, 2)]
    machine.took(first, next: 9)
    for (wanted, cursor) in zip(first, [5, 6, 7] as [Int64]) {
      #expect(machine.step(job, at: now) == .putBack(wanted))
      machine.finished(isNew: true, at: now)
      #expect(machine.cursor == cursor, "an exchange is behind it only with its last delivery")
      now = now + .milliseconds(1)
    }
    #expect(machine.step(job, at: now) == .read(after: 9))
    machine.took([], next: 20)
    #expect(machine.cursor == 20)
    #expect(machine.step(job, at: now) == .read(after: 20))
    machine.took([], next: nil)
    guard case .end(.done, _) = machine.step(job, at: now) else { return #expect(Bool(false), "it is not done") }
  }

  @Test("It keeps its rate, catches up a little, and waits no longer when the clock is set back")
  func pace() {
    let job = job(rate: 2)
    var machine = RedeliveryMachine(job, at: Self.start)
    machine.took((1...9).map { target($0) }, next: nil)
    var now = Self.start
    var times: [Timestamp] = []
    while times.count < 5 {
      switch machine.step(job, at: now) {
      case .wait(let until): now = until
      default:
        times.append(now)
        machine.finished(isNew: true, at: now)
      }
    }
    #expect(times.map { $0 - Self.start } == (0..<5).map { .milliseconds(500 * $0) })
    now = now + .seconds(3600)
    machine.finished(isNew: true, at: now)
    #expect(machine.step(job, at: now) == .wait(until: now + .milliseconds(400)), "an hour is not caught up")
    let back = now - .seconds(86_400)
    #expect(machine.step(job, at: back) == .wait(until: back + .seconds(1)))
  }

  @Test("What it had its turn with before a crash costs no time and counts once")
  func repeated() {
    let job = job(rate: 1, countMax: 3) { $0.counts.putBack = 2 }
    var machine = RedeliveryMachine(job, at: Self.start)
    machine.took([target(1), target(2), target(3), target(4)], next: nil)
    machine.finished(isNew: false, at: Self.start)
    machine.finished(isNew: false, at: Self.start)
    #expect(machine.step(job, at: Self.start) == .putBack(target(3)))
    machine.finished(isNew: true, at: Self.start)
    #expect(machine.step(job, at: Self.start) == .end(.done, why: "the limit of 3 is reached"))
  }

  @Test("While the hub takes no orders the one in turn keeps it")
  func held() {
    let job = job()
    var machine = RedeliveryMachine(job, at: Self.start)
    machine.took([target(1)], next: nil)
    machine.held(at: Self.start)
    #expect(machine.step(job, at: Self.start) == .wait(until: Self.start + .seconds(1)))
    #expect(machine.step(job, at: Self.start + .seconds(1)) == .putBack(target(1)))
    #expect(machine.cursor == 0)
  }

  @Test(
    "It stops when too large a share of what ended failed again, from twenty on, and measures anew once let go",
    arguments: [
      (19, 19, 0, 0, false), (20, 4, 0, 0, true), (20, 3, 0, 0, false), (25, 4, 0, 0, false), (40, 10, 20, 8, false),
      (40, 12, 20, 8, true), (39, 27, 20, 8, false),
    ])
  func brake(ended: Int, failed: Int, endedBefore: Int, failedBefore: Int, stops: Bool) {
    let job = job(errorShareMax: 0.2) { job in
      job.counts.failed = failed
      job.counts.delivered = ended - failed
      job.failedBefore = failedBefore
      job.deliveredBefore = endedBefore - failedBefore
    }
    var machine = RedeliveryMachine(job, at: Self.start)
    machine.took([target(1)], next: nil)
    let step = machine.step(job, at: Self.start)
    if stops {
      let (count, all) = (failed - failedBefore, ended - endedBefore)
      #expect(
        step == .end(.stopped, why: "\(count) of the \(all) that ended failed again, the limit is 20%"))
    } else {
      #expect(step == .putBack(target(1)))
    }
  }
}
