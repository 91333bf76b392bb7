import HubKit
import Testing

@testable import HubRouting

@Suite("Which messages the second version of an endpoint takes")
struct VersionRuleTests {
  private let noon = Timestamp(seconds: 1_700_000_000)

  private func takes(_ rule: VersionRule, key: String?, id: String = "x", at time: Timestamp? = nil) -> Bool {
    rule.takesNext(key: key, id: id, receivedAt: time ?? noon)
  }

  @Test("A share is one of keys, within one in a hundred of ten thousand, and a larger one takes all of a smaller one")
  func share() {
    let keys = (0..<10_000).map { "H24.\($0 % 97)-2026-\($0)" }
    var before: Set<String> = []
    for share in [0.01, 0.1, 0.25, 0.5, 0.9] {
      let taken = Set(keys.filter { takes(.share(share), key: $0) })
      #expect(
        abs(Double(taken.count) / 10_000 - share) < 0.01, "\(share): \(taken.count)")
      #expect(taken.isSuperset(of: before))
      before = taken
    }
    #expect(keys.allSatisfy { takes(.share(1), key: $0) })
  }

  @Test("A key stands at the same place in every process and every version of the hub")
  func stable() {
    #expect(VersionRule.place(of: "H24.101-1") == 0.6227717219300971)
    #expect(VersionRule.place(of: "Hải Phòng") == 0.10006238936665257)
    #expect(VersionRule.place(of: "") < 1)
  }

  @Test("A date takes what is received from then on, to the microsecond")
  func date() {
    let before = Timestamp(microseconds: noon.microseconds - 1)
    #expect(takes(.from(noon), key: nil))
    #expect(takes(.from(noon), key: "k", at: noon + .seconds(1)))
    #expect(!takes(.from(noon), key: "k", at: before))
  }

  @Test("Patterns take keys; what has no key is drawn by its own name, or stays where it was")
  func keys() {
    let rule = VersionRule.keys([Pattern("H24.101-*"), Pattern("x")])
    #expect(takes(rule, key: "H24.101-9") && takes(rule, key: "x"))
    #expect(!takes(rule, key: "H24.102-9") && !takes(rule, key: nil))
    #expect(!takes(.never, key: "x"))
    let drawn = (0..<10_000).count { takes(.share(0.5), key: nil, id: "\($0)") }
    #expect((4800...5200).contains(drawn))
  }

  @Test("The second version has a name that no file can give")
  func names() {
    #expect(EndpointVersionName.next(of: "tax") == "tax@next")
    #expect(EndpointVersionName.endpoint(ofNext: "tax@next") == "tax")
    #expect(EndpointVersionName.endpoint(ofNext: "tax") == nil)
  }
}
