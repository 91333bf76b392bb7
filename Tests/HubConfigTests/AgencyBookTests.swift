import HubConfig
import HubKit
import HubRouting
import HubTesting
import Testing

/// An organisation code that is known to be one.
func code(_ text: String) -> OrganisationCode {
  guard let code = OrganisationCode(text) else { preconditionFailure("\(text) is no organisation code") }
  return code
}

@Suite struct AgencyBookTests {
  private func book(_ access: String) throws -> AgencyBook {
    try #require(Sample.load(["access.yaml": access]).configuration?.agencies)
  }

  @Test func `An agency is found by its code and by its aliases`() throws {
    let book = try book("access: []")
    #expect(book.agency(code("H23"))?.code == code("H24"))
    #expect(book.agency(code("H24"))?.endpoint == "city")
    #expect(book.agency(code("H99")) == nil)
  }

  @Test func `What no rule allows is refused, and the refusal says what is missing`() throws {
    let book = try book("access:\n  - {agency: H24.1, send: [vn.gov.*], to: [H24], call: [population.*]}")
    let agency = Principal.agency(code("H24.1"))
    let city = code("H24")
    #expect(book.refusal(of: agency, sending: "vn.gov.edoc.document", to: [city]) == nil)
    #expect(book.refusal(of: agency, sending: "org.x", to: [city])?.contains("type org.x") == true)
    #expect(
      book.refusal(of: agency, sending: "vn.gov.a", to: [city, code("H24.1")])?.contains("not to H24.1") == true)
    #expect(book.refusal(of: .agency(city), sending: "vn.gov.a", to: [])?.contains("no rights") == true)
    #expect(book.refusal(of: .person("an"), sending: "vn.gov.a", to: []) != nil)
    #expect(book.refusal(of: agency, calling: "population.verify") == nil)
    #expect(book.refusal(of: agency, calling: "land.lookup")?.contains("land.lookup") == true)
  }

  @Test func `A part of the hub has the rights of its own rule and no others`() throws {
    let book = try book("access:\n  - {hub: insight, send: [vn.a], to: [H24]}\n  - {agency: \"*\", send: [vn.b]}")
    #expect(book.refusal(of: .hub("insight"), sending: "vn.a", to: [code("H24")]) == nil)
    #expect(book.refusal(of: .hub("insight"), sending: "vn.a", to: [code("H24.1")]) != nil)
    #expect(book.refusal(of: .hub("insight"), sending: "vn.b", to: []) != nil)
    #expect(book.refusal(of: .hub("other"), sending: "vn.a", to: [])?.contains("no rights") == true)
    #expect(book.refusal(of: .endpoint("insight"), sending: "vn.a", to: []) != nil)
  }

  @Test func `An endpoint speaks only for those whom its rule names`() throws {
    let book = try book(
      """
      access:
        - {endpoint: city, send: vn.a, from: [H23, "H24.1*"], to: [H24]}
        - {endpoint: city, send: vn.b}
      """)
    let folder = Principal.endpoint("city")
    let (city, department) = (code("H24"), code("H24.1"))
    for sender in [city, code("H23"), department, code("H24.10")] {
      #expect(book.refusal(of: folder, sending: "vn.a", from: sender, to: [city]) == nil, "\(sender)")
    }
    let foreign = book.refusal(of: folder, sending: "vn.a", from: code("H24.2"), to: [city])
    #expect(foreign?.contains("in the name of H24.2, only of H24, H24.1*") == true, "\(foreign ?? "")")
    #expect(book.refusal(of: folder, sending: "vn.a", to: [city]) != nil, "nobody is named")
    #expect(book.refusal(of: folder, sending: "vn.a", from: department, to: [code("G22")])?.contains("G22") == true)
    #expect(book.refusal(of: folder, sending: "vn.b", from: code("H24.2"), to: [city]) == nil)
  }

  @Test func `Wildcards, aliases and endpoints are understood`() throws {
    let book = try book(
      """
      access:
        - {agency: "H24.*", send: vn.a}
        - {agency: H23, send: vn.b, to: [H23]}
        - {endpoint: city, send: vn.c, to: ["H24.*"]}
      """)
    let (city, department) = (code("H24"), code("H24.1"))
    #expect(book.refusal(of: .agency(department), sending: "vn.a", to: [city]) == nil)
    // `H24.*` does not take in `H24`.
    #expect(book.refusal(of: .agency(city), sending: "vn.a", to: []) != nil)
    // A rule that was written for the old code holds for the agency that has it now, addressed either way.
    #expect(book.refusal(of: .agency(city), sending: "vn.b", to: [code("H23"), city]) == nil)
    #expect(book.refusal(of: .agency(code("H23")), sending: "vn.b", to: [city]) == nil)
    #expect(book.refusal(of: .endpoint("city"), sending: "vn.c", to: [department]) == nil)
    #expect(book.refusal(of: .endpoint("city"), sending: "vn.c", to: [city]) != nil)
    #expect(book.refusal(of: .endpoint("other"), sending: "vn.c", to: [department]) != nil)
    // A wildcard gives nothing to a code that is no agency here.
    #expect(book.refusal(of: .agency(code("H24.77")), sending: "vn.a", to: []) != nil)
  }

  @Test func `A secret is recognised by its salted hash alone`() throws {
    let hash = SaltedHash(secret: "lgsp_abc")
    #expect(hash.matches("lgsp_abc") && !hash.matches("lgsp_abd") && !hash.matches(""))
    #expect(SaltedHash(hash.description) == hash)
    #expect(SaltedHash(secret: "lgsp_abc") != hash)
    // Made with another program: printf 'saltsaltsecret' | openssl dgst -sha256 -binary | base64
    let known = try #require(SaltedHash("sha256:c2FsdHNhbHQ=:J7DZ9QiIkiAbTVNB007sp9/TsZpqTzXFNt2gy+1F5wE="))
    #expect(known.matches("secret"))
    for text in ["", "sha256:a:b", "scrypt:c2FsdHNhbHQ=:aGFzaA==", "sha256:c2FsdA==:aGFzaA==", "sha256::"] {
      #expect(SaltedHash(text) == nil)
    }
  }

  @Test func `A credential ends at its time`() throws {
    let start = Timestamp(seconds: 1_000_000)
    let credential = StoredCredential(
      id: "a", agency: code("H24"), hash: SaltedHash(secret: "s"), created: start, expires: start + .seconds(10))
    #expect(credential.admits("s", at: start + .seconds(9)))
    #expect(!credential.admits("s", at: start + .seconds(10)))
    #expect(!credential.admits("t", at: start))
  }
}
