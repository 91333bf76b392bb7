import HubKit
import Testing

@testable import Population

@Suite struct NameTests {
  @Test(arguments: [
    ("Nguyễn Văn An", "NGUYEN VAN AN"), ("đặng thị ánh nguyệt", "DANG THI ANH NGUYET"),
    ("  Lê\u{A0}Thị \t Hồng  Gấm ", "LE THI HONG GAM"), ("Ưng Ứng Ướt Ỡm Ợt", "UNG UNG UOT OM OT"),
    ("Ðỗ Đức", "DO DUC"), ("Y-Moan Ênuôl", "Y-MOAN ENUOL"), ("K'Brơi", "K'BROI"), ("Håkan Müller", "HAKAN MULLER"),
    ("Thuý", "THUY"), ("Thúy", "THUY"), ("李 小龙", "李 小龙"), ("", ""),
  ])
  func `marks go, Đ becomes D, letters become capitals`(_ name: String, _ expected: String) {
    #expect(PopulationName.normalised(name, removingSpaces: false) == expected)
  }

  @Test func `composed and decomposed forms meet, and marks in any order`() {
    let composed = "Nguy\u{1EC5}n Th\u{1ECB} H\u{1EC7}"
    let decomposed = "Nguye\u{302}\u{303}n Thi\u{323} He\u{323}\u{302}"
    let otherOrder = "Nguye\u{302}\u{303}n Thi\u{323} He\u{302}\u{323}"
    for name in [composed, decomposed, otherOrder] {
      #expect(Array(PopulationName.normalised(name, removingSpaces: false).utf8) == Array("NGUYEN THI HE".utf8))
    }
  }

  @Test func `every Vietnamese letter has a plain one`() {
    let letters = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    let plain = PopulationName.normalised(letters, removingSpaces: false)
    #expect(
      plain == String(repeating: "A", count: 17) + String(repeating: "E", count: 11) + String(repeating: "I", count: 5)
        + String(repeating: "O", count: 17) + String(repeating: "U", count: 11) + "YYYYYD")
  }

  @Test func `spaces go where they should`() {
    #expect(PopulationName.normalised("Nguyễn  Văn An", removingSpaces: true) == "NGUYENVANAN")
  }
}

@Suite struct CitizenNumberTests {
  @Test(arguments: [
    ("031090900001", 1990, true, []), ("031185900002", 1985, false, []), ("031201900003", 2001, true, []),
    ("031304900006", 2004, false, []), ("031090900001", 1991, true, ["personal-id-birth-year"]),
    ("031090900001", 2090, true, ["personal-id-century"]),
    ("031090900001", 2091, true, ["personal-id-century", "personal-id-birth-year"]),
    ("031090900001", 1990, false, ["personal-id-gender"]), ("031185900002", 1985, true, ["personal-id-gender"]),
    ("031400900001", 2100, true, []),
  ])
  func `digits are held against what is declared`(_ text: String, _ year: Int, _ isMale: Bool, _ notes: [String]) throws
  {
    let number = try #require(CitizenNumber(text))
    #expect((number.notes(birthYear: year) + number.notes(isMale: isMale)).map(\.rawValue) == notes)
  }

  @Test(arguments: ["", "03109090000", "0310909000011", "03109090000x", "０31090900001"])
  func `twelve digits make a number, nothing else does`(_ text: String) {
    #expect(CitizenNumber(text) == nil)
  }
}

@Suite struct DateTests {
  @Test func `a day or a year, in both forms`() {
    #expect(PopulationDate(canonical: "1990-03-12")?.wire == "19900312")
    #expect(PopulationDate(canonical: "1948")?.wire == "1948")
    #expect(PopulationDate(wire: "19900312")?.canonical == "1990-03-12")
    #expect(PopulationDate(wire: "1948")?.canonical == "1948")
    #expect(PopulationDate(canonical: "2024-02-29") != nil)
  }

