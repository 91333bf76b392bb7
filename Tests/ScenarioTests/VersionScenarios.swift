import Foundation
import HubKit
import HubTransport
import Testing

/// A far system changes its interface: two versions of one endpoint, side by side, with the real daemon.
extension Scenarios {
  @Suite(.serialized)
  struct VersionScenarios {
    private struct Shown: Decodable {
      struct Versions: Decodable {
        var next, choice, rule: String
        var reason: String?
        var nextWaiting: Int
      }
      var state: String
      var waiting: Int
      var versions: Versions?
    }

    private static func place(_ old: FarSide, _ new: FarSide, when: String) -> BadDay.Place {
      BadDay.Place(
        name: "v", port: old.port,
        more: "timeout: 2s\n  next: {settings: {url: \"http://127.0.0.1:\(new.port)/v2\"}\(when)}")
    }

    private func show(_ city: City, _ name: String = "v") async throws -> Shown {
      let run = try await city.lgsp("endpoint", "show", name, "--json")
      #expect(run.status == 0, "\(run.error)")
      return try JSONDecoder().decode(Shown.self, from: Data(run.output.utf8))
    }

    private func choose(_ version: String, _ city: City) async throws {
      let run = try await city.lgsp("endpoint", "version", "v", version, "--reason", "thử")
      #expect(run.status == 0, "\(run.error)")
    }

    /// Hands in the messages of a dossier one after the other, each until it has a receipt: the hub may be down.
    private func handIn(_ numbers: Range<Int>, of dossier: Int, _ city: City, _ token: String) async throws {
      for number in numbers {
        try await waitUntil("\(dossier)-\(number) is taken") {
          let response = try? await city.handIn(
            "\(dossier)-\(number)", to: "v", subject: "dossier-\(dossier)", token: token)
          return response.map { $0.status == 202 || $0.status == 200 } ?? false
        }
      }
    }

    private func traffic(_ numbers: Range<Int>, dossiers: Int, _ city: City, _ token: String) async throws {
      try await withThrowingTaskGroup { group in
        for dossier in 0..<dossiers { group.addTask { try await handIn(numbers, of: dossier, city, token) } }
        try await group.waitForAll()
      }
    }

    /// Whether both far systems together got every message once, and each dossier's in the order of receipt.
    private func check(_ sides: [FarSide], dossiers: Int, numbers: Int) {
      let taken = sides.flatMap(\.taken).sorted { $0.at < $1.at }
      #expect(taken.count == dossiers * numbers, "nothing is lost, nothing doubled")
      #expect(Set(taken.map(\.id)).count == taken.count)
      for dossier in 0..<dossiers {
        let own = taken.map(\.id).filter { $0.hasPrefix("\(dossier)-") }
        #expect(own == (0..<numbers).map { "\(dossier)-\($0)" })
      }
    }

    private func allArrived(_ sides: [FarSide], _ count: Int) async throws {
      try await waitUntil("all have arrived") { sides.reduce(0) { $0 + $1.taken.count } >= count }
    }

