import Dispatch
import HubKit
import HubTesting
import HubTransform
import Testing

@Suite struct PoolTests {
  @Test func manyEvaluationsAtOnceEachGiveTheRightAnswer() async throws {
    let bench = Bench(TransformLimits(threads: 4))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<400 {
        group.addTask {
          let plan = TransformPlan(
            id: "p\(number % 3)", when: source(".n >= 0"),
            validate: [.jsonSchema(source(#"{"properties":{"n":{"type":"integer"}}}"#))],
            map: [.jq(source("{n: (.n + \(number % 3)), who: $envelope.sender}"))],
            keys: [KeyRule(name: "n", jq: source(".n"))])
          let result = try await bench.json(plan, "{\"n\":\(number)}", sender: "A.\(number)")
          return result.bodyText == "{\"n\":\(number + number % 3),\"who\":\"A.\(number)\"}"
            && result.output?.keys == [BusinessKey(name: "n", value: "\(number)")]
        }
      }
      var right = 0
      for try await good in group where good { right += 1 }
      #expect(right == 400)
    }
  }

  @Test func aPlanThatChangesUnderItsNameIsCompiledAnew() async throws {
    let bench = Bench(TransformLimits(threads: 1, plansMax: 1))
    #expect(try await bench.json(jqPlan("1"), "{}").bodyText == "1")
    #expect(try await bench.json(jqPlan("2"), "{}").bodyText == "2")
    #expect(try await bench.json(TransformPlan(id: "other", map: [.jq(source("3"))]), "{}").bodyText == "3")
    #expect(try await bench.json(jqPlan("1"), "{}").bodyText == "1")
  }

  @Test func blockingWorkRunsOnAWorkerAndItsErrorsComeBack() async throws {
    struct Oops: Error {}
    let pool = TransformPool(limits: TransformLimits(threads: 1), program: nil)
    #expect(try await pool.run { 6 * 7 } == 42)
    await #expect(throws: Oops.self) { try await pool.run { throw Oops() } }
  }

  @Test func aPlanThatAsksForNothingNeedsNoWorker() async throws {
    let pool = TransformPool(program: nil)
    pool.shutdown()
    let result = try await pool.evaluate(TransformPlan(id: "e"), input("not JSON", json: false))
    #expect(result == .output(TransformOutput()))
  }

  @Test func aFullQueueRefusesAndAStoppedPoolTooAndTheWaitingAreTold() async throws {
    let pool = TransformPool(limits: TransformLimits(threads: 1, queueMax: 1), program: nil)
    let gate = DispatchSemaphore(value: 0)
    let (started, begun) = AsyncStream.makeStream(of: Void.self)
    let plan = TransformPlan(id: "e", map: [.jq(ShapeSource(name: "e.jq", text: "."))])
    let busy = Task {
      try await pool.run {
        begun.finish()
        gate.wait()
      }
    }
    for await _ in started {}
    let ends = await withTaskGroup(of: TransformUnavailable?.self) { group in
      for _ in 0..<3 {
        group.addTask {
          do throws(TransformUnavailable) {
            _ = try await pool.evaluate(plan, input("{}", json: true))
            return nil
          } catch { return error }
        }
      }
      var ends: [TransformUnavailable?] = []
      for await end in group {
        ends.append(end)
        pool.shutdown()
      }
      return ends
    }
    #expect(ends.contains(.overloaded(waiting: 1)))
    #expect(ends.contains(.stopped))
    await #expect(throws: TransformUnavailable.stopped) { try await pool.run { 1 } }
    gate.signal()
    _ = await busy.result
  }

  @Test func randomBytesAsDocumentsNeverDoHarm() async throws {
    let bench = Bench()
    var random = SeededRandom(seed: 3)
    let plan = TransformPlan(
      id: "fuzz", validate: [.jsonSchema(source(#"{"type":"object"}"#))], map: [.jq(source("."))])
    for _ in 0..<300 {
      let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...255, using: &random) : Array("{}[]\",:1".utf8).randomElement(using: &random) ?? 0
      }
      let made = TransformInput(
        envelope: Envelope(id: "1", source: "/f", type: "t"), body: bytes, json: bytes, now: Timestamp(seconds: 0))
      let result = try await bench.evaluate(plan, made)
      #expect(
        result == .output(TransformOutput(body: Array("{}".utf8), mediaType: "application/json"))
          || !result.violations.isEmpty || result.output != nil)
    }
  }

  @Test func deepDocumentsAreRefusedBeforeALibraryMeetsThem() async throws {
    let bench = Bench()
    let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
    #expect(try await bench.json(jqPlan("."), deep).violations.map(\.rule) == ["json-depth"])
    let schema = TransformPlan(id: "s", validate: [.jsonSchema(source("true"))])
    #expect(try await bench.json(schema, deep).violations.map(\.rule) == ["json-depth"])
  }
}
