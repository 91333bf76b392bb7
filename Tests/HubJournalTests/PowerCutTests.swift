import Foundation
import HubKit
import HubTesting
import Synchronization
import Testing

@testable import HubJournal

/// Power cuts at random moments of a random workload: all that was acknowledged is there, and nothing is half.
///
/// `LGSP_POWER_CUTS` is how many cuts are made, `LGSP_POWER_SEED` the first seed.
@Suite(.serialized) struct PowerCutTests {
  private static func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap(Int.init) }

  @Test func `a power cut at any moment loses nothing that was acknowledged`() async throws {
    let wanted = Self.setting("LGSP_POWER_CUTS") ?? 300
    var seed = UInt64(Self.setting("LGSP_POWER_SEED") ?? 1)
    var cuts = 0
    while cuts < wanted {
      let run = try await PowerCutRun(seed: seed)
      for cut in run.cuts {
        let complaints = try await run.look(at: cut)
        try #require(
          complaints.isEmpty, "seed \(seed), cut before operation \(cut.operation): \(complaints.prefix(5))")
      }
      cuts += run.cuts.count
      seed += 1
    }
  }

  @Test func `a disk that only pretends to sync is found out`() async throws {
    for file in ["journal.db-wal", ".part"] {
      var found = 0
      for seed in 1...6 as ClosedRange<UInt64> where found == 0 {
        let run = try await PowerCutRun(seed: seed, ignoringSyncsOf: file)
        // A journal that can be read no more has found it out by itself.
        for cut in run.cuts { found += (try? await run.look(at: cut).count) ?? 1 }
      }
      #expect(found > 0, "\(file)")
    }
  }

  @Test func `a checkpoint whose sync fails stops the journal`() async throws {
    let fixture = try JournalFixture()
    let model = PowerModel(root: fixture.directory)
    defer { model.forget() }
    let told = Mutex<[JournalError]>([])
    let journal = try fixture.open {
      $0.vfs = PowerModel.vfs
      $0.disk = ModelledDisk(model)
      $0.checkpointPages = 90
      $0.onFailure = { error in told.withLock { $0.append(error) } }
    }
    model.failSyncs { $0.hasSuffix("/journal.db") }
    var accepted = 0
    await #expect(throws: JournalError.self) {
      for number in 0..<200 {
        _ = try await journal.accept([newExchange("m\(number)")], advancing: nil)
        accepted += 1
      }
    }
    #expect(told.withLock { $0.count } == 1)
    #expect(accepted > 1)
    await journal.close()
    // Nothing was lost: the log still holds all.
    let again = try fixture.open()
    #expect(try again.statistics().exchanges[.received] == accepted)
    await again.close()
    #expect(try fixture.verify().isSound)
  }
}

/// One run of a workload with some cuts.
final class PowerCutRun: Sendable {
  /// What the disk held before an operation, in a folder of its own.
  struct Cut: Sendable {
    var operation: Int
    var folder: String
    var time: Timestamp
  }

  /// What was promised, and when, counted in the disk's operations.
  private struct Promise {
    var new: NewExchange
    var body: [UInt8]
    var acceptedAt: Int
    /// From when on its body may have been masked or have gone.
    var releasedAt = Int.max
    var steps: [(payload: String, recordedAt: Int)] = []
    var isSettled = false
  }

  private static let keepSegments = Duration.seconds(20 * 86_400)
  private static let cutsMax = 14

  let seed: UInt64
  let home: String
  private let clock = SteppedClock(JournalFixture.start)
  private let made = Mutex<[Cut]>([])
  private let random: Mutex<SeededRandom>
  private let promises = Mutex<[Promise]>([])
  private let cursors = Mutex<[(value: Int, at: Int)]>([])

  var cuts: [Cut] { made.withLock { $0 } }
  private var keys: JournalKeys { JournalKeys(master: JournalFixture.master) }

