import FoundationEssentials
import Testing

@testable import HubBus

@Suite("The core, simulated: seeded runs with crashes, in virtual time")
struct SimulationTests {
  @Test("Nothing is lost, doubled or out of order, whatever fails and whenever the hub is killed")
  func seeds() {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["LGSP_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 300
    let first = environment["LGSP_SIMULATION_SEED"].flatMap { UInt64($0) } ?? 1
    for seed in first..<first + count {
      let complaints = SimulationRun.complaints(seed: seed)
      #expect(complaints.isEmpty, "LGSP_SIMULATION_SEED=\(seed) LGSP_SIMULATION_SEEDS=1: \(complaints.prefix(3))")
    }
  }
}
