import Foundation
import HubKit
import HubTesting
import Testing

@testable import NationalPortal

extension SocketTests {
  @Suite struct OutboundTests {
    @Test func `a dossier that is there already is updated within the same attempt`() async throws {
      let portal = try Portal()
      let outbound = try portal.outbound()
      let first = try await outbound.deliver(delivery(record(), "dossier"))
      let second = try await outbound.deliver(delivery(record(1, ["TrangThaiHoSo": "9"]), "dossier", number: 2))
      #expect(first.code == "0")
      #expect(second.code == "0")
      let received = try await portal.received()
      #expect(received.map(\.isUpdating) == ["False", "True"])
      #expect(received.map(\.status) == ["4", "9"])
    }

    @Test func `a message without an operation becomes what the endpoint says`() async throws {
      let portal = try Portal(strict: false)
      _ = try await portal.outbound().deliver(delivery(progress()))
      _ = try await portal.outbound(["operation": .text("dossier")]).deliver(delivery(record()))
      #expect(try await portal.received().map(\.service) == ["CapNhatTienDoHoSoMC", "DongBoHoSoMC"])
    }

    @Test func `the status of a dossier that began on the portal is reported, of another refused`() async throws {
      let portal = try Portal()
      let outbound = try portal.outbound()
      try await portal.submit(time: "20260105080000", code: "000.00.00.H24-260105-0001")
      let change = ["MaHoSo": "000.00.00.H24-260105-0001", "TrangThai": "2"]
      _ = try await outbound.deliver(delivery(progress(1, change), "status"))
      #expect(try await portal.received().map(\.service) == ["DongBoTrangThaiHoSo"])
      let refused = await error { () throws(AdapterError) in
        try await outbound.deliver(delivery(progress(7), "status", number: 2))
      }
      #expect(refused?.verdict == .reject)
      #expect(refused?.code == "portal--4")
    }

    @Test func `a report whose first answer was lost counts once`() async throws {
      let portal = try Portal(strict: false)
      let outbound = try portal.outbound()
      let fault = #"{"service":"CapNhatTienDoHoSoMC","kind":"empty-body"}"#
      try await portal.control("POST", "faults", fault)
      let lost = await error { () throws(AdapterError) in try await outbound.deliver(delivery(progress())) }
      #expect(lost?.verdict == .inDoubt)
      #expect(lost?.code == "portal-empty-reply")
      #expect(try await outbound.deliver(delivery(progress())).code == "-3")
      #expect(try await portal.received().map(\.repeats) == [1])
    }

    @Test(arguments: ["header", "query"])
    func `dstcode goes where the adapter reads it`(_ place: String) async throws {
      let portal = try Portal(strict: false)
      _ = try await portal.outbound(["dstcodeIn": .text(place)]).deliver(delivery(progress()))
      #expect(try await portal.received().count == 1)
    }