    @Test func `half of the dossiers on each version, rolled back in the middle, through kills: each once, in order`()
      async throws
    {
      // Both have bad days; the new one is slow to recover.
      let old = try FarSide { $0 % 9 == 0 ? .refused(503, "Retry-After: 0\r\n") : .taken }
      let new = try FarSide { $0 % 4 == 0 ? .refused(503, "Retry-After: 0\r\n") : .taken }
      try await BadDay.running([Self.place(old, new, when: ", when: {share: 0.5}")]) { city in
        let (dossiers, numbers) = (24, 12)
        let token = try await city.token(of: "H24.2")
        try await traffic(0..<4, dossiers: dossiers, city, token)
        try await waitUntil("both have some") { old.taken.count > 8 && new.taken.count > 8 }
        try await withThrowingTaskGroup { group in
          group.addTask { try await traffic(4..<8, dossiers: dossiers, city, token) }
          try await choose("current", city)
          try await city.stopHub(SIGKILL)
          try await city.startHub()
          try await group.waitForAll()
        }
        let shown = try await show(city)
        #expect(shown.versions?.choice == "current" && shown.versions?.reason == "thử")
        try await allArrived([old, new], dossiers * 8)
        let before = new.taken.count
        try await traffic(8..<10, dossiers: dossiers, city, token)
        try await allArrived([old, new], dossiers * 10)
        #expect(new.taken.count == before, "all lanes were empty, so all go back")
        try await choose("auto", city)
        try await traffic(10..<numbers, dossiers: dossiers, city, token)
        try await allArrived([old, new], dossiers * numbers)
        #expect(new.taken.count > before)
        check([old, new], dossiers: dossiers, numbers: numbers)
        try await waitUntil("all have settled") { try await city.search("--state", "underway").isEmpty }
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `what waits for a dead version is followed there, on the disk too, and other dossiers go at once`()
      async throws
    {
      let old = try FarSide { _ in .refused(503) }
      let new = try FarSide()
      let city = try await BadDay.prepare([Self.place(old, new, when: "")])
      do {
        try city.change("hub.yaml", replacing: "32MiB}", with: "32MiB, laneWindowMax: 3}")
        try await city.startHub()
        let token = try await city.token(of: "H24.2")
        try await traffic(0..<2, dossiers: 6, city, token)
        try await choose("next", city)
        try await traffic(2..<3, dossiers: 6, city, token)
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        try await traffic(3..<4, dossiers: 6, city, token)
        try await handIn(0..<4, of: 6, city, token)
        try await waitUntil("a new dossier takes the new version") { new.taken.count == 4 }
        try await waitUntil("all of the others wait") {
          let shown = try await show(city)
          return shown.waiting == 24 && shown.versions?.nextWaiting == 0
        }
        old.recover()
        try await allArrived([old, new], 28)
        #expect(new.effects == (0..<4).map { "6-\($0)" })
        check([old, new], dossiers: 7, numbers: 4)
        try await traffic(4..<5, dossiers: 7, city, token)
        try await allArrived([old, new], 35)
        #expect(new.taken.count == 11)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func `versions are paused, listed and probed apart, and orders that make no sense are refused`() async throws
    {
      let (old, new, plain) = (try FarSide(), try FarSide(), try FarSide())
      let places = [
        Self.place(old, new, when: ", when: {keys: [\"dossier-1\"]}"), BadDay.Place(name: "plain", port: plain.port),
      ]
      try await BadDay.running(places) { city in
        let token = try await city.token(of: "H24.2")
        #expect(try await city.lgsp("endpoint", "pause", "v@next", "--reason", "x").status == 0)
        try await traffic(0..<1, dossiers: 2, city, token)
        try await waitUntil("one waits, the other went") {
          let shown = try await show(city)
          return old.effects == ["0-0"] && shown.versions?.nextWaiting == 1 && shown.waiting == 0
        }
        let list = try await city.lgsp("endpoint", "list")
        #expect(list.output.contains("v@next") && list.output.contains("auto (next: keys dossier-1)"), "\(list.output)")
        #expect(try await show(city, "v@next").state == "paused")
        #expect(try await city.lgsp("endpoint", "resume", "v@next", "--reason", "x").status == 0)
        try await waitUntil("it went") { new.effects == ["1-0"] }
        let refused = try await city.lgsp("endpoint", "version", "plain", "next")
        #expect(refused.status == 3 && refused.error.contains("next:"), "\(refused.error)")
        #expect(try await city.lgsp("endpoint", "version", "nobody", "next").status == 5)
        #expect(try await city.lgsp("endpoint", "version", "v", "newest").status == 64)
      }
    }

    @Test func `a date takes over by itself, and a reload brings and takes a version`() async throws {
      let (old, new) = (try FarSide(), try FarSide())
      try await BadDay.running([BadDay.Place(name: "v", port: old.port, more: "timeout: 2s")]) { city in
        let token = try await city.token(of: "H24.2")
        try await traffic(0..<1, dossiers: 3, city, token)
        let date = Timestamp(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000)) + .seconds(6)
        try city.change(
          "endpoints/all.yaml", replacing: "timeout: 2s",
          with: "timeout: 2s\n  next: {settings: {url: \"http://127.0.0.1:\(new.port)/v2\"}, when: {from: \"\(date)\"}}"
        )
        #expect(try await city.lgsp("reload").status == 0)
        try await traffic(1..<2, dossiers: 3, city, token)
        try await allArrived([old], 6)
        try await waitUntil("the day has come") { Date.now.timeIntervalSince1970 * 1e6 > Double(date.microseconds) }
        try await traffic(2..<3, dossiers: 3, city, token)
        try await allArrived([new], 3)
        let file = URL(filePath: "\(city.config)/endpoints/all.yaml")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let first = lines.filter { !$0.contains("next:") }.joined(separator: "\n") + "\n"
        try Data(first.utf8).write(to: file)
        #expect(try await city.lgsp("reload").status == 0)
        try await traffic(3..<4, dossiers: 3, city, token)
        try await allArrived([old], 9)
        check([old, new], dossiers: 3, numbers: 4)
      }
    }
  }
}
