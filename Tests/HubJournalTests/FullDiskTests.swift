import HubKit
import Synchronization
import Testing

@testable import HubJournal

@Suite struct FullDiskTests {
  @Test func `a full database refuses, keeps nothing, and works again when there is room`() async throws {
    let fixture = try JournalFixture()
    let failures = Mutex(0)
    var journal = try fixture.open {
      $0.databasePagesMax = 60
      $0.onFailure = { _ in failures.withLock { $0 += 1 } }
    }
    let body = Body.inline([UInt8](repeating: 1, count: 8000))
    var accepted: [NewExchange] = []
    var refused: NewExchange?
    while refused == nil, accepted.count < 1000 {
      let new = newExchange("m\(accepted.count)", body: body)
      do throws(JournalError) {
        _ = try await journal.accept([new], advancing: Cursor(source: "s", value: "\(accepted.count)"))
        accepted.append(new)
      } catch {
        #expect(error == .full)
        refused = new
      }
    }
    let lost = try #require(refused)
    #expect(try journal.exchange(lost.id) == nil)
    #expect(try journal.cursor(of: "s") == "\(accepted.count - 1)")
    #expect(try journal.statistics().exchanges[.received] == accepted.count)
    journal.recordLater([step(accepted[0].id, .delivered, keep: .digest)])
    journal.recordLater([step(accepted[1].id, .delivered, keep: .digest)])
    await journal.close()
    #expect(try fixture.verify().isSound)
    journal = try fixture.open()
    _ = try await journal.accept([lost], advancing: nil)
    #expect(try journal.exchange(lost.id)?.body == body)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `what nobody waits for is kept while the disk is full and written when there is room`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open { $0.databasePagesMax = 200 }
    let new = newExchange("a")
    _ = try await journal.accept([new], advancing: nil)
    try await journal.limitPages(1)
    let payload = String(repeating: "x", count: 100_000)
    journal.recordLater([step(new.id, .underway, payload: payload)])
    await #expect(throws: JournalError.full) {
      try await journal.record([step(new.id, .delivered, keep: .forever, payload: payload)])
    }
    #expect(try journal.events(of: new.id).isEmpty)
    try await journal.limitPages(100_000)
    try await journal.record([step(new.id, .delivered, keep: .forever)])
    #expect(try journal.events(of: new.id).map(\.state) == [.underway, .delivered])
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `a full disk refuses a body and leaves nothing of it`() async throws {
    let fixture = try JournalFixture()
    let disk = FaultyDisk()
    let journal = try fixture.open { $0.disk = disk }
    disk.fail(.write, .full)
    let writer = try journal.writer(mediaType: "a/b", limit: .max)
    #expect(throws: BodyError.full) { try writer.write([UInt8](repeating: 1, count: 200_000)) }
    writer.discard()
    disk.heal()
    #expect(try fixture.bodyFiles() == [])
    disk.fail(.sync, .failed("fsync"))
    let other = try journal.writer(mediaType: "a/b", limit: .max)
    try other.write([UInt8](repeating: 1, count: 200_000))
    let new = newExchange("a", body: try other.finish())
    await #expect(throws: JournalError.io("fsync")) { try await journal.accept([new], advancing: nil) }
    #expect(try journal.exchange(new.id) == nil)
    other.discard()
    disk.heal()
    #expect(try fixture.bodyFiles() == [])
    #expect(try fixture.arrivingFiles() == [])
    await journal.close()
  }

  @Test func `a failed sync of the anchors stops the journal for good`() async throws {
    let fixture = try JournalFixture()
    let disk = FaultyDisk()
    let told = Mutex<[JournalError]>([])
    let journal = try fixture.open {
      $0.disk = disk
      $0.onFailure = { error in told.withLock { $0.append(error) } }
    }
    disk.fail(.sync, .failed("fsync"))
    fixture.clock.advance(.seconds(7200))
    _ = try await journal.accept([newExchange("a", at: fixture.clock.now)], advancing: nil)
    await journal.close()
    #expect(told.withLock { $0 } == [.io("fsync")])
    await #expect(throws: JournalError.self) { try await journal.accept([newExchange("b")], advancing: nil) }
  }
}

/// The machine's disk, failing when told.
final class FaultyDisk: Disk {
  enum Call { case write, sync }

  private let faults = Mutex<[Call: DiskError]>([:])
  private let real = PosixDisk()

  func fail(_ call: Call, _ error: DiskError) { faults.withLock { $0[call] = error } }
  func heal() { faults.withLock { $0 = [:] } }
  func check(_ call: Call) throws(DiskError) { if let error = faults.withLock({ $0[call] }) { throw error } }

  func create(_ path: String) throws(DiskError) -> any DiskFile { FaultyFile(try real.create(path), self) }
  func open(_ path: String) throws(DiskError) -> any DiskFile { try real.open(path) }
  func revise(_ path: String) throws(DiskError) -> any DiskFile { FaultyFile(try real.revise(path), self) }
  func append(_ path: String) throws(DiskError) -> any DiskFile { FaultyFile(try real.append(path), self) }
  func rename(_ path: String, to other: String) throws(DiskError) { try real.rename(path, to: other) }
  func remove(_ path: String) throws(DiskError) { try real.remove(path) }
  func makeDirectory(_ path: String) throws(DiskError) -> Bool { try real.makeDirectory(path) }
  func removeDirectory(_ path: String) throws(DiskError) { try real.removeDirectory(path) }
  func syncDirectory(_ path: String) throws(DiskError) { try real.syncDirectory(path) }
  func list(_ path: String) throws(DiskError) -> [DiskEntry] { try real.list(path) }
  func byteCount(of path: String) -> Int { real.byteCount(of: path) }
  func freeBytes(at path: String) -> Int { real.freeBytes(at: path) }
}

final class FaultyFile: DiskFile {
  private let file: any DiskFile
  private let disk: FaultyDisk
  init(_ file: any DiskFile, _ disk: FaultyDisk) {
    self.file = file
    self.disk = disk
  }
  func write(_ bytes: [UInt8]) throws(DiskError) {
    try disk.check(.write)
    try file.write(bytes)
  }
  func read(upTo count: Int) throws(DiskError) -> [UInt8] { try file.read(upTo: count) }
  func sync() throws(DiskError) {
    try disk.check(.sync)
    try file.sync()
  }
}

extension Journal {
  /// Changes how large the database may grow, on the writer's connection.
  func limitPages(_ count: Int) async throws(JournalError) {
    try await write(rows: 1, makesRoom: true) { transaction throws(WriteFailure) in
      let pragma = try transaction.prepared(made: "PRAGMA max_page_count = \(count)")
      while try pragma.next() {}
    }
  }
}
