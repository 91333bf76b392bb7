import HubKit
import Testing

@testable import HubBus

@Suite("The core: what redelivery jobs put back")
struct CoreTestsRedelivery {
  private typealias Told = BusCore.Redelivered
  private let policies = ["a": EndpointPolicy.patient()]

  /// A lane of which each message waits for a person: its endpoint had left the configuration.
  private func parkedLane(_ count: Int) -> (hub: CoreDriver, ids: [ExchangeID]) {
    var hub = CoreDriver(policies)
    hub.handle(.adopt([:]))
    let ids = (0..<count).map { _ in hub.send(key: "k") }
    hub.handle(.adopt(policies))
    #expect(hub.underway.isEmpty && ids.allSatisfy { hub.outcomes[$0]?.state == .failed })
    return (hub, ids)
  }

  private func told(_ hub: CoreDriver) -> [Told] { hub.records.flatMap(\.redelivered) }

  @Test("A record says which job put a delivery back, and how it ended for that job, also after a restart")
  func ends() throws {
    var (hub, ids) = parkedLane(2)
    for id in ids { _ = try hub.order(.redeliver, id, delivery: 1, job: 7).get() }
    #expect(told(hub) == [Told(job: 7, delivery: 1, end: .putBack), Told(job: 7, delivery: 1, end: .putBack)])
    hub = hub.restarted(policies)
    hub.succeed(ids[0].delivery())
    hub = hub.restarted(policies)
    hub.fail(ids[1].delivery(), .reject)
    #expect(
      told(hub).suffix(2) == [Told(job: 7, delivery: 1, end: .delivered), Told(job: 7, delivery: 1, end: .failed)])
    // What a person puts back himself afterwards is no job's.
    _ = try hub.order(.redeliver, ids[1]).get()
    hub.succeed(ids[1].delivery())
    #expect(told(hub).count == 4)
    #expect(hub.steps(ids[0]).filter { $0.name == .redriven }.map(\.job) == [7])
    #expect(hub.steps(ids[1]).filter { $0.name == .redriven }.map(\.job) == [7, nil])
    #expect(hub.core.isEmpty)
  }

  @Test("A lane goes out in the order of receipt; where its head fails again, nothing overtakes it")
  func order() throws {
    var (hub, ids) = parkedLane(4)
    for id in ids { _ = try hub.order(.redeliver, id, job: 7).get() }
    #expect(hub.underway == [ids[0].delivery()])
    hub.succeed(ids[0].delivery())
    hub.fail(ids[1].delivery(), .reject)
    #expect(hub.underway.isEmpty)
    #expect(ids.suffix(2).map { hub.state($0.delivery()) } == [.held, .held])
    hub = hub.restarted(policies)
    #expect(hub.underway.isEmpty, "it bars its lane after a restart too")
    _ = try hub.order(.redeliver, ids[1], job: 8).get()
    for id in ids.dropFirst() {
      #expect(hub.underway == [id.delivery()])
      hub.succeed(id.delivery())
    }
    #expect(
      told(hub).filter { $0.job == 7 }.map(\.end).filter { $0 != .putBack } == [
        .delivered, .failed, .delivered, .delivered,
      ])
    #expect(told(hub).filter { $0.job == 8 }.map(\.end) == [.putBack, .delivered])
  }

  @Test("While a job is between two of a lane, those behind still wait")
  func halfWay() throws {
    var (hub, ids) = parkedLane(3)
    _ = try hub.order(.redeliver, ids[0], job: 7).get()
    hub.succeed(ids[0].delivery())
    #expect(hub.underway.isEmpty, "the second one waits for the job, and the third one behind it")
    _ = try hub.order(.redeliver, ids[2], job: 7).get()
    #expect(hub.underway.isEmpty)
    _ = try hub.order(.redeliver, ids[1], job: 7).get()
    #expect(hub.underway == [ids[1].delivery()])
  }

  @Test("A message that is planned again counts by the end of its exchange")
  func unfit() throws {
    var hub = CoreDriver(policies)
    let id = hub.receive()
    hub.handle(.planned(id, .invalid(route: "r", violations: [Violation(rule: "x", message: "y")], microseconds: 1)))
    _ = try hub.order(.redeliver, id, job: 7).get()
    hub = hub.restarted(policies)
    hub.plan(id, to: ["a"])
    hub.succeed(id.delivery())
    #expect(told(hub) == [Told(job: 7, delivery: nil, end: .putBack), Told(job: 7, delivery: nil, end: .delivered)])
  }
}
