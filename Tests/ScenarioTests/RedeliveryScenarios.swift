import Foundation
import HubKit
import Testing

/// Redelivery in bulk is the hub's own work: with the real daemon, through kills.
extension Scenarios {
  @Suite(.serialized)
  struct RedeliveryScenarios {
    private struct Job: Decodable {
      struct Failure: Decodable { var id, end: String }
      var job: Int
      var state, stateBy, stateReason, by, reason: String
      var selected: Int?
      var putBack, refused, delivered, failed, open: Int
      var failures: [Failure]?
    }

    private func job(_ run: City.Run) throws -> Job {
      #expect(run.status == 0, "\(run.error)")
      return try JSONDecoder().decode(Job.self, from: Data(run.output.utf8))
    }

    private func job(_ number: Int, _ city: City) async throws -> Job {
      try job(try await city.lgsp("redeliver", "jobs", "\(number)", "--json"))
    }

    private func letters(_ city: City) async throws -> Int {
      let run = try await city.lgsp("deadletters", "--json", "--limit", "1000")
      #expect(run.status == 0, "\(run.error)")
      return run.output.split(separator: "\n").count
    }

    /// Messages of several lanes, all of which wait for a person: their endpoint had left the configuration.
    private func park(_ city: City, lanes: Int, each: Int) async throws {
      #expect(try await city.lgsp("endpoint", "pause", "away", "--reason", "thử").status == 0)
      let token = try await city.token(of: "H24.2")
      for number in 0..<each {
        for lane in 0..<lanes {
          let taken = try await city.handIn("\(lane)-\(number)", to: "away", subject: "lane-\(lane)", token: token)
          #expect(taken.status == 202)
        }
      }
      try await name("away", "elsewhere", city)
      try await waitUntil("all are parked") { try await self.letters(city) == lanes * each }
      try await name("elsewhere", "away", city)
      #expect(try await city.lgsp("endpoint", "resume", "away", "--reason", "xong").status == 0)
    }

    private func name(_ old: String, _ new: String, _ city: City) async throws {
      try city.change("endpoints/all.yaml", replacing: "- name: \(old)", with: "- name: \(new)")
      try city.change("routes/all.yaml", replacing: "to: \(old),", with: "to: \(new),")
      let run = try await city.lgsp("reload")
      #expect(run.status == 0, "\(run.output) \(run.error)")
    }

    /// Messages of a lane each that the far side has refused.
    private func refuse(_ city: City, _ count: Int) async throws {
      let token = try await city.token(of: "H24.2")
      for number in 0..<count {
        #expect(try await city.handIn("m-\(number)", to: "away", subject: "s-\(number)", token: token).status == 202)
      }
      try await waitUntil("all are refused") { try await self.letters(city) == count }
    }

    private func order(_ far: FarSide, lane: Int) -> [String] { far.effects.filter { $0.hasPrefix("\(lane)-") } }