  @Test(arguments: ["", "90", "1990-3-12", "1990-03", "2023-02-29", "1990-13-01", "199003", "1990-03-12T00", "-990"])
  func `other shapes and days that do not exist are none`(_ text: String) {
    #expect(PopulationDate(canonical: text) == nil)
  }

  @Test(arguments: [
    ("20261101080000", "2026-11-01T08:00:00+07:00"), ("20261101", "2026-11-01T00:00:00+07:00"),
    ("2026-11-01T08:00:00", "2026-11-01T08:00:00+07:00"), ("2026-11-01T18:30:00Z", "2026-11-02T01:30:00+07:00"),
    ("2026-11-01T08:00:00.123+07:00", "2026-11-01T08:00:00+07:00"), ("20261301080000", nil), ("yesterday", nil),
  ])
  func `moments become Vietnam's time`(_ text: String, _ expected: String?) {
    #expect(PopulationMoment.canonical(text) == expected)
  }
}

@Suite struct SigningTests {
  @Test func `the password is the digest that sha256sum gives`() {
    // printf '%s' 'http://127.0.0.1:8095/dancuhaiphong.lgsp1767574800demo' | sha256sum
    #expect(
      PopulationSigning.password(
        url: "http://127.0.0.1:8095/dancu", username: "haiphong.lgsp", timestamp: "1767574800", secret: "demo")
        == "8ca816bd7023dec28a5e7b7e1fcf0e5f97918c64c4083201c71486a2ca622c9a")
  }

  @Test(arguments: [("seconds", "1767574800"), ("milliseconds", "1767574800123")])
  func `header fields`(_ unit: String, _ timestamp: String) throws {
    let values = settings(
      "http://127.0.0.1:8095/dancu",
      [
        "timestamp": .text(unit), "xRoadClient": .text("VN/GOV/H24/lgsp"),
        "apiKey": .secret(Secret(reference: "test", value: "key")),
      ])
    let signing = PopulationSigning(settings: try PopulationSettings(values))
    let fields = try signing.headers(at: Timestamp(microseconds: 1_767_574_800_123_999))
    #expect(fields["timestamp"] == timestamp)
    #expect(fields["SOAPAction"] == "\"\"")
    #expect(fields["X-Road-Client"] == "VN/GOV/H24/lgsp")
    #expect(fields["ApiKey"] == "key")
    #expect(fields["Authorization"]?.hasPrefix("Basic aHViLnRlc3Q6") == true)
    #expect(!"\(fields)".contains(secret))
  }
}

@Suite struct SettingsTests {
  private func problem(_ change: (inout [String: SettingValue]) -> Void) -> String? {
    var values: [String: SettingValue] = [
      "url": .text("http://127.0.0.1:1"), "username": .text("u"), "serviceCode": .text("G15"),
      "secret": .secret(Secret(reference: "env:KEY", value: nil)),
    ]
    change(&values)
    do {
      _ = try PopulationConnector(
        settings: SettingValues(values, declared: PopulationConnector.descriptor.settings))
      return nil
    } catch {
      return error.name
    }
  }

  @Test func `a check needs no secret's value`() {
    #expect(problem { _ in } == nil)
  }

  @Test(arguments: ["url", "username", "secret", "serviceCode"])
  func `what is missing is named`(_ name: String) {
    #expect(problem { $0[name] = nil } == name)
  }

  @Test func `what cannot be sent or returned is named`() {
    #expect(problem { $0["username"] = .text("a:b") } == "username")
    #expect(problem { $0["fields"] = .list(["name", "photo"]) } == "fields")
    #expect(problem { $0["fields"] = .list([]) } == "fields")
    #expect(problem { $0["xRoadClient"] = .text("a b") } == "xRoadClient")
  }

  @Test func `both operations are offered`() {
    #expect(PopulationConnector.descriptor.operations.map(\.name) == ["verify", "lookup"])
  }

  @Test func `the usual members are the four that most dossiers need`() throws {
    let fields = try PopulationSettings(settings("http://127.0.0.1:1")).fields
    #expect(fields == [.name, .birthDate, .gender, .permanentAddress])
  }
}
