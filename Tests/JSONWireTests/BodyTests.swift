import HubKit
import JSONWire
import Synchronization
import Testing

/// A disk that answers as it was told, and remembers what was begun and given up.
private final class Disk: BodyStore {
  let answer: Result<[UInt8], BodyError>
  let log = Mutex<[String]>([])

  init(_ answer: Result<[UInt8], BodyError>) { self.answer = answer }

  func reader(of body: Body) throws(BodyError) -> any BodyReader { BytesReader(try answer.get()) }

  func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter {
    log.withLock { $0.append("\(mediaType) \(limit)") }
    return Writer(disk: self)
  }

  private final class Writer: BodyWriter {
    let disk: Disk
    init(disk: Disk) { self.disk = disk }
    func write(_ bytes: [UInt8]) throws(BodyError) { _ = try disk.answer.get() }
    func finish() throws(BodyError) -> Body { BodyTests.stored }
    func discard() { disk.log.withLock { $0.append("discarded") } }
  }
}

@Suite struct BodyTests {
  static let stored = Body.stored(
    BodyReference(id: "b", digest: "", mediaType: "application/json", byteCount: 20_000))
  private static let large = [UInt8](repeating: 0x20, count: 20_000)
  private static let direct = OffPool { work in work() }
  /// For work that must not be begun.
  private static let none = OffPool { work in
    Issue.record("no thread is needed")
    work()
  }

  private func delivery(_ body: Body, _ bodies: any BodyStore = MemoryBodyStore()) -> Delivery {
    let time = Timestamp(seconds: 0)
    return Delivery(
      id: "x.1", exchange: ExchangeID(time: time, random: (1, 1)), attempt: 1,
      envelope: Envelope(id: "m", source: "/s", type: "t"), receiver: nil, body: body, bodies: bodies,
      receivedAt: time, deadline: time)
  }

  private func failure(_ error: BodyError, limit: Int = 20_000) async -> AdapterError? {
    do throws(AdapterError) {
      _ = try await BodyBytes.read(delivery(Self.stored, Disk(.failure(error))), limit: limit, on: Self.direct)
      return nil
    } catch { return error }
  }

  @Test func `bytes that are carried along need no thread, and bytes in the store come whole`() async throws {
    #expect(try await BodyBytes.read(delivery(.inline([1, 2])), limit: 0, on: Self.none) == [1, 2])
    let delivery = delivery(Self.stored, Disk(.success(Self.large)))
    #expect(try await BodyBytes.read(delivery, limit: 20_000, on: Self.direct) == Self.large)
  }

  @Test func `an error of the disk passes, a body that is lost or too large does not`() async {
    #expect(await failure(.io("x"))?.verdict == .retry(after: nil))
    for error in [BodyError.gone, .damaged("x"), .full] { #expect(await failure(error)?.verdict == .reject) }
    let large = await failure(.gone, limit: 19_999)
    #expect(large?.verdict == .reject)
    #expect(large?.code == "body-unreadable")
    #expect(large?.cause == "\(BodyError.tooLarge(limit: 19_999))")
  }

  @Test func `few bytes are carried along, many are kept`() async throws {
    let few = [UInt8](repeating: 0x20, count: Body.inlineBytesMax)
    #expect(try await BodyBytes.keep(few, in: Disk(.failure(.full)), on: Self.none).get() == .inline(few))
    let disk = Disk(.success([]))
    #expect(try await BodyBytes.keep(Self.large, in: disk, on: Self.direct).get() == Self.stored)
    #expect(disk.log.withLock { $0 } == ["application/json 20000"])
  }

  @Test func `a body that does not fit leaves nothing behind`() async {
    let disk = Disk(.failure(.full))
    #expect(await BodyBytes.keep(Self.large, in: disk, on: Self.direct) == .failure(.full))
    #expect(disk.log.withLock { $0 } == ["application/json 20000", "discarded"])
  }

  @Test func `work is run once, and its value comes back`() async {
    let count = Atomic(0)
    let pool = OffPool { work in
      count.add(1, ordering: .relaxed)
      work()
    }
    #expect(await pool.run { 42 } == 42)
    #expect(count.load(ordering: .relaxed) == 1)
  }
}