    @Test func `three hundred go out once each, every lane in order, though the hub is killed midway`() async throws {
      let far = try FarSide()
      try await BadDay.running([BadDay.Place(name: "away", port: far.port)]) { city in
        try await park(city, lanes: 10, each: 30)
        let begun = try job(
          try await city.lgsp(
            "redeliver", "--endpoint", "away", "--code", "no-endpoint", "--rate", "100", "--reason", "Đã sửa",
            "--detach", "--json"))
        #expect(begun.job == 1 && begun.state == "running" && begun.reason == "Đã sửa")
        for (limit, signal) in [(40, SIGKILL), (90, SIGKILL), (150, SIGKILL), (210, SIGTERM)] {
          try await waitUntil("\(limit) are there") { far.effects.count >= limit }
          let status = try await city.stopHub(signal)
          #expect(signal == SIGKILL || status == 0, "a job does not keep the hub from stopping")
          #expect(far.effects.count < 300)
          try await city.startHub()
        }
        try await waitUntil("all are delivered") { try await self.job(1, city).delivered == 300 }
        let ended = try await job(1, city)
        #expect(ended.state == "done" && ended.selected == 300 && ended.putBack == 300)
        #expect(ended.refused == 0 && ended.failed == 0 && ended.open == 0)
        #expect(far.effects.count == 300)
        for lane in 0..<10 { #expect(order(far, lane: lane) == (0..<30).map { "\(lane)-\($0)" }) }
        for view in try await city.search("--type", "vn.test.away") {
          let steps = view.events.filter { $0.name == "redriven" }
          #expect(steps.count == 1, "\(view.id) was put back \(steps.count) times")
          #expect(steps.first?.detail?.contains("Đã sửa; by \(begun.by); redelivery job 1") == true)
        }
        #expect(try await letters(city) == 0)
        let metrics = String(decoding: try await city.get("\(city.gateway)/metrics").body, as: UTF8.self)
        #expect(metrics.contains(#"lgsp_redelivered_total{endpoint="away"}"#))
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `where the first of a lane fails again nothing overtakes it, and other lanes go on`() async throws {
      let far = try FarSide { $0 == 1 ? .refused(422) : .taken }
      try await BadDay.running([BadDay.Place(name: "away", port: far.port)]) { city in
        try await park(city, lanes: 2, each: 4)
        let run = try await city.lgsp("redeliver", "--all", "--endpoint", "away", "--reason", "r")
        #expect(run.status == 0, "\(run.error)")
        try await waitUntil("the rest has ended") { try await self.job(1, city).delivered == 4 }
        let ended = try await job(1, city)
        #expect(ended.putBack == 8 && ended.failed == 1 && ended.open == 3)
        let failure = try #require(ended.failures?.first)
        #expect(failure.end == "failed")
        #expect(far.effects.count == 4 && Set(far.effects.map { $0.prefix(1) }).count == 1)
        #expect(try await city.lgsp("redeliver", failure.id, "--reason", "r").status == 0)
        try await waitUntil("all are there") { far.effects.count == 8 }
        for lane in 0..<2 { #expect(order(far, lane: lane) == (0..<4).map { "\(lane)-\($0)" }) }
      }
    }

    @Test func `too many errors stop a job, which says why and can go on`() async throws {
      let far = try FarSide { _ in .refused(422) }
      try await BadDay.running([BadDay.Place(name: "away", port: far.port)]) { city in
        try await refuse(city, 60)
        let run = try await city.lgsp(
          "redeliver", "--code", "http-422", "--rate", "40", "--stop-at-errors", "50%", "--reason", "r", "--json")
        #expect(run.status == 3)
        let stopped = try JSONDecoder().decode(Job.self, from: Data(run.output.utf8))
        #expect(stopped.state == "stopped" && stopped.stateBy == "hub")
        #expect(stopped.stateReason.contains("failed again, the limit is 50%"), "\(stopped.stateReason)")
        #expect(stopped.selected == 60 && stopped.failed >= 20 && stopped.putBack < 60)
        far.recover()
        let resumed = try await city.lgsp("redeliver", "resume", "1", "--reason", "Đã sửa")
        #expect(resumed.status == 0, "\(resumed.error)")
        try await waitUntil("it is done") { try await self.job(1, city).state == "done" }
        try await waitUntil("all have ended") { try await self.job(1, city).open == 0 }
        let ended = try await job(1, city)
        #expect(ended.putBack == 60 && ended.delivered == 60 - ended.failed)
        #expect(try await letters(city) == ended.failed, "what failed again waits for another order")
        #expect(ended.failures?.count == min(20, ended.failed))
        #expect(try await city.lgsp("redeliver", "--type", "vn.test.away", "--reason", "r").status == 0)
        try await waitUntil("all are delivered") { far.effects.count == 60 }
      }
    }

    @Test func `a job outlives who ordered it, and stays halted over a kill until it is let go`() async throws {
      let far = try FarSide { _ in .refused(422) }
      try await BadDay.running([BadDay.Place(name: "away", port: far.port)]) { city in
        try await refuse(city, 30)
        far.recover()
        let left = try await interrupted(
          city, ["redeliver", "--endpoint", "away", "--rate", "5", "--reason", "r"], after: "/30")
        #expect(left.status == 130)
        #expect(left.error.contains("lgsp redeliver pause 1"), "\(left.error)")
        try await waitUntil("it goes on") { far.effects.count >= 5 }
        let paused = try job(try await city.lgsp("redeliver", "pause", "1", "--reason", "giờ cao điểm", "--json"))
        #expect(paused.state == "paused" && paused.stateReason == "giờ cao điểm" && paused.putBack < 30)
        #expect(try await city.lgsp("redeliver", "pause", "1", "--reason", "r").status == 3)
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        let still = try await job(1, city)
        #expect(still.state == "paused" && still.putBack < 30)
        #expect(try await letters(city) == 30 - still.putBack)
        #expect(try await city.lgsp("redeliver", "resume", "1", "--reason", "xong").status == 0)
        #expect(try await city.lgsp("redeliver", "stop", "1", "--reason", "thôi").status == 0)
        #expect(try await job(1, city).state == "stopped")
        #expect(try await city.lgsp("redeliver", "resume", "1", "--reason", "xong").status == 0)
        try await waitUntil("all are delivered") { far.effects.count == 30 }
        try await waitUntil("it is done") { try await self.job(1, city).delivered == 30 }
        #expect(try await city.lgsp("redeliver", "resume", "1", "--reason", "r").status == 3, "it is done")
        #expect(far.requests.count == 60, "each was refused once and taken once")
      }
    }

    @Test func `a look changes nothing, and what cannot be ordered says why`() async throws {
      let far = try FarSide { _ in .refused(422) }
      try await BadDay.running([BadDay.Place(name: "away", port: far.port)]) { city in
        try await refuse(city, 3)
        let records = try await city.lgsp("journal", "verify").output
        let look = try await city.lgsp("redeliver", "--code", "http-422", "--from", "2020-01-01", "--dry-run")
        #expect(look.status == 0, "\(look.error)")
        #expect(look.output.split(separator: "\n").count { $0.contains("refused") } == 4, "\(look.output)")
        #expect(look.output.contains("http-422") && look.error.contains("3 "))
        let none = try await city.lgsp("redeliver", "--to", "2020-01-01", "--dry-run")
        #expect(none.status == 0 && none.output.isEmpty && none.error.hasPrefix("0 "))
        #expect(try await city.lgsp("redeliver", "jobs", "--json").output.isEmpty)
        #expect(try await city.lgsp("journal", "verify").output == records)
        #expect(far.requests.count == 3)
        let id = "\(ExchangeID.make(at: Timestamp(seconds: 1))).1"
        for (words, status, said) in [
          (["jobs", "9"], 5, "9"), (["pause", "9", "--reason", "r"], 5, "9"),
          (["--endpoint", "nobody", "--reason", "r"], 5, "nobody"),
          (["--endpoint", "nobody", "--dry-run"], 5, "nobody"),
          (["--endpoint", "away", "--rate", "0", "--reason", "r"], 64, "--rate"),
          (["--endpoint", "away", "--stop-at-errors", "0%", "--reason", "r"], 64, "stop-at-errors"),
          (["--endpoint", "away", "--key", "x", "--reason", "r"], 64, "key"),
          (["--endpoint", "away", "--from", "hôm qua", "--reason", "r"], 64, "from"),
          (["--endpoint", "away"], 64, "--reason"), (["--reason", "r"], 64, "--all"),
          ([id, "--endpoint", "away", "--reason", "r"], 64, "not both"), ([id, "--dry-run"], 64, "--dry-run"),
          (["--all", "--resend", "--reason", "r"], 64, "--resend"),
        ] {
          let run = try await City.run(["redeliver"] + words + ["--config", city.config])
          #expect(Int(run.status) == status && run.error.contains(said), "\(words): \(run.status) \(run.error)")
        }
      }
    }

    /// Runs a command until it has said something on standard error, and sends it a Ctrl-C.
    private func interrupted(_ city: City, _ arguments: [String], after text: String) async throws -> City.Run {
      let file = "\(city.home)/interrupted.log"
      _ = FileManager.default.createFile(atPath: file, contents: nil)
      let process = Process()
      process.executableURL = URL(filePath: City.binary)
      process.arguments = arguments + ["--config", city.config]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = try FileHandle(forWritingTo: URL(filePath: file))
      try process.run()
      @Sendable func said() -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
      }
      try await waitUntil("it says \(text)") { said().contains(text) || !process.isRunning }
      kill(process.processIdentifier, SIGINT)
      try await waitUntil("it has ended") { !process.isRunning }
      return City.Run(status: process.terminationStatus, output: "", error: said())
    }
  }
}
