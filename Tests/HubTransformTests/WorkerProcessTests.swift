import FoundationEssentials
import HubKit
import HubTransform
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// How worker processes come and go.
@Suite struct WorkerProcessTests {
  /// With one worker all others wait behind the bad message, with two they go to the other.
  @Test(arguments: [1, 2])
  func aThousandAtOnceAreRightWhileOneKillsItsWorker(workers: Int) async throws {
    let limits = TransformLimits(threads: workers, timeMax: .seconds(60), memoryMax: 64 << 20)
    let bench = Bench(limits, alsoOnThreads: false)
    let plan = jqPlan(#"if .n == 500 then [range(1e9)] else {n: (.n + 1), who: $envelope.sender} end"#)
    let wrong = try await withThrowingTaskGroup(of: String?.self) { group in
      for number in 0..<1000 {
        group.addTask {
          let result = try await bench.json(plan, "{\"n\":\(number)}", sender: "A.\(number)")
          if number == 500 { return result.violations.map(\.rule) == ["out-of-memory"] ? nil : "\(result)" }
          return result.bodyText == "{\"n\":\(number + 1),\"who\":\"A.\(number)\"}" ? nil : "\(result)"
        }
      }
      var wrong: [String] = []
      for try await each in group { if let each { wrong.append(each) } }
      return wrong
    }
    #expect(wrong == [])
  }

  @Test func aWorkerThatIsKilledBetweenMessagesCostsNone() async throws {
    let (pool, children) = named("killed")
    for round in 1...3 {
      let result = try await pool.evaluate(jqPlan("[., $envelope.id]"), input("\(round)", json: true))
      #expect(result.bodyText == "[\(round),\"1\"]")
      #expect(children().count == 1)
      for child in children() { kill(child, SIGKILL) }
    }
  }

  @Test func aWorkerHasNothingOfTheHub() async throws {
    let (pool, children) = named("bare")
    _ = try await pool.evaluate(jqPlan("."), input("1", json: true))
    let child = try #require(children().first)
    let environment = try Data(contentsOf: URL(filePath: "/proc/\(child)/environ"))
    #expect(environment.isEmpty)
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(child)/fd").map { number in
      try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(child)/fd/\(number)")
    }
    // The runtime has made some for itself, which lead nowhere.
    #expect(open.count { $0.hasPrefix("socket:") } == 1 && open.count { $0 == "/dev/null" } == 2, "\(open)")
    #expect(open.allSatisfy { $0.hasPrefix("socket:") || $0 == "/dev/null" || $0.hasPrefix("anon_inode:") }, "\(open)")
    let status = String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(child)/status")), as: UTF8.self)
    #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
    let limits = String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(child)/limits")), as: UTF8.self)
    for line in limits.split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("Max core file size") || line.hasPrefix("Max file size") { #expect(words.contains("0")) }
      if line.hasPrefix("Max address space") { #expect(!words.contains("unlimited")) }
      if line.hasPrefix("Max open files") { #expect(words[3] == "16") }
    }
  }

  @Test func aMessageOverWhichTwoWorkersDieIsInvalidAndTellsHow() async throws {
    // It gets ready and ends with code 9 as soon as a message has come.
    let troubles = Mutex<[WorkerTrouble]>([])
    let pool = shell("read a; exit 9", onTrouble: { trouble in troubles.withLock { $0.append(trouble) } })
    let violations = try await pool.evaluate(jqPlan("."), input("1\n", json: true)).violations
    #expect(violations.map(\.rule) == ["worker-died"])
    #expect(violations.first?.message.contains("code 9") == true)
    let died = WorkerTrouble.ended(plan: "test", end: .died("code 9"))
    #expect(troubles.withLock { $0 } == [died, died])
  }

  @Test func aWorkerThatTalksNonsenseIsEnded() async throws {
    // A result without content; a frame of a kind that does not exist; a frame that is far too long.
    for nonsense in [#"\001\000\000\000\103"#, #"\001\000\000\000\377"#, #"\377\377\377\377\103"#] {
      let pool = shell("printf '\(nonsense)\(nonsense)' >&0; read a; read b")
      #expect(try await pool.evaluate(jqPlan("."), input("1\n", json: true)).violations.map(\.rule) == ["worker-died"])
    }
  }

  @Test func timeForCompilingIsNotTheMessages() async throws {
    // Both say after some work that the plan does not match; only one says that it has compiled meanwhile.
    let (compiling, compiled) = (#"\001\000\000\000\101"#, #"\001\000\000\000\102"#)
    let notMatched = #"\002\000\000\000\103\000"#
    let work = "i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done"
    let limits = TransformLimits(threads: 1, timeMax: .milliseconds(200))
    let busy = shell(
      "read a; printf '\(compiling)' >&0; \(work); printf '\(compiled)\(notMatched)' >&0; read b", limits)
    #expect(try await busy.evaluate(jqPlan("."), input("1\n", json: true)) == .notMatched)
    let slow = shell("read a; \(work); printf '\(notMatched)' >&0; read b", limits)
    #expect(try await slow.evaluate(jqPlan("."), input("1\n", json: true)).violations.map(\.rule) == ["out-of-time"])
  }

  @Test func withoutAWorkerMessagesAreTurnedAwayUnharmed() async throws {
    for path in ["/nowhere/lgsp", "/bin/false"] {
      let reasons = Mutex<[WorkerTrouble]>([])
      let program = WorkerProgram(path: path, arguments: ["x"]) { trouble in reasons.withLock { $0.append(trouble) } }
      let pool = TransformPool(limits: TransformLimits(threads: 1), program: program)
      await #expect(throws: TransformUnavailable.noWorker) {
        try await pool.evaluate(jqPlan("."), input("1", json: true))
      }
      #expect(reasons.withLock { $0.count } == 1)
      #expect(try await pool.run { 42 } == 42)
    }
  }

  @Test func aStoppedPoolLeavesNoProcess() async throws {
    let (pool, children) = named("stopped")
    _ = try await pool.evaluate(jqPlan("."), input("1", json: true))
    #expect(children().count == 1)
    pool.shutdown()
    await #expect(throws: TransformUnavailable.stopped) {
      try await pool.evaluate(jqPlan("."), input("1", json: true))
    }
    try await until("the worker is gone") { children().isEmpty }
  }

  /// A pool of one worker, and a look at which processes it has now.
  private func named(_ name: String) -> (pool: TransformPool, children: () -> [Int32]) {
    var program = WorkerProgram.built
    program.arguments[0] = "lgsp-\(name)"
    let pool = TransformPool(limits: TransformLimits(threads: 1), program: program)
    return (pool, { Self.children(named: program.arguments[0]) })
  }

  private static func children(named name: String) -> [Int32] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.flatMap { task -> [Int32] in
      let list = FileManager.default.contents(atPath: "/proc/self/task/\(task)/children") ?? Data()
      return String(decoding: list, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
    }.filter { child in
      String(decoding: FileManager.default.contents(atPath: "/proc/\(child)/cmdline") ?? Data(), as: UTF8.self)
        .hasPrefix(name)
    }
  }

  /// Asks until a condition holds; fails after a minute.
  private func until(_ what: Comment, _ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
      try #require(ContinuousClock.now < end, what)
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// A pool whose workers are a script that says at once that it is ready.
  private func shell(
    _ script: String, _ limits: TransformLimits = TransformLimits(threads: 1),
    onTrouble: @escaping @Sendable (WorkerTrouble) -> Void = { _ in }
  ) -> TransformPool {
    let ready = #"printf '\001\000\000\000\100' >&0; "#
    return TransformPool(
      limits: limits,
      program: WorkerProgram(path: "/bin/sh", arguments: ["sh", "-c", ready + script], onTrouble: onTrouble))
  }
}