  init(seed: UInt64, ignoringSyncsOf: String? = nil) async throws {
    self.seed = seed
    random = Mutex(SeededRandom(seed: seed &* 0x9E37_79B9_7F4A_7C15))
    home = FileManager.default.temporaryDirectory.appending(path: "power-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: home + "/live", withIntermediateDirectories: true)
    let model = PowerModel(root: home + "/live", ignoringSyncsOf: ignoringSyncsOf)
    defer { model.forget() }
    // Often in the first steps of a new journal, later now and then.
    model.beforeEach { [unowned self] number, moment in
      let isCut = random.withLock { Int.random(in: 0..<(number < 60 ? 30 : 150), using: &$0) == 0 }
      guard isCut, made.withLock({ $0.count }) < Self.cutsMax else { return }
      let folder = "\(home)/cut-\(number)"
      do {
        try random.withLock { try moment.materialize(in: folder, &$0) }
      } catch {
        Issue.record("\(error)")
      }
      made.withLock { $0.append(Cut(operation: number, folder: folder, time: clock.now)) }
    }
    for _ in 0..<2 {
      let journal = try Journal.open(options(home + "/live/data/journal", model), keys: keys, clock: clock)
      for _ in 0..<25 { try await act(journal, model) }
      await journal.close()
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: home) }

  private func options(_ directory: String, _ model: PowerModel? = nil) -> JournalOptions {
    var options = JournalOptions(directory: directory, duplicateWindow: .seconds(10 * 86_400))
    options.keepEvents = .seconds(5 * 86_400)
    options.keepSegments = Self.keepSegments
    options.reserveBytes = 0
    guard let model else { return options }
    options.disk = ModelledDisk(model)
    options.vfs = PowerModel.vfs
    options.checkpointPages = 40
    options.anchorEvery = .seconds(600)
    return options
  }

  private func pick(_ range: ClosedRange<Int>) -> Int { random.withLock { Int.random(in: range, using: &$0) } }

  // MARK: - The workload

  private func act(_ journal: Journal, _ model: PowerModel) async throws {
    switch pick(0...11) {
    case 0...4: try await accept(journal, model)
    case 5...7: try await record(journal, model)
    case 8: _ = try await journal.sweep(limit: pick(1...5))
    case 9: for _ in 0..<pick(1...4) { _ = try await journal.thin(limit: pick(2...20)) }
    case 10: try await mask(journal, model)
    default: clock.advance(.seconds(pick(60...3 * 86_400)))
    }
  }

  private func accept(_ journal: Journal, _ model: PowerModel) async throws {
    var batch: [(NewExchange, [UInt8])] = []
    for _ in 0..<pick(1...3) {
      let number = promises.withLock { $0.count } + batch.count
      let count = pick(0...3) == 0 ? pick(17_000...90_000) : pick(0...3000)
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
      let writer = try journal.writer(mediaType: "a/b", limit: .max)
      try writer.write(bytes)
      let key = BusinessKey(name: "dossier", value: "\(number)")
      batch.append((newExchange("m\(number)", body: try writer.finish(), at: clock.now, keys: [key]), bytes))
    }
    let value = cursors.withLock { $0.count + 1 }
    let accepted = try await journal.accept(batch.map(\.0), advancing: Cursor(source: "s", value: "\(value)"))
    let now = model.operations
    #expect(accepted.count == batch.count)
    cursors.withLock { $0.append((value, now)) }
    promises.withLock { list in list += batch.map { Promise(new: $0.0, body: $0.1, acceptedAt: now) } }
  }

  private func record(_ journal: Journal, _ model: PowerModel) async throws {
    let open = promises.withLock { list in list.indices.filter { !list[$0].isSettled } }
    guard !open.isEmpty else { return }
    let index = open[pick(0...open.count - 1)]
    let promise = promises.withLock { $0[index] }
    let payload = #"["step \#(promise.steps.count)"]"#
    let isEnd = pick(0...1) == 0
    let keep = isEnd ? [KeepPolicy.digest, .forever, .duration(.seconds(86_400))][pick(0...2)] : nil
    var entry = step(
      promise.new.id, isEnd ? .delivered : .underway, at: clock.now, keep: keep, payload: payload)
    if isEnd {
      entry.replies = [
        StoredReply(delivery: 1, body: .inline([UInt8](repeating: 1, count: pick(0...2000))), mediaType: "a/b")
      ]
    }
    let begin = model.operations
    if isEnd, keep != .forever { promises.withLock { $0[index].releasedAt = begin } }
    promises.withLock { $0[index].isSettled = isEnd }
    if pick(0...4) == 0 { return journal.recordLater([entry]) }
    try await journal.record([entry])
    let now = model.operations
    promises.withLock { $0[index].steps.append((payload, now)) }
  }

  private func mask(_ journal: Journal, _ model: PowerModel) async throws {
    let settled = promises.withLock { list in
      list.indices.filter { list[$0].isSettled && list[$0].releasedAt == .max }
    }
    guard !settled.isEmpty else { return }
    let index = settled[pick(0...settled.count - 1)]
    let begin = model.operations
    let id = promises.withLock { list in
      list[index].releasedAt = begin
      return list[index].new.id
    }
    try await journal.replaceBody(of: id, with: [UInt8](repeating: 2, count: pick(0...40_000)))
  }

  // MARK: - After the cut

  /// Opens what the disk held with everything real, and holds it against what was promised until then.
  func look(at cut: Cut) async throws -> [String] {
    defer { try? FileManager.default.removeItem(atPath: cut.folder) }
    clock.set(cut.time)
    let directory = cut.folder + "/data/journal"
    var complaints: [String] = []
    let journal: Journal
    do {
      journal = try Journal.open(options(directory), keys: keys, clock: clock)
    } catch {
      return ["it does not open: \(error)"]
    }
    for promise in promises.withLock({ $0 }) where promise.acceptedAt < cut.operation {
      complaints += try kept(promise, journal, cut)
    }
    if let last = cursors.withLock({ $0 }).last(where: { $0.at < cut.operation }),
      try Int(journal.cursor(of: "s") ?? "0") ?? 0 < last.value
    {
      complaints.append("the cursor is back before \(last.value)")
    }
    _ = try await journal.accept([newExchange("after", at: clock.now)], advancing: nil)
    await journal.close()
    do {
      let report = try JournalVerifier.verify(
        JournalOptions(directory: directory, isReadOnly: true), keys: keys, clock: clock, progress: { _, _ in })
      if let broken = report.firstBroken { complaints.append("\(broken)") }
    } catch {
      complaints.append("\(error)")
    }
    return complaints
  }

  private func kept(_ promise: Promise, _ journal: Journal, _ cut: Cut) throws -> [String] {
    let name = promise.new.message.envelope.id
    guard let stored = try journal.exchange(promise.new.id) else {
      let mayBeRemoved = promise.releasedAt < cut.operation && cut.time - promise.new.receivedAt > Self.keepSegments
      return mayBeRemoved ? [] : ["\(name) is lost"]
    }
    var complaints: [String] = []
    let events = try journal.events(of: promise.new.id).map { String(decoding: $0.payload, as: UTF8.self) }
    for step in promise.steps where step.recordedAt < cut.operation {
      // An outline has no content any more.
      if !events.contains(step.payload), !events.contains("") { complaints.append("a step of \(name) is lost") }
    }
    guard promise.releasedAt > cut.operation else { return complaints }
    do {
      let body = try stored.body.map { try journal.reader(of: $0).rest(limit: .max) }
      if body != promise.body { complaints.append("the body of \(name) is another") }
    } catch {
      complaints.append("the body of \(name) cannot be read: \(error)")
    }
    return complaints
  }
}
