import HubKit
import Testing

@Suite struct PrincipalTests {
  @Test func `What a principal writes is read back as the same one`() throws {
    let code = try #require(OrganisationCode("000.00.12.H24"))
    for principal in [
      Principal.agency(code), .endpoint("axis"), .person("an:nguyen"), .person(""),
      .endpoint("a b"), .hub("insight"),
    ] {
      #expect(Principal(text: principal.text) == principal)
    }
    #expect(Principal.agency(code).text == "agency:000.00.12.H24")
  }

  @Test func `Principals of different kinds never share a text`() throws {
    let code = try #require(OrganisationCode("H24"))
    let texts = [Principal.agency(code), .endpoint("H24"), .person("H24"), .hub("H24")].map(\.text)
    #expect(Set(texts).count == 4)
  }

  @Test(arguments: [
    "", ":", "agency", "agency:", "agency:H24 1", "Agency:H24", " agency:H24", "robot:H24",
    "agency:endpoint:axis",
  ])
  func `Another text names nobody`(text: String) {
    #expect(Principal(text: text) == nil)
  }

  @Test func `A violation names its place first, as far as it is known`() {
    #expect(Violation(rule: "r", message: "Wrong.").description == "Wrong.")
    #expect(
      Violation(rule: "r", message: "Wrong.", path: "/a", line: 3, column: 14).description
        == "line 3, column 14, /a: Wrong.")
    #expect(
      Violation(rule: "r", message: "Wrong.", path: "", line: 3).description == "line 3: Wrong.")
  }

  @Test func `One violation makes an error with that violation`() {
    #expect(
      InvalidMessage(rule: "dtd-not-allowed", "No DTD.", line: 1)
        == InvalidMessage([Violation(rule: "dtd-not-allowed", message: "No DTD.", line: 1)]))
  }
}
