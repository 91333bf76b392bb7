import Foundation
import HubKit
import Testing

@testable import HubCommand

@Suite struct DemoPlanTests {
  @Test func aHundredMessagesMeetEveryKindAsOftenAsItsShare() throws {
    let plan = try DemoPlan.read(Self.planPath)
    var counts: [String: Int] = [:]
    for number in 1...100 { counts[plan.kind(of: number).name, default: 0] += 1 }
    for kind in plan.kinds { #expect(counts[kind.name] == kind.share, "\(kind.name)") }
  }

  @Test func atLeastOneMessageInTenIsAPlannedFailure() throws {
    let plan = try DemoPlan.read(Self.planPath)
    let failures = plan.kinds.filter { $0.expect.answer != "accepted" || $0.expect.state == .failed }
    #expect(failures.reduce(0) { $0 + $1.share } >= 10)
  }

  @Test func whatDoesNotEndAsPlannedIsFoundOut() throws {
    let plan = try DemoPlan.read(Self.planPath)
    let number = try #require((1...100).first { plan.kind(of: $0).name == "plain" })
    var result = DemoResult(
      number: number, kind: "plain", flow: "f", documentID: "d", messageID: "", answer: "accepted",
      exchange: ExchangeID.make(at: Timestamp(seconds: 0)))
    result.view = view(.delivered)
    let arrived = DemoVerdict.Received(documentId: "d", messageType: "edoc")
    let sender = plan.kind(of: number).from
    let status = DemoVerdict.Received(id: "s", subject: "d", type: "vn.gov.edoc.status", agency: sender)
    let astray = DemoVerdict.Received(id: "s", subject: "d", type: "vn.gov.edoc.status", agency: "H24.999")
    func failures(_ received: [DemoVerdict.Received]) -> [String] {
      DemoVerdict(plan: plan, results: [result], received: received).failures()
    }
    #expect(failures([arrived, status, status]).isEmpty)
    #expect(failures([status, status]).contains { $0.contains("0 copies") })
    #expect(failures([arrived, arrived, status, status]).contains { $0.contains("2 copies") })
    #expect(failures([arrived, status]).contains { $0.contains("1 statuses") })
    #expect(failures([arrived, status, status, astray]).contains { $0.contains("went to H24.999") })
    result.view = view(.failed)
    #expect(failures([arrived, status, status]).contains { $0.contains("ended failed") })
    result.answer = "forbidden"
    #expect(failures([arrived, status, status]).contains { $0.contains("answer forbidden") })
  }

  private func view(_ state: ExchangeState) -> ExchangeView {
    ExchangeView(
      id: ExchangeID.make(at: Timestamp(seconds: 0)), state: state, type: "t", source: "s", messageID: "m", sender: nil,
      receivers: [], receivedAt: Timestamp(seconds: 0))
  }

  private static let planPath = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Scripts/demo/traffic.json").path
}
