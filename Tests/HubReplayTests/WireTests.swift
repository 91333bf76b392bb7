import Foundation
import HubKit
import HubTesting
import Synchronization
import Testing

@testable import HubReplay

@Suite("What connectors put on the wire")
struct WireTests {
  private struct Sender: OutboundAdapter {
    let transport: any Transport
    let clock: any HubClock
    var field = "hoTen"
    var path = "/nop"

    func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
      let nonce = "\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
      let body = #"{"\#(field)":"Nguyễn Văn Mẫu","thoiDiem":"\#(clock.now)","maGiaoDich":"\#(nonce)"}"#
      let response = try await transport.send(
        OutboundRequest(
          method: "POST", url: "https://e.example.vn\(path)?phien=1",
          headers: [
            HeaderField("Content-Type", "application/json"), HeaderField("Authorization", "Bearer secret"),
            HeaderField("X-Nonce", nonce),
          ], body: .bytes(Array(body.utf8))))
      return Reply(code: "\(response.status)")
    }

    func probe() async throws(AdapterError) {}
  }

  private static let delivery = Delivery(
    id: "x.1", exchange: ExchangeID(time: Timestamp(seconds: 0), random: (0, 0)), attempt: 1,
    envelope: Envelope(id: "1", source: "/s", type: "t"), receiver: nil, body: .inline([]), bodies: MemoryBodyStore(),
    receivedAt: Timestamp(seconds: 1_767_225_600), deadline: Timestamp(seconds: 1_767_225_660))

  private func recorded() async throws -> ReplayedExchange {
    let answer = Result<Reply, AdapterError>.success(Reply(code: "200"))
    let requests = await ReplayedExchange.requests(Self.delivery, answer: answer, shift: .zero) {
      Sender(transport: $0, clock: $1)
    }
    let exchange = ReplayedExchange(
      connector: "e", settings: ["url": .text("https://e.example.vn"), "key": .secret], delivery: Self.delivery,
      answer: answer, requests: try #require(requests))
    let folder = try TemporaryDirectory("wire")
    let path = folder.file("a\(ReplayedExchange.suffix)")
    try Data(exchange.encoded()).write(to: URL(filePath: path))
    return try ReplayedExchange(contentsOf: path)
  }

  @Test("Credentials are not recorded; nonces and times are found out by themselves; the same connector shows nothing")
  func same() async throws {
    let recorded = try await recorded()
    #expect(!String(decoding: try recorded.encoded(), as: UTF8.self).contains("Bearer"))
    #expect(await recorded.differences { Sender(transport: $0, clock: $1) } == [])
  }

  @Test("A connector that sends something else is told by place, and by nothing that changes anyway")
  func other() async throws {
    let recorded = try await recorded()
    let found = await recorded.differences { Sender(transport: $0, clock: $1, field: "ten", path: "/gui") }
    #expect(found.count == 3, "\(found)")
    #expect(found.contains { $0.contains("path: recorded /nop, made /gui") }, "\(found)")
    #expect(found.contains { $0.contains("body/hoTen") } && found.contains { $0.contains("body/ten") }, "\(found)")
  }

  @Test("A replay finds changing places once, names them, and counts nothing else as such")
  func volatile() async throws {
    let pool = HubReplayPool.shared
    func stand(_ field: String) -> ReplayStand {
      let wire = WireProbe(["a": { Sender(transport: $0, clock: $1, field: field) }])
      return TrafficRoutes.stand(TrafficRoutes.book(), pool, wire: wire)
    }
    var random = SeededRandom(seed: 5)
    let messages = (0..<200).map { TrafficRoutes.message($0, &random) }.filter { $0.envelope.type == "t.plain" }
    var recordings: [Recording] = []
    for (index, message) in messages.enumerated() {
      recordings.append(try await recording(message, index, on: stand("hoTen")))
    }
    #expect(recordings.count > 10)
    let same = try await replay(recordings, on: stand("hoTen"))
    #expect(same.isClean)
    #expect(same.volatile.map(\.place) == ["body/maGiaoDich", "header:x-nonce"], "\(same.volatile)")
    let other = try await replay(recordings, on: stand("ten"))
    #expect(other.different == recordings.count && other.groups.count == 1)
    #expect(other.groups.first?.places.map(\.place) == ["body/hoTen", "body/ten"])
    #expect(other.groups.first?.places.allSatisfy { $0.kind == .request } == true)
  }

  private func recording(_ message: Message, _ number: Int, on stand: ReplayStand) async throws -> Recording {
    var recording = BundleTests.recording(number)
    guard case .inline(let bytes) = message.body else { throw TestingError("bytes") }
    recording.exchange.body = recording.contents.add(bytes, type: "application/json")
    recording.exchange.envelope = message.envelope.named
    recording.exchange.calls[0].name = CallName(endpoint: "a")
    let played = try #require(await stand.play(recording, origins: OriginTape([])))
    recording.exchange.made = played.made
    recording.contents.add(played.contents)
    return recording
  }

  @Test(
    "What changes by itself and is neither id, time, nonce nor signature stays a difference",
    arguments: [
      ("2026-11-23T08:00:00.000Z", true), ("0199f3c2-7a10-7c44-9d0e-2f6a8c1b5e70", true), ("1767225600", true),
      ("MEUCIQDx5p0hN7u3kz9s/2w=", true), ("Nguyễn Văn Mẫu", false), ("delivered", false), ("", false),
    ])
  func looks(text: String, isVolatile: Bool) {
    #expect(VolatilePlaces.looksVolatile(text) == isVolatile)
  }
}
