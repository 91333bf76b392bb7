import FoundationEssentials
import HubKit
import HubTesting
import Testing

@Suite struct ExchangeIDTests {
  @Test func `An id is a UUID of version 7 that bears the time of receipt`() throws {
    let time = try #require(Timestamp(rfc3339: "2026-11-23T08:00:00.123Z"))
    let id = ExchangeID(time: time, random: (0, 0))
    #expect(
      id.text == "01a20000-1a7b-7000-8000-000000000000"
        || id.text.hasSuffix("-7000-8000-000000000000"))
    let milliseconds = UInt64(id.text.replacing("-", with: "").prefix(12), radix: 16)
    #expect(milliseconds == 1_795_420_800_123)
    #expect(id.text.hasSuffix("-7000-8000-000000000000"))
  }

  @Test func `Version and variant stand whatever the random numbers are`() throws {
    let ones = ExchangeID(time: Timestamp(seconds: 0), random: (.max, .max))
    #expect(ones.text == "00000000-0000-7fff-bfff-ffffffffffff")
    for _ in 0..<200 {
      let text = Array(ExchangeID.make(at: Timestamp(seconds: 1_795_420_800)).text)
      #expect(text.count == 36 && text[14] == "7" && "89ab".contains(text[19]))
    }
  }

  @Test func `Ids order by the time of receipt`() {
    var random = SeededRandom(seed: 9562)
    let times = (0..<500).map { _ in
      Timestamp(microseconds: .random(in: 0...9_000_000_000_000_000, using: &random))
    }
    let ids = times.map { ExchangeID(time: $0, random: (random.next(), random.next())) }
    let byTime = zip(times, ids).sorted { $0.0 < $1.0 }.map(\.1)
    #expect(ids.sorted() == byTime)
  }

  @Test func `Two ids of the same moment differ`() {
    let ids = (0..<1000).map { _ in ExchangeID.make(at: Timestamp(seconds: 1)) }
    #expect(Set(ids).count == 1000)
  }

  @Test func `A clock before 1970 still gives an id`() {
    let id = ExchangeID(time: Timestamp(seconds: -1), random: (1, 1))
    #expect(id.text == "00000000-0000-7001-8000-000000000001")
  }

  @Test func `An id is read back in lower case, of any version`() throws {
    let id = try #require(ExchangeID("0199F3C2-7A10-4C44-9D0E-2F6A8C1B5E70"))
    #expect(id.text == "0199f3c2-7a10-4c44-9d0e-2f6a8c1b5e70")
    #expect(ExchangeID("\(id)") == id)
  }

  @Test(arguments: [
    "", "0199f3c27a104c449d0e2f6a8c1b5e70", "0199f3c2-7a10-4c44-9d0e-2f6a8c1b5e7",
    "0199f3c2-7a10-4c44-9d0e-2f6a8c1b5e701",
    "0199f3c2-7a10-4c44-9d0e-2f6a8c1b5e7g", "0199f3c2_7a10_4c44_9d0e_2f6a8c1b5e70",
    "{199f3c2-7a10-4c44-9d0e-2f6a8c1b5e7}",
    "0199f3c27-a10-4c44-9d0e-2f6a8c1b5e70", "../../../../../../../../../etc/passwd",
    "0199f3c2-7a10-4c44-9d0e-2f6a8c1b5é7",
    "０199f3c2-7a10-4c44-9d0e-2f6a8c1b5e",
  ])
  func `What is no UUID is no id`(text: String) {
    #expect(ExchangeID(text) == nil)
  }

  @Test func `In JSON an id is its text, and a bad one is an error`() throws {
    let ids = [ExchangeID(time: Timestamp(seconds: 0), random: (0, 0))]
    let json = try JSONEncoder().encode(ids)
    #expect(String(decoding: json, as: UTF8.self) == #"["00000000-0000-7000-8000-000000000000"]"#)
    #expect(try JSONDecoder().decode([ExchangeID].self, from: json) == ids)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([ExchangeID].self, from: Data(#"["1"]"#.utf8))
    }
  }

  @Test func `An exchange or a delivery has ended only in the states that are ends`() {
    #expect(ExchangeState.allCases.filter(\.isSettled) == [.delivered, .partly, .failed])
    #expect(DeliveryState.allCases.filter { !$0.isEnd } == [.waiting, .held])
  }
}
