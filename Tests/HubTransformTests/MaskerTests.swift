import HubKit
import HubTransform
import Testing

@Suite struct MaskerTests {
  let masker = Masker(
    secret: Array("bi mat de thu".utf8),
    places: ["/nguoi/ten", "/con/*/ngaySinh", "/cay/**/ma"].map { PersonalPlace($0) })

  private func masked(_ json: String) throws -> String {
    String(decoding: try masker.mask(json: Array(json.utf8)), as: UTF8.self)
  }

  @Test func formsAreKept() {
    for text in ["Phạm Văn Thử", "NGUYỄN THỊ MẪU", "Số 12, ngõ 5", "a.b@c.vn"] {
      let other = masker.pseudonym(of: text)
      #expect(other != text)
      #expect(other.count == text.count)
      for (mine, theirs) in zip(text, other) {
        #expect(mine.isLetter == theirs.isLetter && mine.isUppercase == theirs.isUppercase, "\(text) \(other)")
        #expect(mine.isNumber == theirs.isNumber && mine.isASCII == theirs.isASCII, "\(text) \(other)")
        if !mine.isLetter && !mine.isNumber { #expect(mine == theirs) }
      }
    }
  }

  @Test func theSamePersonStaysTheSameAndAnotherSecretGivesAnother() {
    #expect(masker.pseudonym(of: "Phạm Văn Thử") == masker.pseudonym(of: "Phạm Văn Thử"))
    #expect(masker.pseudonym(of: "PHẠM VĂN THỬ") == masker.pseudonym(of: "Phạm Văn Thử").uppercased())
    #expect(Masker(secret: [1]).pseudonym(of: "Phạm Văn Thử") != masker.pseudonym(of: "Phạm Văn Thử"))
    #expect(masker.mask(text: "CCCD 031085000123.") == "CCCD \(masker.pseudonym(of: "031085000123")).")
  }

  @Test func numbersStayNumbersOfTheirKind() {
    let number = masker.pseudonym(of: "031085000123")
    #expect(number.count == 12 && number.hasPrefix("0") && number.allSatisfy(\.isNumber) && number != "031085000123")
    #expect(masker.pseudonym(of: "0912345678").hasPrefix("09"))
    #expect(masker.pseudonym(of: "+84912345678").hasPrefix("+849"))
  }

  @Test func datesStayDates() throws {
    for text in ["1985-03-07", "1985-03-07T08:00:00+07:00"] {
      let other = masker.pseudonym(of: text)
      let day = try #require(Timestamp(rfc3339: String(other.prefix(10)) + "T00:00:00Z"))
      #expect(day.description.hasPrefix("19") && other.dropFirst(10) == text.dropFirst(10) && other != text)
    }
    let other = masker.pseudonym(of: "07/03/1985").split(separator: "/").compactMap { Int($0) }
    #expect(other.count == 3 && (1...31).contains(other[0]) && (1...12).contains(other[1]) && other[2] / 100 == 19)
  }

  @Test func valuesAtPathsAreReplacedAndOthersStay() throws {
    let text =
      #"{"nguoi":{"ten":"Mẫu","so":1.50},"con":[{"ngaySinh":"2001-02-03","b":[]}],"cay":{"x":{"ma":7}},"ma":7}"#
    let other = try masked(text)
    #expect(!other.contains("Mẫu") && !other.contains("2001-02-03"))
    #expect(other.hasPrefix(#"{"nguoi":{"ten":""#) && other.contains(#""so":1.50}"#) && other.hasSuffix(#""ma":7}"#))
    #expect(other.count == text.count)
  }

  @Test func everythingBelowAPersonalPlaceIsPersonal() throws {
    let all = Masker(secret: [9], places: [PersonalPlace("")])
    let other = String(
      decoding: try all.mask(json: Array(#"{"a":["Mẫu",12345.5e3,true,null,-7]}"#.utf8)), as: UTF8.self)
    #expect(other.hasSuffix(#",null,-"# + other.suffix(3)) && !other.contains("Mẫu") && !other.contains("12345"))
    #expect(other.contains("e3,true,null,-"))
  }

  @Test(arguments: [
    "031085000123", "031 085 000 123", "0310-8500-0123", "012345678", "0912345678", "0912.345.678", "+84 912 345 678",
    "84912345678", "02253842123", "ten.ho@haiphong.gov.vn",
  ])
  func personalNumbersAreFoundInAnyText(piece: String) throws {
    for text in [piece, "Ông A (\(piece)), gọi lại", "số:\(piece)."] {
      #expect(!masker.mask(text: text).contains(piece), "\(masker.mask(text: text))")
      #expect(masker.mask(text: text).count == text.count)
      #expect(!(try masked("{\"x\":[\"\(text)\"]}")).contains(piece))
    }
  }

  @Test(arguments: [
    "2026-11-23T08:00:00", "1.000.000.000 đồng", "12/2026/NĐ-CP", "H24.12.3", "1234567", "12345678901234", "a @ b",
    "100.000.000.000", "KH012345678X",
  ])
  func otherTextStays(text: String) {
    #expect(masker.mask(text: text) == text)
  }

  @Test func namesOfMembersAreMaskedToo() throws {
    #expect(!(try masked(#"{"031085000123":1}"#)).contains("031085000123"))
  }
}

@Suite struct MomentTests {
  /// Each has a valid check digit of a card.
  @Test(arguments: ["20261128115106", "20261128115117005"])
  func aTimeIsNoCard(text: String) {
    #expect(Masker(secret: [1]).mask(text: "ThoiDiem \(text)") == "ThoiDiem \(text)")
    #expect(!Masker(secret: [1]).mask(text: "\(text); 4111111111111111").contains("4111111111111111"))
    #expect(!Masker(secret: [1]).mask(text: "30569309025904").contains("30569309025904"), "a card of 14 digits")
  }
}

@Suite struct PersonalPathsTests {
  @Test func marksAreFoundThroughEverythingThatASchemaIsMadeOf() {
    let schema = #"""
      {"properties":{"a/b":{"x-personal-data":true},"c":{"items":{"$ref":"#/definitions/n"}},"d":{"x-personal-data":false},
        "e":{"allOf":[{"properties":{"f":{"x-personal-data":true}}}]},"g":{"additionalProperties":{"x-personal-data":true}}},
       "if":{"properties":{"h":{"x-personal-data":true}}},
       "definitions":{"n":{"properties":{"cccd":{"x-personal-data":true},"cha":{"$ref":"#/definitions/n"}}},
         "unused":{"x-personal-data":true}}}
      """#
    #expect(
      personalPlaces(inSchema: schema).map(\.path) == [
        "/a~1b", "/c/*/cccd", "/c/*/cha/**/cccd", "/e/f", "/g/*", "/h",
      ])
  }

  @Test func aSchemaThatComesBackToItselfMarksEveryDepth() throws {
    let places = personalPlaces(
      inSchema: ##"{"properties":{"ten":{"x-personal-data":true},"con":{"items":{"$ref":"#"}}}}"##)
    #expect(places.map(\.path) == ["/con/*/**/ten", "/ten"])
    let masker = Masker(secret: [1], places: places)
    let other = try masker.mask(json: Array(#"{"ten":"Mẫu","con":[{"ten":"Mẫu","con":[{"ten":"Mẫu"}]}]}"#.utf8))
    #expect(!String(decoding: other, as: UTF8.self).contains("Mẫu"))
  }

  @Test func textThatIsNoSchemaMarksNothing() {
    #expect(personalPlaces(inSchema: "{").isEmpty)
    #expect(personalPlaces(inSchema: "true").isEmpty)
    #expect(personalPlaces(inSchema: #"{"x-personal-data":true}"#) == [PersonalPlace("")])
  }
}
