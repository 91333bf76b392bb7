import HubKit
import Testing

@Suite struct BodyTests {
  private let store = MemoryBodyStore()
  private let reference = BodyReference(
    id: "1", digest: "00", mediaType: "text/plain", byteCount: 7)

  @Test func `A reader gives everything once, in parts of the size asked for`() throws {
    let bytes = (0..<100).map { UInt8($0) }
    for size in [1, 7, 99, 100, 101, .max] {
      let reader = BytesReader(bytes)
      var all: [UInt8] = []
      while true {
        let part = try reader.read(upTo: size)
        guard !part.isEmpty else { break }
        #expect(part.count <= size)
        all += part
      }
      #expect(all == bytes)
      #expect(try reader.read(upTo: size).isEmpty)
    }
  }

  @Test func `All that is left may be asked for after a part was read`() throws {
    let reader = BytesReader([1, 2, 3])
    #expect(try reader.read(upTo: 1) == [1])
    #expect(try reader.read(upTo: .max) == [2, 3])
    #expect(try reader.read(upTo: .max).isEmpty)
  }

  @Test func `A reader of nothing is at its end from the beginning`() throws {
    #expect(try BytesReader([]).read(upTo: 10).isEmpty)
    #expect(try BytesReader([]).rest(limit: 0).isEmpty)
  }

  @Test func `The rest is what was not read yet, within the limit`() throws {
    let reader = BytesReader([1, 2, 3, 4])
    _ = try reader.read(upTo: 1)
    #expect(try reader.rest(limit: 3) == [2, 3, 4])
    #expect(throws: BodyError.tooLarge(limit: 3)) { try BytesReader([1, 2, 3, 4]).rest(limit: 3) }
  }

  @Test func `A rest of many parts is put together in order`() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    #expect(try BytesReader(bytes).rest(limit: bytes.count) == bytes)
    #expect(throws: BodyError.tooLarge(limit: 199_999)) {
      try BytesReader(bytes).rest(limit: 199_999)
    }
  }

  @Test func `A writer takes exactly its limit and keeps what it had when a part goes beyond`()
    throws
  {
    let writer = BytesWriter(limit: 4)
    try writer.write([1, 2])
    #expect(throws: BodyError.tooLarge(limit: 4)) { try writer.write([3, 4, 5]) }
    try writer.write([3, 4])
    try writer.write([])
    #expect(throws: BodyError.tooLarge(limit: 4)) { try writer.write([5]) }
    #expect(try writer.finish() == .inline([1, 2, 3, 4]))
  }

  @Test func `A discarded writer has nothing left, however often it is discarded`() throws {
    let writer = try store.writer(mediaType: "text/plain", limit: 10)
    try writer.write([1])
    _ = try writer.finish()
    writer.discard()
    writer.discard()
    #expect(try writer.finish() == .empty)
  }

  @Test func `A store in memory gives back what it was given, within its limit`() throws {
    let writer = try store.writer(mediaType: "text/plain", limit: 3)
    try writer.write([1, 2, 3])
    #expect(throws: BodyError.tooLarge(limit: 3)) { try writer.write([4]) }
    let body = try writer.finish()
    #expect(try store.bytes(of: body, limit: 3) == [1, 2, 3])
    #expect(try store.reader(of: body).rest(limit: 3) == [1, 2, 3])
    #expect(throws: BodyError.tooLarge(limit: 2)) { try store.bytes(of: body, limit: 2) }
  }

  @Test
  func `A body by reference is gone for a store in memory, and too large before it is opened`() {
    #expect(throws: BodyError.gone) { try store.reader(of: .stored(reference)) }
    #expect(throws: BodyError.gone) { try store.bytes(of: .stored(reference), limit: 7) }
    #expect(throws: BodyError.tooLarge(limit: 6)) {
      try store.bytes(of: .stored(reference), limit: 6)
    }
  }

  @Test func `A body knows its length wherever it lies`() {
    #expect(Body.empty.byteCount == 0)
    #expect(Body.inline([1, 2]).byteCount == 2)
    #expect(Body.stored(reference).byteCount == 7)
    #expect(Body.inlineBytesMax == 16_384)
  }
}
