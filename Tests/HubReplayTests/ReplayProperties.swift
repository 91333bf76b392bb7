import FoundationEssentials
import HubKit
import HubTesting
import HubTransform
import Testing

@testable import HubReplay

/// One seed beside the other tests; `Scripts/test` plays a hundred after them. `LGSP_REPLAY_SEEDS` says how many,
/// `LGSP_REPLAY_SEED` which is the first.
@Suite("Recorded traffic, replayed", .serialized)
struct ReplayProperties {
  private static let messages = 110

  @Test("On the same configuration nothing differs; on a changed one exactly the exchanges that the change touches do")
  func seeds() async throws {
    let environment = ProcessInfo.processInfo.environment
    let wanted = environment["LGSP_REPLAY_SEEDS"].flatMap { UInt64($0) }
    let count = wanted ?? 1
    let first = environment["LGSP_REPLAY_SEED"].flatMap { UInt64($0) } ?? 1
    let pool = TransformPool(program: nil)
    defer { pool.shutdown() }
    var played = 0
    for seed in first..<first + count {
      let traffic = try Traffic(seed: seed, pool: pool)
      try await traffic.run(Self.messages, seed: seed)
      let recordings = try await traffic.recordings()
      await traffic.close()
      played += recordings.count
      try await nothingDiffers(recordings, seed, pool)
      if seed < first + 3 { try await changesShow(recordings, wanted == nil ? 3 : 10, seed, pool) }
    }
    #expect(played >= Int(count) * 100, "a message is lost only at the door")
  }

  private func nothingDiffers(_ recordings: [Recording], _ seed: UInt64, _ pool: TransformPool) async throws {
    for recording in recordings {
      #expect(recording.exchange.oddities == [], "LGSP_REPLAY_SEED=\(seed): \(recording.exchange)")
    }
    let report = try await replay(recordings, on: TrafficRoutes.stand(TrafficRoutes.book(), pool))
    #expect(report.isClean && report.same == recordings.count, "LGSP_REPLAY_SEED=\(seed)")
    #expect(report.groups.isEmpty && report.newCalls == 0 && report.missingCalls == 0, "LGSP_REPLAY_SEED=\(seed)")
  }

  private func changesShow(
    _ recordings: [Recording], _ count: Int, _ seed: UInt64, _ pool: TransformPool
  ) async throws {
    var random = SeededRandom(seed: seed &* 7919)
    for _ in 0..<count {
      let (change, kind) = TrafficRoutes.change(&random)
      let touched = recordings.filter { $0.sends(kind: kind, by: change.route) }.map(\.exchange.id)
      let report = try await replay(recordings, on: TrafficRoutes.stand(TrafficRoutes.book(change), pool))
      let words = "LGSP_REPLAY_SEED=\(seed): \(change)"
      #expect(report.different == touched.count && report.same == recordings.count - touched.count, "\(words)")
      #expect(report.groups.count == (touched.isEmpty ? 0 : 1), "\(words): \(report.groups)")
      #expect(Set(report.groups.first?.exchanges ?? []) == Set(touched), "\(words)")
    }
  }
}

extension Recording {
  /// Whether a route sent something of a kind to somebody.
  fileprivate func sends(kind: Int, by route: String) -> Bool {
    exchange.made.deliveries.contains { delivery in
      guard delivery.route == route, delivery.name.role != "call", let bytes = contents[delivery.body] else {
        return false
      }
      return String(decoding: bytes, as: UTF8.self).contains("\"kind\":\(kind),")
    }
  }
}
