import Dispatch
import HubTransform
import Testing

/// What holds for every pseudonym.
@Suite struct PseudonymTests {
  let masker = Masker(secret: Array("bi mat de thu 16".utf8))

  /// Numbers that are the same in every run.
  private struct Numbers {
    var state: UInt64
    mutating func next(below bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 11) % bound
    }
  }

  private func padded(_ number: UInt64, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: count - text.count) + text
  }

  private func digits(_ text: String) -> [Int] { text.compactMap(\.wholeNumberValue) }

  private func luhn(_ text: String) -> Bool {
    digits(text).reversed().enumerated().reduce(0) { sum, item in
      let value = item.offset % 2 == 1 ? item.element * 2 : item.element
      return sum + (value > 9 ? value - 9 : value)
    } % 10 == 0
  }

  private func taxCheck(_ text: String) -> Bool {
    let sum = zip(digits(text), [31, 29, 23, 19, 17, 13, 7, 5, 3]).reduce(0) { $0 + $1.0 * $1.1 }
    return 10 - sum % 11 == digits(text)[9]
  }

  @Test func aHundredThousandPeopleStayAHundredThousand() async {
    let (masker, padded) = (masker, padded)
    // Not in the few threads that tests share: others wait there for sockets.
    let (seen, wrong): (Set<String>, [String]) = await withCheckedContinuation { done in
      DispatchQueue.global(qos: .utility).async {
        var seen = Set<String>()
        var wrong: [String] = []
        for number in 0..<100_000 as Range<UInt64> {
          let original = "0310\(padded(number, 8))"
          let other = masker.pseudonym(of: original)
          if other == original || other.count != 12 { wrong.append(original) }
          seen.insert(other)
        }
        done.resume(returning: (seen, wrong))
      }
    }
    #expect(wrong == [])
    #expect(seen.count == 100_000)
    #expect(seen.allSatisfy { $0.dropFirst(3).first == "0" })
    let provinces = Set(seen.map { String($0.prefix(3)) })
    #expect(provinces.count > 60 && provinces.isDisjoint(with: ["000", "003", "005", "097", "100"]))
  }

  @Test(arguments: [
    ("09", 8, 4000), ("031", 6, 4000), ("", 9, 4000), ("", 6, 3000), ("", 3, 1000), ("", 2, 100), ("", 1, 10),
    ("19850", 3, 300), ("19", 2, 100), ("A", 7, 2000), ("", 14, 2000), ("", 25, 500),
  ])
  func noTwoNumbersBecomeOneAndNoneStays(start: String, free: Int, count: Int) {
    var numbers = Numbers(state: UInt64(free))
    var bound: UInt64 = 1
    for _ in 0..<min(free, 18) { bound *= 10 }
    var originals = Set<String>()
    while originals.count < min(count, Int(min(bound, 1_000_000))) {
      let number = bound <= UInt64(count) ? UInt64(originals.count) : numbers.next(below: bound)
      originals.insert(start + padded(number, free))
    }
    var others = Set<String>()
    for original in originals {
      let other = masker.pseudonym(of: original)
      let keepsZero = original.count == 1 || original.hasPrefix("0") == other.hasPrefix("0")
      if other == original || other.count != original.count || !keepsZero { Issue.record("\(original) \(other)") }
      others.insert(other)
    }
    #expect(others.count == originals.count)
  }

  @Test func checkDigitsAreRightAgain() {
    var numbers = Numbers(state: 7)
    var cards = Set<String>()
    for _ in 0..<2000 {
      let body = "\(["4", "5", "9704"][Int(numbers.next(below: 3))])\(padded(numbers.next(below: 100_000_000_000), 11))"
      let original = (0...9).map { "\(body)\($0)" }.first(where: luhn) ?? ""
      let other = masker.pseudonym(of: original)
      #expect(luhn(other) && other != original && other.first == original.first && other.count == original.count)
      cards.insert(original)
    }
    #expect(Set(cards.map { masker.pseudonym(of: $0) }).count == cards.count)
    var codes = Set<String>()
    for _ in 0..<2000 {
      let body = "8\(padded(numbers.next(below: 100_000_000), 8))"
      guard let original = (0...9).map({ "\(body)\($0)" }).first(where: taxCheck) else { continue }
      let other = masker.pseudonym(of: original)
      #expect(taxCheck(other) && other != original && other.hasPrefix("8"))
      let branch = masker.pseudonym(of: "\(original)-001")
      #expect(taxCheck(String(branch.prefix(10))) && branch.hasSuffix("-001") && !branch.hasPrefix(original))
      codes.insert(original)
    }
    #expect(Set(codes.map { masker.pseudonym(of: $0) }).count == codes.count && codes.count > 1500)
    let account = masker.mask(text: "IBAN GB82 WEST 1234 5698 7654 32.")
    #expect(
      account.wholeMatch(of: /IBAN GB\d\d WEST \d{4} \d{4} \d{4} \d\d\./) != nil && !account.contains("1234 5698"))
    let plain = account.dropFirst(5).dropLast().filter { $0 != " " }
    let turned = (plain.dropFirst(4) + plain.prefix(4)).flatMap {
      $0.isNumber ? [$0] : Array(String(($0.asciiValue ?? 0) - 55))
    }
    #expect(turned.compactMap(\.wholeNumberValue).reduce(0) { ($0 * 10 + $1) % 97 } == 1)
  }

  @Test func oneNumberHasOnePseudonymInEveryWriting() {
    let phone = masker.pseudonym(of: "0912345678")
    for writing in ["0912 345 678", "0912.345.678", "+84912345678", "+84 912 345 678", "84912345678", "(091) 234-5678"]
    {
      let other = masker.pseudonym(of: writing).filter(\.isNumber)
      #expect(other.hasSuffix(phone.dropFirst()) && (other.hasPrefix("0") || other.hasPrefix("849")), "\(writing)")
    }
    let person = masker.pseudonym(of: "031085000123")
    #expect(masker.pseudonym(of: "031 085 000 123").filter(\.isNumber) == person)
    #expect(masker.mask(text: "CCCD: 0310-8500-0123").filter(\.isNumber) == person)
    let day = masker.pseudonym(of: "1985-03-07")
    let parts = day.split(separator: "-")
    #expect(masker.pseudonym(of: "07/03/1985") == "\(parts[2])/\(parts[1])/\(parts[0])")
    #expect(masker.pseudonym(of: "19850307") == parts.joined())
  }

  @Test func oneNameHasOnePseudonymInEveryWriting() {
    let name = masker.pseudonym(of: "Nguyễn Văn Đạt")
    #expect(masker.pseudonym(of: "NGUYỄN VĂN ĐẠT") == name.uppercased())
    #expect(masker.pseudonym(of: "Nguyê\u{303}n Va\u{306}n Đa\u{323}t") == name, "composed and decomposed")
    let masker = Masker(secret: Array("bi mat de thu 16".utf8), names: ["Nguyễn Văn Đạt", "Hoa", "nam"])
    for (writing, between) in [
      ("Nguyen Van Dat", " "), ("nguyen_van_dat", "_"), ("NGUYEN-VAN-DAT", "-"), ("NguyenVanDat", ""),
    ] {
      let other = masker.mask(text: "tờ khai \(writing).pdf")
      #expect(!other.lowercased().contains("nguyen"), "\(other)")
      #expect(other.hasPrefix("tờ khai ") && other.hasSuffix(".pdf") && other.contains(between))
      let letters = other.dropFirst(8).dropLast(4).lowercased().filter(\.isLetter)
      #expect(letters == masker.pseudonym(of: "nguyen van dat").filter(\.isLetter))
    }
    #expect(masker.mask(text: "Bà Hoa và hoạ sĩ, Hoang, nam giới").contains(", Hoang, nam giới"))
    #expect(!masker.mask(text: "Bà Hoa").contains("Hoa"))
  }

  @Test func lettersStayLettersOfTheirKind() {
    let vowels = Set("aeiouyàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ")
    for text in ["Phạm Thị Hồng Nhung", "LÊ QUỐC ƯỚC", "trần ỷ lan", "Vũ Ý", "Đỗ Đức"] {
      let other = masker.pseudonym(of: text)
      #expect(other.count == text.count && other != text)
      for (mine, theirs) in zip(text, other) {
        #expect(mine.isLetter == theirs.isLetter && mine.isUppercase == theirs.isUppercase)
        let isVowel = vowels.contains(Character(mine.lowercased()))
        #expect(isVowel == vowels.contains(Character(theirs.lowercased())), "\(text) \(other)")
        if isVowel { #expect(mine.isASCII == theirs.isASCII, "\(text) \(other)") }
      }
    }
    for letter in "abcdefghijklmnopqrstuvwxyz" { #expect(masker.pseudonym(of: String(letter)) != String(letter)) }
  }

  @Test(arguments: [
    ("Thẻ 4111 1111 1111 1111 hết hạn", "4111 1111 1111 1111"), ("chuyển vào STK 0071001234567 VCB", "0071001234567"),
    ("số tài khoản ngân hàng: 19035678901", "19035678901"), ("Account no. 123456", "123456"),
    ("MST cá nhân: 0312345678", "0312345678"), ("mã số thuế 8123456787", "8123456787"),
    ("CCCD031085000123", "031085000123"),
    ("TK: 1234 5678 9012", "1234 5678 9012"), ("mail%3A%20a.b%40c.vn", "a.b%40c.vn"),
    ("so%3D031085000123", "031085000123"),
  ])
  func identifiersBesideTheirWordsAreMasked(text: String, identifier: String) {
    let other = masker.mask(text: text)
    #expect(!other.contains(identifier), "\(other)")
    #expect(other.count == text.count || text.contains("%"))
  }

  @Test(arguments: [
    "MST 0100109106", "08:15:02.123456789 ", "số tiền 1500000 vào tài khoản", "0199f3c2-0102-7144-9100-031085000123",
    "phiên bản 123456",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-031085000123aaaa-01", "202611280915", "1764336719123",
    "a3f1031085000123ffab77aa00bb99cc",
  ])
  func whatIsNobodysStays(text: String) { #expect(masker.mask(text: text) == text) }

  @Test func membersNamesSayWhoseNumbersTheyAre() throws {
    let text =
      #"{"soTaiKhoan":"0071001234567","soTien":"0071001234567","cccd":31085000123,"count":31085000123,"MST":8123456787}"#
    let other = String(decoding: try masker.mask(json: Array(text.utf8)), as: UTF8.self)
    #expect(!other.contains(#""soTaiKhoan":"0071001234567""#) && other.contains(#""soTien":"0071001234567""#))
    #expect(!other.contains(#""cccd":31085000123"#) && other.contains(#""count":31085000123"#), "\(other)")
  }

  @Test func wrappedTextIsMaskedWhereItStands() throws {
    let json =
      #"{"data":"{\"ghiChu\":\"CCCD 031085000123\"}","file":"JVBERi0xLjQKMDMxMDg1MDAwMTIz","text":"U+G7kSBDQ0NEIDAzMTA4NTAwMDEyMw=="}"#
    let other = String(decoding: try masker.mask(json: Array(json.utf8)), as: UTF8.self)
    #expect(
      !other.contains("031085000123") && !other.contains("JVBERi0xLjQKMDMxMDg1")
        && !other.contains("U+G7kSBDQ0NEIDAzMTA4"))
    let notes = PseudonymNotes()
    let noting = Masker(secret: [1], notes: notes)
    let masked = try noting.mask(json: Array(json.utf8))
    var texts = 0
    ContentReader().read(masked) { part in
      guard case .text(let text) = part else { return }
      texts += 1
      for finding in PersonalFinding.all(in: text) { #expect(notes.contains(finding.text), "\(finding)") }
    }
    #expect(texts >= 6)
  }

  @Test func listedValuesStayAmongThoseListed() throws {
    let places = personalPlaces(
      inSchema:
        #"{"properties":{"g":{"enum":["male","female","unknown"],"x-personal-data":true},"ok":{"x-personal-data":true}}}"#
    )
    let masker = Masker(secret: [5], places: places)
    let other = String(decoding: try masker.mask(json: Array(#"{"g":"male","ok":true}"#.utf8)), as: UTF8.self)
    #expect([#"{"g":"female","ok":true}"#, #"{"g":"unknown","ok":true}"#].contains(other))
  }
}
