import HubKit
import HubRouting
import HubTransform
import Testing

@testable import HubBus

@Suite struct SecretRuleTests {
  private let now = Timestamp(seconds: 1_800_000_000)
  private let examination = Examination(
    subject: "doc-1", businessKeys: [BusinessKey(name: "notation", value: "12/QC-UBND")])
  private let mark = SecretMark(
    degree: "tối mật", place: "Subject", text: "Danh mục  bí mật nhà nước (Tối mật)")

  private func judge(_ what: SecretRules.Allowance.What..., until: Timestamp? = nil) -> Bool {
    let rules = SecretRules(allowances: what.map { SecretRules.Allowance($0, why: "known", until: until) })
    let (mark, notes) = rules.judge([mark], of: examination, at: now)
    #expect((mark == nil) == !notes.isEmpty)
    #expect(notes.allSatisfy { $0.message == "tối mật: allowed, known" && $0.path == "Subject" })
    return mark == nil
  }

  @Test func `a mark counts unless a person has named text, document or notation`() {
    #expect(!judge())
    #expect(judge(.phrase("danh mục bí mật nhà nước")))
    #expect(!judge(.phrase("danh mục khác")))
    #expect(judge(.document("doc-1")))
    #expect(!judge(.document("doc-2")))
    #expect(judge(.notation("12/QC-UBND"), .document("x")))
    #expect(!judge(.notation("13/QC-UBND")))
  }

  @Test func `an allowance ends with its time`() {
    #expect(judge(.document("doc-1"), until: now + .seconds(1)))
    #expect(!judge(.document("doc-1"), until: now))
  }

  @Test func `one allowed mark does not cover another`() {
    let rules = SecretRules(allowances: [SecretRules.Allowance(.phrase("danh mục"), why: "known")])
    let other = SecretMark(degree: "mật", place: "attachment 1, page 1", text: "MẬT")
    let (found, notes) = rules.judge([mark, other], of: examination, at: now)
    #expect(found == other)
    #expect(notes.count == 1)
  }

  @Test func `what cannot be seen is a note, or a refusal where a route asks for that`() throws {
    var inspection = AttachmentInspection(number: 1, kind: "application/pdf")
    inspection.unseen = [Violation(rule: AttachmentInspection.unseenRule, message: "scanned", path: "attachment 1")]
    #expect(try AttachmentCheck.judge([inspection], by: [RouteSecrets()]).map(\.message) == ["scanned"])
    #expect(throws: NotAccepted.self) {
      try AttachmentCheck.judge([inspection], by: [RouteSecrets(), RouteSecrets(unseen: .refuse)])
    }
    inspection.violations = [Violation(rule: "archive-bomb", message: "x")]
    #expect {
      try AttachmentCheck.judge([inspection], by: [RouteSecrets()])
    } throws: { error in
      (error as? NotAccepted)?.code == .invalid
    }
  }
}
