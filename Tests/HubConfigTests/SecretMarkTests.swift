import HubConfig
import HubKit
import HubRouting
import Testing

@Suite struct SecretMarkTests {
  private func hub(_ secrets: String) -> [String: String?] { ["hub.yaml": Sample.hub + "\n" + secrets + "\n"] }

  @Test func `False alarms are read with their reason and end`() throws {
    let loaded = Sample.load(
      hub(
        """
        secrets:
          allow:
            - {notation: 12/QC-UBND, why: mẫu, until: "2026-12-31T17:00:00Z"}
            - {text: "Danh mục (Tối mật)", why: biểu mẫu}
            - {document: d-1, why: x}
        """))
    let allowed = try #require(loaded.configuration, "\(loaded.complaints)").hub.secretAllowances
    #expect(allowed.map(\.subject) == [.notation("12/QC-UBND"), .text("Danh mục (Tối mật)"), .document("d-1")])
    #expect(allowed.map(\.why) == ["mẫu", "biểu mẫu", "x"])
    #expect(allowed.map(\.until) == [Timestamp(rfc3339: "2026-12-31T17:00:00Z"), nil, nil])
    #expect(try #require(Sample.load().configuration).hub.secretAllowances.isEmpty)
  }

  @Test(arguments: [
    ("{notation: a}", "missing-key"), ("{why: x}", "exactly-one"),
    ("{text: a b c d, document: d, why: x}", "exactly-one"),
    ("{text: MẬT, why: x}", "allows-every-secret"), ("{text: Tối mật, why: x}", "allows-every-secret"),
    ("{text: \"[tuyệt mật]\", why: x}", "allows-every-secret"),
    ("{text: \"Độ mật: Mật\", why: x}", "allows-every-secret"),
    ("{text: mat, why: x}", "allows-every-secret"), ("{document: d, why: x, until: tomorrow}", "bad-time"),
  ])
  func `A false alarm without a reason, or that is every secret, is refused`(_ allowance: String, _ code: String) {
    let complaints = Sample.load(hub("secrets:\n  allow:\n    - \(allowance)")).complaints
    #expect(complaints.contains { $0.code == code && $0.severity == .error }, "\(complaints)")
  }

  @Test func `A route may refuse what cannot be seen, and looks away only with a reason`() throws {
    func route(_ secrets: String) -> (RouteSecrets?, [Complaint]) {
      let loaded = Sample.load(["routes/10.yaml": Sample.route + "\nsecrets: \(secrets)\n"])
      return (loaded.configuration?.routes.first { $0.name == "documents" }?.secrets, loaded.complaints)
    }
    #expect(route("{unseen: refuse}").0 == RouteSecrets(unseen: .refuse))
    #expect(route("{attachments: skip, why: máy sinh ra}").0 == RouteSecrets(attachments: .skip, why: "máy sinh ra"))
    #expect(route("{attachments: skip}").1.map(\.code).contains("secrets-skipped-without-why"))
    #expect(try #require(Sample.load().configuration).routes.first?.secrets == RouteSecrets())
  }
}