    @Test func `a wrong account and a wrong dstcode stop the endpoint and lose no message`() async throws {
      let portal = try Portal(strict: false)
      for change: [String: SettingValue?] in [
        ["password": .secret(Secret(reference: "test", value: "sai"))], ["dstcode": .text("VN:GOV:khac")],
      ] {
        let outbound = try portal.outbound(change)
        let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(progress())) }
        #expect(failure?.verdict == .outage(after: nil))
      }
      #expect(try await portal.received().isEmpty)
    }

    // MARK: - Session

    @Test func `a lost session is renewed once inside the attempt`() async throws {
      let portal = try Portal(strict: false)
      let outbound = try portal.outbound()
      _ = try await outbound.deliver(delivery(progress(1)))
      _ = try await outbound.deliver(delivery(progress(2)))
      #expect(try await portal.sessions().logins == 1)
      try await portal.control("DELETE", "sessions")
      _ = try await outbound.deliver(delivery(progress(3)))
      #expect(try await portal.sessions().logins == 2)
      #expect(try await portal.received().count == 3)
    }

    @Test func `an expired session is renewed`() async throws {
      let portal = try Portal(strict: false)
      let outbound = try portal.outbound()
      _ = try await outbound.deliver(delivery(progress(1)))
      portal.clock.advance(by: .seconds(901))
      _ = try await outbound.deliver(delivery(progress(2)))
      #expect(try await portal.sessions().logins == 2)
    }

    @Test func `a session that never holds is an outage after one renewal`() async throws {
      let portal = try Portal(strict: false)
      try await portal.control(
        "POST", "faults", #"{"service":"CapNhatTienDoHoSoMC","kind":"error-code","code":"-2","times":-1}"#)
      let outbound = try portal.outbound()
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(progress())) }
      #expect(failure?.verdict == .outage(after: nil))
      #expect(failure?.code == "portal-session")
      #expect(try await portal.sessions().logins == 2)
    }

    @Test func `attempts at the same time share one login`() async throws {
      let portal = try Portal(strict: false)
      let outbound = try portal.outbound()
      for round in 0..<2 {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 1...8 {
            group.addTask { _ = try await outbound.deliver(delivery(progress(number + 10 * round), number: number)) }
          }
          try await group.waitForAll()
        }
        try await portal.control("DELETE", "sessions")
      }
      #expect(try await portal.sessions().logins == 2)
      #expect(try await portal.received().count == 16)
    }

    @Test func `a probe logs in and leaves no record`() async throws {
      let portal = try Portal()
      let outbound = try portal.outbound()
      try await outbound.probe()
      try await outbound.probe()
      #expect(try await portal.sessions().logins == 2)
      #expect(try await portal.received().isEmpty)
    }
  }
}

@Suite struct `Records that never leave` {
  private func refusal(_ body: String, _ operation: String? = "dossier") async throws -> AdapterError? {
    let transport = FaultyTransport([])
    let outbound = try #require(try parts(url: "http://127.0.0.1:1", transport: transport).outbound)
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(body, operation)) }
    #expect(transport.sent.isEmpty)
    return failure
  }

  @Test(
    arguments: [
      (#"{"MaHoSo":"A-1","DuocSoHoa":true}"#, "/DuocSoHoa is a boolean"),
      (#"{"MaHoSo":"A-1","DanhSachLePhi":[{"Gia":"1"},{"Gia":8000}]}"#, "/DanhSachLePhi/1/Gia is a number"),
      (#"{"MaHoSo":"A-1","GhiChu":null}"#, "/GhiChu is null"),
      (#"{"MaHoSo":"A-1","Nguyễn Văn Mẫu 031090000001":1}"#, "/* is a number"),
    ])
  func `a value that is no string is named by its place`(_ body: String, _ words: String) async throws {
    let failure = try await refusal(body)
    #expect(failure?.verdict == .reject)
    #expect(failure?.code == "not-a-string")
    #expect(failure?.reason.contains(words) == true, "\(failure?.reason ?? "")")
  }

  @Test(arguments: ["", "[]", "\"MaHoSo\"", "{", "\u{FEFF}{}", "{\"MaHoSo\":\"A-1\"} {}"])
  func `a body that is no object is refused`(_ body: String) async throws {
    let failure = try await refusal(body)
    #expect(failure?.verdict == .reject)
    #expect(failure?.code == "no-record")
  }

  @Test(arguments: ["{}", #"{"MaHoSo":""}"#, #"{"MaHoSo":"mã hồ sơ"}"#])
  func `a record without a code is refused`(_ body: String) async throws {
    #expect(try await refusal(body)?.code == "no-dossier-code")
  }

  @Test func `an operation that the portal does not have is refused`() async throws {
    #expect(try await refusal(record(), "xoa")?.code == "unknown-operation")
  }

  @Test func `an attempt whose time is over sends nothing`() async throws {
    let transport = FaultyTransport([])
    let outbound = try #require(try parts(url: "http://127.0.0.1:1", transport: transport).outbound)
    let failure = await error { () throws(AdapterError) in
      try await outbound.deliver(delivery(record(), "dossier", seconds: -1))
    }
    #expect(failure?.verdict == .retry(after: nil))
    #expect(transport.sent.isEmpty)
  }
}
