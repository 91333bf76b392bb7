import FoundationEssentials
import HubKit
import Testing

@Suite struct OrganisationCodeTests {
  @Test(arguments: [
    "H24", "H24.12.3", "G22.99.103.001.01", "000.00.12.H24", "12.34.56.H24", "vxp.saas.03",
    "vxp.lgsp.haiphong", "A",
    "so-noi-vu_01",
  ])
  func `Codes of all three generations are taken as they are written`(text: String) throws {
    let code = try #require(OrganisationCode(text))
    #expect(code.text == text)
    #expect("\(code)" == text)
  }

  @Test(arguments: [
    "", " ", " H24", "H24 ", "H24,H25", "H24/1", "../H24", "H24\n", "H24\0", "H24\r\nX-Evil: 1",
    "H24?x", "H24%2E",
    "H24*", "*", "Hải", "Ｈ24", "H24\u{301}", "H24\u{200B}", "{receiver}", "H24\"", "'--",
    "H24\u{FFFD}", "H24:1",
  ])
  func `A text with anything else in it is no code`(text: String) {
    #expect(OrganisationCode(text) == nil)
  }

  @Test func `Every byte but letters, digits, dot, hyphen and underscore is refused`() {
    let good = Set(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_".unicodeScalars)
    for number in UInt32(0)...0x2FF {
      guard let scalar = Unicode.Scalar(number) else { continue }
      #expect(
        (OrganisationCode("H\(scalar)4") != nil) == good.contains(scalar),
        "U+\(String(number, radix: 16))")
    }
  }

  @Test func `The longest code has 64 characters`() {
    #expect(OrganisationCode(String(repeating: "H", count: OrganisationCode.lengthMax)) != nil)
    #expect(OrganisationCode(String(repeating: "H", count: OrganisationCode.lengthMax + 1)) == nil)
    #expect(OrganisationCode.lengthMax == 64)
  }

  @Test func `Codes that differ in case are two codes, and order by their bytes`() throws {
    let codes = try ["h24", "H24.10", "H24.9", "H24", "000.00.00.H24"].map {
      try #require(OrganisationCode($0))
    }
    #expect(Set(codes).count == 5)
    #expect(codes.sorted().map(\.text) == ["000.00.00.H24", "H24", "H24.10", "H24.9", "h24"])
  }

  @Test func `In JSON a code is its text, and a bad one is an error`() throws {
    let codes = try [#require(OrganisationCode("H24.1"))]
    let json = try JSONEncoder().encode(codes)
    #expect(String(decoding: json, as: UTF8.self) == #"["H24.1"]"#)
    #expect(try JSONDecoder().decode([OrganisationCode].self, from: json) == codes)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([OrganisationCode].self, from: Data(#"["H24 1"]"#.utf8))
    }
  }
}
