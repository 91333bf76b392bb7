import HubKit
import HubTesting
import Testing

@testable import HubSignature

/// What is done to signed files so that they look signed still (pdf-insecurity.org: universal signature forgery,
/// incremental saving, signature wrapping, shadows), and files that are none.
@Suite struct ForgeryTests {
  private static let signed: SignedPDF = {
    var pdf = SignedPDF()
    pdf.sign(by: .person)
    return pdf
  }()

  private let lists = ["root.crl", "sub.crl"]

  private func check(_ bytes: [UInt8]) -> PDFSignatures { verifier(crls: lists).verify(bytes, now: now) }

  @Test func aChangedByteIsSeenWhereverItIs() {
    let pdf = Self.signed
    #expect(check(pdf.bytes).verdict == .valid)
    let gap = SignaturePlaces(in: pdf.bytes, signaturesMax: 4).all[0].gap
    for position in stride(from: 0, to: pdf.bytes.count, by: 97) where !gap.contains(position) {
      var bytes = pdf.bytes
      bytes[position] ^= 0x01
      let result = check(bytes)
      #expect(result.verdict != .valid && result.verdict != .validButUnchecked, "\(position)")
    }
  }

  @Test func addingBehindTheSignatureIsSeen() {
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 9 0 R >>"
    let text = "<< /Length 44 >>\nstream\nBT /F1 24 Tf 72 700 Td (Mot ty dong chan) Tj ET\nendstream"
    var whole = Self.signed
    whole.append([(3, page), (whole.nextNumber, text)])
    var catalogue = Self.signed
    catalogue.append([(1, "<< /Type /Catalog /Pages 2 0 R >>")])
    var additional = Self.signed
    additional.append([(additional.nextNumber, text)])
    for (name, tail) in [
      ("no table", Array("3 0 obj\n\(page)\nendobj\n".utf8)), ("comment", Array("% only words".utf8)),
      ("trailer", Array("trailer\n<< /Root 4 0 R >>".utf8)), ("junk", [0x41]),
    ] {
      let result = check(Self.signed.bytes + tail)
      #expect(result.faults == [.changedAfterSigning] && !result.signatures[0].coversWholeFile, "\(name): \(result)")
      #expect(result.signatures[0].integrity == .intact, "\(name)")
    }
    for pdf in [whole, catalogue, additional] {
      #expect(check(pdf.bytes).faults == [.changedAfterSigning])
    }
    #expect(check(Self.signed.bytes + Array("\r\n".utf8)).verdict == .valid)
  }

