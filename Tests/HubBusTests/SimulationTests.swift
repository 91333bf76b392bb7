import Dispatch
import FoundationEssentials
import Testing

@testable import HubBus

/// Some hundred seeds beside the other tests, since many would take the processors from those that wait for sockets.
/// `Scripts/test` runs ten thousand after them. `LGSP_SIMULATION_SEEDS` says how many, `LGSP_SIMULATION_SEED` which is
/// the first.
@Suite("The core, simulated: seeded runs with crashes, in virtual time")
struct SimulationTests {
  private static let batch: UInt64 = 50

  @Test("Nothing is lost, doubled or out of order, whatever fails and whenever the hub is killed")
  func seeds() async {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["LGSP_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 300
    let first = environment["LGSP_SIMULATION_SEED"].flatMap { UInt64($0) } ?? 1
    await withTaskGroup(of: [String].self) { group in
      for start in stride(from: first, to: first + count, by: Int(Self.batch)) {
        group.addTask { await Self.complaints(start..<min(start + Self.batch, first + count)) }
      }
      for await complaints in group {
        for complaint in complaints { Issue.record("\(complaint)") }
      }
    }
  }

  /// Runs beside the tests that wait for sockets and clocks, not in the few threads that they share.
  private static func complaints(_ seeds: Range<UInt64>) async -> [String] {
    await withCheckedContinuation { continuation in
      queue.async {
        continuation.resume(
          returning: seeds.compactMap { seed in
            let complaints = SimulationRun.complaints(seed: seed)
            guard !complaints.isEmpty else { return nil }
            return "LGSP_SIMULATION_SEED=\(seed) LGSP_SIMULATION_SEEDS=1: \(complaints.prefix(3))"
          })
      }
    }
  }

  private static let queue = DispatchQueue(label: "simulation", qos: .utility, attributes: .concurrent)

  /// Seeds that found something once, whatever the number of seeds that are played.
  @Test("What was found once is not found again", arguments: [542, 3175, 22_653] as [UInt64])
  func oldFindings(seed: UInt64) {
    #expect(SimulationRun.complaints(seed: seed) == [])
  }
}
