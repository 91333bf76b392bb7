import HubKit
import HubTesting
import Testing

/// The contract suite is tested like everything else that is shipped: a sound connector passes, and each defect fails
/// exactly the behaviour that is there to find it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ContractSuiteTests {
  @Test func `A sound connector passes, and nothing is skipped`() async {
    let harness = DefectiveConnector.harness(nil)
    for behaviour in ConnectorContract.Behaviour.allCases {
      #expect(await ConnectorContract.outcome(of: harness, in: behaviour) == .passed, "\(behaviour)")
    }
  }

  @Test(arguments: Defect.allCases)
  func `A defect fails its own behaviour and no other`(_ defect: Defect) async {
    let found = await ConnectorContract.failures(of: DefectiveConnector.harness(defect))
    #expect(found.map(\.behaviour) == [defect.behaviour], "\(found)")
  }

  @Test func `Every behaviour has a defect that fails it`() {
    #expect(Set(Defect.allCases.map(\.behaviour)) == Set(ConnectorContract.Behaviour.allCases))
  }

  @Test func `What protects data cannot be skipped; all else can, with its reason`() async {
    for behaviour in ConnectorContract.Behaviour.allCases {
      let harness = DefectiveConnector.harness(nil).skipping(behaviour, because: "no time")
      let outcome = await ConnectorContract.outcome(of: harness, in: behaviour)
      if behaviour.protectsData {
        guard case .failed(let reason) = outcome else {
          Issue.record("\(behaviour) was skipped")
          continue
        }
        #expect(reason.contains("no time"))
      } else {
        #expect(outcome == .skipped("no time"))
      }
    }
  }

  @Test func `A certificate that says no is none, and one that says yes can be read again`() throws {
    let kind = DefectiveConnector.kind(nil)
    let time = Timestamp(microseconds: 0)
    let good = ConnectorCertificate(
      kind, digest: "d", at: time, [.init(.delivers, .passed), .init(.traceGoesOn, .skipped("x"))])
    #expect(good.isGood)
    #expect(try #require(ConnectorCertificate(json: good.json)) == good)
    #expect(!ConnectorCertificate(kind, digest: "d", at: time, [.init(.delivers, .failed("x"))]).isGood)
    #expect(!ConnectorCertificate(kind, digest: "d", at: time, [.init(.delivers, .skipped("x"))]).isGood)
    #expect(ConnectorCertificate(json: [1]) == nil)
  }

  @Test func `Settings may change when the major version rises`() {
    let before = SettingsSnapshot(of: DefectiveConnector.kind(nil).descriptor)
    var after = DefectiveConnector.kind(nil).descriptor
    after.settings = [
      Setting("url", .text, required: true, example: "x", help: "x"),
      Setting("unit", .text, required: true, example: "x", help: "x"),
    ]
    #expect(
      before.conflicts(with: after) == [
        "the setting token is gone", "the setting url was url and is text", "the new setting unit is required",
      ])
    after.version = "2.0.0"
    #expect(before.conflicts(with: after).isEmpty)
  }
}
