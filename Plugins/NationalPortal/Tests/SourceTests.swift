import Foundation
import HubKit
import HubTesting
import Testing

@testable import NationalPortal

extension SocketTests {
  /// The clock stands at 2026-01-05 08:00:00 in Vietnam.
  @Suite struct SourceTests {
    private func page(
      _ source: any PollingSource, after cursor: String? = nil, limit: Int = 50
    ) async throws -> Page {
      try await source.poll(after: cursor, limit: limit, bodies: MemoryBodyStore())
    }

    private func codes(_ page: Page) -> [String] { page.items.compactMap(\.envelope.subject) }

    @Test func `a dossier comes with its files and an envelope that says where it stands`() async throws {
      let portal = try Portal()
      let file = #"[{"TepDinhKemId":"t-1","TenTepDinhKem":"a.txt","Base64":"eGlu IGNo\n YW8="}]"#
      let json = """
        {"MaHoSo":"000.00.00.H24-260105-0001","MaTTHC":"2.000477","ChuHoSo":"Mẫu","TrangThaiHoSo":"2",
        "NgayNopHoSo":"20260105070000","NgayHenTra":"20260106170000","TaiLieuNop":\(file)}
        """
      try await portal.submit(time: "20260105073000", json)
      let page = try await page(portal.source())
      let item = try #require(page.items.first)
      #expect(item.envelope.type == "vn.gov.dvcqg.dossier")
      #expect(item.envelope.subject == "000.00.00.H24-260105-0001")
      #expect(item.envelope.id.hasPrefix("000.00.00.H24-260105-0001."))
      #expect(item.envelope.time == Timestamp(rfc3339: "2026-01-05T00:00:00Z"))
      #expect(item.envelope.extensions == ["dossierstatus": "accepted", "duetime": "2026-01-06T17:00:00+07:00"])
      let clean = json.replacing(#"eGlu IGNo\n YW8="#, with: "eGluIGNoYW8=")
      #expect(item.body == .inline(try canonical(clean)))
    }

    @Test func `equal times hide nothing and double nothing`() async throws {
      let portal = try Portal()
      let time = "20260105070000"
      for number in [3, 1, 2] { try await portal.submit(time: time, code: "H24-260105-000\(number)") }
      let source = try portal.source()
      let first = try await page(source, limit: 2)
      #expect(codes(first) == ["H24-260105-0001", "H24-260105-0002"])
      #expect(first.hasMore)
      try await portal.submit(time: time, code: "H24-260105-0000")
      let second = try await page(source, after: first.cursor)
      #expect(codes(second) == ["H24-260105-0000", "H24-260105-0003"])
      #expect(!second.hasMore)
      #expect(try await page(source, after: second.cursor).items.isEmpty)
      #expect(try await page(source, after: second.cursor).cursor == second.cursor)
    }

    @Test func `a lost cursor begins again and finds the same ids`() async throws {
      let portal = try Portal()
      for number in 1...3 { try await portal.submit(time: "2026010507000\(number)", code: "H23-260105-000\(number)") }
      try await portal.submit(time: "20251228075959", code: "H23-251228-0001")
      let source = try portal.source()
      let first = try await page(source)
      #expect(codes(first) == ["H23-260105-0001", "H23-260105-0002", "H23-260105-0003"])
      for cursor in [nil, "", "nonsense", #"{"time":"x","codes":[],"ahead":[],"owed":[]}"#] {
        #expect(try await page(source, after: cursor).items.map(\.envelope.id) == first.items.map(\.envelope.id))
      }
    }

    @Test func `a session lost in mid-batch keeps what was read, the rest comes later`() async throws {
      let portal = try Portal()
      for number in 1...4 { try await portal.submit(time: "2026010507000\(number)", code: "H24-260105-000\(number)") }
      // After the list and two records, no session holds any more.
      try await portal.control(
        "POST", "faults", #"{"service":"TraCuuHoSo","kind":"error-code","code":"-2","times":2,"skip":2}"#)
      let source = try portal.source()
      let first = try await page(source)
      #expect(codes(first) == ["H24-260105-0001", "H24-260105-0002"])
      #expect(!first.hasMore)
      let second = try await page(source, after: first.cursor)
      #expect(codes(second) == ["H24-260105-0003", "H24-260105-0004"])
    }

    @Test func `a session that is renewed in mid-batch is not noticed`() async throws {
      let portal = try Portal()
      for number in 1...4 { try await portal.submit(time: "2026010507000\(number)", code: "H24-260105-000\(number)") }
      try await portal.control("DELETE", "sessions?after=3")
      #expect(try await page(portal.source()).items.count == 4)
      #expect(try await portal.sessions().logins == 2)
    }

    @Test func `times in the future are kept, marked, and never move the cursor past now`() async throws {
      let portal = try Portal()
      try await portal.submit(time: "20260105070000", code: "H24-260105-0001")
      try await portal.submit(time: "20260105093000", code: "H24-260105-0009")
      let source = try portal.source()
      let first = try await page(source)
      #expect(codes(first) == ["H24-260105-0001", "H24-260105-0009"])
      #expect(first.items.map { $0.envelope.extensions["timeahead"] } == [nil, "true"])
      // One that comes in between is not skipped, and the early one not taken again.
      try await portal.submit(time: "20260105083000", code: "H24-260105-0005")
      portal.clock.advance(by: .seconds(7200))
      let second = try await page(source, after: first.cursor)
      #expect(codes(second) == ["H24-260105-0005"])
      try await portal.submit(time: "20260105094500", code: "H24-260105-0010")
      let third = try await page(source, after: second.cursor)
      #expect(codes(third) == ["H24-260105-0010"])
    }

    @Test func `a record that cannot be had now does not hold up the others, and comes later`() async throws {
      let portal = try Portal()
      for number in 1...3 { try await portal.submit(time: "2026010507000\(number)", code: "H24-260105-000\(number)") }
      let source = try portal.source()
      for fault in [#""kind":"error-code","code":"-1""#, #""kind":"unreadable""#, #""kind":"empty-body""#] {
        try await portal.control("POST", "faults", "{\"service\":\"TraCuuHoSo\",\(fault)}")
        let first = try await page(source)
        #expect(codes(first) == ["H24-260105-0002", "H24-260105-0003"])
        #expect(codes(try await page(source, after: first.cursor)) == ["H24-260105-0001"])
      }
    }

    @Test func `a record that never can be had neither stops the source nor is forgotten`() async throws {
      let portal = try Portal()
      for number in 1...2 { try await portal.submit(time: "2026010507000\(number)", code: "H24-260105-000\(number)") }
      // Each fault spoils one call: the first record is asked for first, and later last.
      let fault = #"{"service":"TraCuuHoSo","kind":"error-code","code":"-1"}"#
      try await portal.control("POST", "faults", fault)
      let source = try portal.source()
      let first = try await page(source)
      #expect(codes(first) == ["H24-260105-0002"])
      try await portal.control("POST", "faults", fault)
      #expect(try await page(source, after: first.cursor).items.isEmpty)
      try await portal.submit(time: "20260105070009", code: "H24-260105-0009")
      let third = try await page(source, after: first.cursor, limit: 1)
      #expect(codes(third) == ["H24-260105-0009"])
      #expect(codes(try await page(source, after: third.cursor)) == ["H24-260105-0001"])
    }

    @Test func `a record that is never handed out leaves a trace and is not asked for again`() async throws {
      let portal = try Portal()
      for number in 1...2 { try await portal.submit(time: "2026010507000\(number)", code: "H24-260105-000\(number)") }
      try await portal.control("POST", "faults", #"{"service":"TraCuuHoSo","kind":"error-code","code":"-4"}"#)
      let source = try portal.source()
      let first = try await page(source)
      #expect(first.items.map(\.envelope.type) == ["vn.gov.dvcqg.malformed", "vn.gov.dvcqg.dossier"])
      #expect(first.items.first?.envelope.extensions["diagnosis"]?.contains("portal--4") == true)
      #expect(try await page(source, after: first.cursor).items.isEmpty)
    }

    @Test func `a file that is never handed out does not hold up its dossier`() async throws {
      let portal = try Portal()
      try await portal.submit(time: "20260105070000")
      try await portal.control("POST", "faults", #"{"service":"LayTaiLieuHoSo","kind":"error-code","code":"-4"}"#)
      let item = try #require(try await page(portal.source()).items.first)
      #expect(item.envelope.extensions["missingfiles"] == "1")
      #expect(item.envelope.type == "vn.gov.dvcqg.dossier")
    }

    @Test func `a dossier larger than the limit is named, not taken`() async throws {
      let portal = try Portal()
      try await portal.submit(
        time: "20260105070000", #"{"MaHoSo":"H24-260105-0001","GhiChu":"\#(String(repeating: "x", count: 2000))"}"#)
      let item = try #require(try await page(portal.source(["recordBytesMax": .integer(1024)])).items.first)
      #expect(item.envelope.type == "vn.gov.dvcqg.malformed")
    }

    @Test(
      arguments: [
        (#""kind":"empty-body""#, "portal-empty-reply"), (#""kind":"unreadable""#, "portal-unreadable-reply"),
      ])
    func `a list without an answer is an outage, not nothing`(_ fault: String, _ code: String) async throws {
      let portal = try Portal()
      try await portal.control("POST", "faults", "{\"service\":\"DanhSachHoSo\",\(fault)}")
      let source = try portal.source()
      let failure = await error { () throws(AdapterError) in
        try await source.poll(after: nil, limit: 10, bodies: MemoryBodyStore())
      }
      #expect(failure?.verdict == .outage(after: nil))
      #expect(failure?.code == code)
    }

    @Test func `nothing can be had at all is an error, and the cursor stays`() async throws {
      let portal = try Portal()
      try await portal.submit(time: "20260105070000", code: "H24-260105-0001")
      try await portal.control("POST", "faults", #"{"service":"TraCuuHoSo","kind":"error-code","code":"-1"}"#)
      let source = try portal.source()
      let failure = await error { () throws(AdapterError) in
        try await source.poll(after: nil, limit: 10, bodies: MemoryBodyStore())
      }
      #expect(failure?.verdict == .retry(after: nil))
    }

    @Test func `without the setting the portal is not asked`() throws {
      #expect(try parts(url: "http://127.0.0.1:1", ["poll": nil]).sources.isEmpty)
    }
  }
}
