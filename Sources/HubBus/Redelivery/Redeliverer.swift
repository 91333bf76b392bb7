internal import HubJournal
internal import HubKit
internal import Logging
internal import ServiceLifecycle

/// Carries out what ``RedeliveryMachine`` decides for one job. What it did is in the journal before it goes on: the
/// step of the exchange names the job, so a kill at any point repeats nothing.
struct Redeliverer {
  let bus: Bus
  let number: Int64

  /// Works until the job is over or halted, or the hub stops.
  func run() async {
    await cancelWhenGracefulShutdown {
      var machine: RedeliveryMachine?
      while !Task.isCancelled {
        do {
          guard let job = try bus.journal.redelivery(number), job.state == .running else { return }
          let before = if let machine { machine } else { try await begin(job) }
          machine = try await step(job, before)
        } catch is CancellationError {
          return
        } catch {
          bus.logger.error("a redelivery job waits", metadata: ["job": "\(number)", "reason": "\(error)"])
          try? await bus.clock.sleep(until: bus.clock.now + RedeliveryMachine.pause)
        }
      }
    }
  }

  /// Counts what there is before anything is put back.
  private func begin(_ job: RedeliveryJob) async throws -> RedeliveryMachine {
    if job.counts.selected == nil {
      var (count, next) = (0, Optional(Int64(0)))
      while let after = next {
        let page = try await page(of: job, after: after)
        count += page.targets.count
        next = page.next
        try Task.checkCancellation()
      }
      try await bus.journal.setRedelivery(number, selected: min(count, job.order.countMax ?? count))
    }
    return RedeliveryMachine(job, at: bus.clock.now)
  }

  private func step(_ job: RedeliveryJob, _ before: RedeliveryMachine) async throws -> RedeliveryMachine {
    var machine = before
    switch machine.step(job, at: bus.clock.now) {
    case .read(let after):
      let page = try await page(of: job, after: after)
      machine.took(page.targets, next: page.next)
      if machine.cursor > job.cursor { bus.journal.advanceRedelivery(number, to: machine.cursor, refused: []) }
    case .putBack(let target): try await putBack(target, for: job, &machine)
    case .wait(let time): try await bus.clock.sleep(until: time)
    case .end(let state, let why):
      try await bus.journal.setRedelivery(number, state, by: "hub", reason: why)
      bus.logger.notice(
        "a redelivery job has ended", metadata: ["job": "\(number)", "state": "\(state.rawValue)", "reason": "\(why)"])
    }
    return machine
  }

  private func putBack(
    _ target: RedeliveryTarget, for job: RedeliveryJob, _ machine: inout RedeliveryMachine
  ) async throws {
    let isDone = try bus.journal.isRedelivered(by: number, sequence: target.sequence, delivery: target.delivery)
    var refused: [(exchange: ExchangeID, delivery: Int?, why: String)] = []
    if !isDone {
      do throws(OrderRefusal) {
        try await bus.redeliver(target, for: job)
        bus.metrics.redelivered(endpoint: target.endpoint ?? "-")
      } catch  where error.code == .unavailable {
        return machine.held(at: bus.clock.now)
      } catch {
        refused = [(target.exchange, target.delivery, error.description)]
      }
    }
    machine.finished(isNew: !isDone, at: bus.clock.now)
    bus.journal.advanceRedelivery(number, to: machine.cursor, refused: refused)
  }

  /// What waited for a person when the job was ordered, and still does.
  private func page(
    of job: RedeliveryJob, after: Int64
  ) async throws(OrderRefusal) -> (targets: [RedeliveryTarget], next: Int64?) {
    guard let filter = DeadLetterFilter(text: job.order.filter) else {
      throw OrderRefusal(.unavailable, "Không đọc được bộ lọc", "the filter of job \(number) cannot be read")
    }
    let page = try await bus.deadLetters(filter, after: after, limit: 100)
    let targets = page.letters.filter { $0.step <= job.through }.map { letter in
      RedeliveryTarget(
        exchange: letter.exchange, delivery: letter.delivery, sequence: letter.sequence, endpoint: letter.endpoint)
    }
    return (targets, page.next.flatMap { $0 < job.through ? $0 : nil })
  }
}