  @Test func proofsMayBeAddedAndNothingWithThem() {
    let authority = Authority.shared
    let crls = [authority.der("root.crl"), authority.der("sub.crl")]
    var pdf = Self.signed
    pdf.addProofs(crls: crls, certificates: [authority.der("sub.crt")])
    let good = verifier().verify(pdf.bytes, now: now)
    #expect(good.verdict == .validButUnchecked && good.unchecked == [.proofAdded], "\(good)")
    #expect(good.signatures[0].revocation == .good)
    // Anything else that changes, each by one word of what was added.
    let start = Self.signed.bytes.count
    for (old, new) in [
      ("/Pages 2 0 R", "/Pages 4 0 R"), ("/Type /Catalog", "/Type /Cataloh"), ("/Root 1 0 R", "/Root 7 0 R"),
      ("/Type /DSS", "/Type /Abc"), ("/CRLs", "/Kids"), ("/SigFlags 3", "/SigFlags 0"), ("/Prev ", "/Perv "),
      ("startxref", "startxreg"), ("endobj", "endobk"), ("7 0 obj", "3 0 obj"), ("\n7 1\n", "\n3 1\n"),
      ("/Size", "/Encr"), ("<< /Length", "<< /Lengti"), (" 00000 n ", " 00000 f "),
    ] {
      var bytes = pdf.bytes
      guard let place = bytes[start...].firstRange(of: Array(old.utf8)) else {
        Issue.record("\(old) is not there")
        continue
      }
      bytes.replaceSubrange(place, with: Array(new.utf8))
      let result = verifier().verify(bytes, now: now)
      #expect(
        result.faults == [.changedAfterSigning] || (old == "/Size" && result.verdict != .valid), "\(old): \(result)")
    }
    let hidden = "\n3 0 obj << /Type /Page >> endobj\n"
    for tail in ["%" + hidden.dropFirst(), "%startxref 9 %%EOF\n", hidden] {
      #expect(verifier().verify(pdf.bytes + Array(tail.utf8), now: now).faults == [.changedAfterSigning], "\(tail)")
    }
    // Objects inside of what passes for a list.
    var inside = Self.signed
    let words = Array(hidden.utf8)
    inside.addProofs(crls: [DER(0x30, words + [UInt8](repeating: 0, count: 300)).bytes])
    #expect(verifier().verify(inside.bytes, now: now).faults == [.changedAfterSigning])
    var empty = Self.signed
    empty.addProofs(crls: [DER(0x30, [UInt8](repeating: 0, count: 300)).bytes])
    #expect(verifier().verify(empty.bytes, now: now).unchecked == [.revocationUnknown, .proofAdded])
    var page = pdf
    page.append([(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1 1] >>")])
    #expect(verifier().verify(page.bytes, now: now).faults == [.changedAfterSigning])
  }

  @Test func aRangeThatLiesIsSeen() {
    let bytes = Self.signed.bytes
    guard let place = bytes.firstRange(of: Array("/ByteRange [".utf8)),
      let end = bytes[place.upperBound...].firstIndex(of: 0x5D)
    else { return }
    let numbers = String(decoding: bytes[place.upperBound..<end], as: UTF8.self).split(separator: " ").map {
      Int($0) ?? 0
    }
    let (a, b, c) = (numbers[1], numbers[2], numbers[3])
    let lies = [
      "[0 \(a) \(b) \(c - 1)]", "[0 \(a) \(b + 1) \(c - 1)]", "[0 \(a - 1) \(b) \(c)]", "[1 \(a) \(b) \(c)]",
      "[0 \(a) \(b)]", "[0 \(a) \(b) \(c) 0 1]", "[0 \(a) \(b) \(c + 1)]", "[]", "null", "[0 \(a) \(b) -1]",
      "[0 \(a) 9999999999999999999 \(c)]", "[0 \(a) \(b) 999999999999999]", "[0 0 0 0]", "[0 \(a) \(a) \(c)]",
      "[0 \(a) \(b) \(c).0]", "(0 1 2 3)", "/Name", "[[0 \(a) \(b) \(c)]]", "7 0 R", "[\(a) 0 \(c) \(b)]",
    ]
    for lie in lies {
      var forged = bytes
      forged.replaceSubrange(place.lowerBound...end, with: Array("/ByteRange \(lie)".utf8))
      let result = check(forged)
      #expect(result.verdict == .invalid, "\(lie): \(result)")
    }
  }

  @Test func aSignatureWithoutItsPartsIsNone() {
    let text = Self.signed.bytes
    func replacing(_ old: String, _ new: String) -> [UInt8] {
      var bytes = text
      guard let place = bytes.firstRange(of: Array(old.utf8)) else { return [] }
      bytes.replaceSubrange(place, with: Array(new.utf8))
      return bytes
    }
    let gap = SignaturePlaces(in: text, signaturesMax: 4).all[0].gap
    func contents(_ new: String) -> [UInt8] {
      Array(text[..<gap.lowerBound]) + Array(new.utf8) + text[gap.upperBound...]
    }
    let forged: [(String, [UInt8], SignatureFinding)] = [
      ("no range", replacing("/ByteRange", "/ByteRangf"), .noRange),
      ("no contents", replacing("/Contents <", "/Contentz <"), .malformed),
      ("two contents", replacing("/Contents <", "/Contents <> /Contents <"), .malformed),
      ("two ranges", replacing("/ByteRange", "/ByteRange [0 1 2 3] /ByteRange"), .badRange),
      ("empty", contents("<>"), .badRange), ("null", contents("null"), .malformed),
      ("zeros", contents("<" + String(repeating: "0", count: gap.count - 2) + ">"), .malformed),
      ("text", contents("(" + String(repeating: "0", count: gap.count - 2) + ")"), .malformed),
      ("hidden name", replacing("/ByteRange", "/#42yteRange"), .badRange),
      ("way", replacing("/ETSI.CAdES.detached", "/ETSI.CAdES.detachee"), .unsupported),
    ]
    for (name, bytes, fault) in forged {
      let result = check(bytes)
      #expect(result.verdict == .invalid && result.faults.contains(fault), "\(name): \(result)")
    }
  }

  @Test func wrappingTheSignedPartsAroundOthersIsSeen() {
    let bytes = Self.signed.bytes
    let place = SignaturePlaces(in: bytes, signaturesMax: 4).all[0]
    guard let range = bytes.firstRange(of: Array("/ByteRange [".utf8)),
      let end = bytes[range.upperBound...].firstIndex(of: 0x5D)
    else { return }
    // The second part is moved back, and something else stands between; the digest is right.
    let evil = Array(" /Reason (Bai bo) ".utf8)
    var forged = Array(bytes[..<place.gap.upperBound]) + evil + bytes[place.gap.upperBound...]
    let text =
      "/ByteRange [0 \(place.gap.lowerBound) \(place.gap.upperBound + evil.count) \(bytes.count - place.gap.upperBound)"
    let width = end - range.lowerBound
    let padded = text + String(repeating: " ", count: max(width - text.utf8.count, 0))
    forged.replaceSubrange(range.lowerBound..<end, with: Array(padded.utf8))
    #expect(forged.count == bytes.count + evil.count && check(forged).faults == [.badRange])
    // A copy of the dictionary further behind.
    let copy =
      Self.signed.bytes + Array("\n5 0 obj\n".utf8) + bytes[(range.lowerBound - 3)..<place.gap.upperBound]
      + Array(" >>\nendobj\n".utf8)
    #expect(check(copy).verdict == .invalid)
    // The whole signed file inside another.
    let outer = Array("%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n".utf8) + bytes
    #expect(check(outer).faults == [.badRange])
    // Two that claim to cover each other.
    var twice = Self.signed
    twice.sign(SignedPDF.Options(unsignedTail: 40)) { Authority.shared.sign($0, by: .agency) }
    #expect(check(twice.bytes).faults == [.changedAfterSigning])
  }

  @Test func whatIsNoSignedFileIsNone() {
    #expect(check([]).verdict == .notPDF && check(Array("PK\u{3}\u{4}".utf8)).verdict == .notPDF)
    #expect(check(SignedPDF().bytes).verdict == .noSignature)
    #expect(
      check(Array("%PDF-1.7\n".utf8) + (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }).verdict
        == .noSignature)
    var small = SignatureLimits()
    small.fileBytesMax = 1000
    #expect(
      SignatureVerifier(trust: SignatureTrust(), limits: small).verify(Self.signed.bytes, now: now).verdict == .tooLarge
    )
    for count in stride(from: 0, to: Self.signed.bytes.count - 1, by: 1009) {
      let result = check(Array(Self.signed.bytes.prefix(count)))
      #expect([.invalid, .noSignature, .notPDF].contains(result.verdict), "\(count)")
    }
    let many = (0..<10_000).map { "\($0) 0 obj << /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >> endobj\n" }.joined()
    let result = check(Array("%PDF-1.7\n\(many)".utf8))
    #expect(result.verdict == .invalid && result.faults == [.tooMany])
    let deep = "%PDF-1.7\n1 0 obj " + String(repeating: "<< /A [", count: 50_000) + " /ByteRange [0 1 2 3]"
    #expect(check(Array(deep.utf8)).faults == [.malformed])
  }

  @Test func anUnsignedFieldIsNoSignature() {
    var pdf = SignedPDF()
    pdf.append([(pdf.nextNumber, "<< /FT /Sig /T (Ky) /SV << /Type /SV /SubFilter [/ETSI.CAdES.detached] >> >>")])
    #expect(check(pdf.bytes).verdict == .noSignature)
  }

  @Test func aSignedFileInsideIsNotThisOnesSignature() {
    let inner = Self.signed.bytes
    var pdf = SignedPDF()
    let text = String(String.UnicodeScalarView(inner.map(Unicode.Scalar.init)))
    pdf.append([(pdf.nextNumber, "<< /Type /EmbeddedFile /Length \(inner.count) >>\nstream\n\(text)\nendstream")])
    #expect(check(pdf.bytes).verdict == .noSignature)
    pdf.sign(by: .agency)
    #expect(check(pdf.bytes).verdict == .valid)
  }

  @Test func anEncryptedFileIsVerifiedAndItsTextsAreNotShown() throws {
    var pdf = SignedPDF(trailer: " /Encrypt << /Filter /Standard /V 1 /R 2 >>")
    pdf.sign(by: .person)
    let result = check(pdf.bytes)
    let signature = try #require(result.signatures.first)
    #expect(result.verdict == .valid && signature.notes.contains(.encrypted) && signature.reason == nil)
  }

  @Test(arguments: 0..<4)
  func noMutationOfWhatIsSignedIsValid(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var pdf = Self.signed
    pdf.sign(by: .agency)
    let places = SignaturePlaces(in: pdf.bytes, signaturesMax: 4).all
    let good = check(pdf.bytes)
    #expect(good.verdict == .valid)
    for round in 0..<100 {
      var bytes = pdf.bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&bytes, &random) }
      let result = check(bytes)
      guard result.verdict == .valid || result.verdict == .validButUnchecked else { continue }
      // The bytes of the last signature itself are the only ones that nobody signed; their zeros mean nothing.
      let (gap, tail) = (places[1].gap, bytes.count - pdf.bytes.count)
      let isSame =
        tail >= 0 && bytes[..<gap.lowerBound] == pdf.bytes[..<gap.lowerBound]
        && bytes[gap.upperBound..<pdf.bytes.count] == pdf.bytes[gap.upperBound...]
      #expect(isSame && bytes.dropFirst(pdf.bytes.count).allSatisfy { PDFReader.isSpace($0) }, "\(seed) \(round)")
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let position = Int.random(in: 0..<bytes.count, using: &random)
    let length = min(Int.random(in: 1...2000, using: &random), bytes.count - position)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.removeSubrange(position..<position + length)
    case 2: bytes.insert(contentsOf: bytes[position..<position + length], at: position)
    case 3: bytes += bytes[position..<position + length]
    case 4: bytes.replaceSubrange(position..<position + length, with: [UInt8](repeating: 0x30, count: length))
    default: bytes.removeLast(min(length, bytes.count - 1))
    }
  }
}
