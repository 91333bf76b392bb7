import Foundation
import HubKit
import Testing

@testable import HubSignature

let now = SystemClock().now
let later = now + .seconds(5 * 365 * 86_400)

func verifier(roots: [String] = ["root.crt"], crls: [String] = []) -> SignatureVerifier {
  let authority = Authority.shared
  return SignatureVerifier(
    trust: SignatureTrust(roots: roots.map(authority.file), crls: crls.map(authority.file)))
}

func verify(_ pdf: SignedPDF, roots: [String] = ["root.crt"], crls: [String] = [], at time: Timestamp = now)
  -> PDFSignatures
{
  verifier(roots: roots, crls: crls).verify(pdf.bytes, now: time)
}

private let lists = ["root.crl", "sub.crl"]

@Suite struct SignatureTests {
  @Test func aSignatureHoldsAndSaysWhose() throws {
    var pdf = SignedPDF()
    pdf.sign(by: .person)
    let result = verify(pdf)
    #expect(result.verdict == .validButUnchecked, "\(result)")
    #expect(result.unchecked == [.revocationUnknown] && result.faults == [])
    let signature = try #require(result.signatures.first)
    #expect(signature.signer?.name == "Nguyễn Thử Nghiệm" && signature.signer?.organisation == "UBND thành phố")
    #expect(signature.signer?.issuer == "CA thử nghiệm" && signature.digest == "SHA256")
    #expect(signature.signedAt == Timestamp(rfc3339: "2026-11-28T09:30:00+07:00"))
    #expect(signature.reason == "Ban hanh" && signature.location == "Hai Phong")
    #expect(signature.integrity == .intact && signature.trust == .trusted && signature.coversWholeFile)
    #expect(signature.notes == [.noStamp] && signature.stampedAt == nil && signature.judgedAt == now)
    #expect(verify(pdf, crls: lists).verdict == .valid)
  }

  @Test func anAgencySignsBehindAPerson() {
    var pdf = SignedPDF()
    pdf.sign(by: .person)
    pdf.sign(by: .agency)
    let result = verify(pdf, crls: lists)
    #expect(result.verdict == .valid, "\(result)")
    #expect(result.signatures.map { $0.signer?.name } == ["Nguyễn Thử Nghiệm", "Sở Thử nghiệm"])
    #expect(result.signatures.map(\.coversWholeFile) == [false, true])
    #expect(result.signatures.map { $0.notes.contains(.followedByUpdate) } == [true, false])
  }

  @Test func aTimeStampProvesThatItWasSignedBeforeTheCertificateExpired() throws {
    var (plain, stamped) = (SignedPDF(), SignedPDF())
    plain.sign(by: .person)
    stamped.sign(by: .person, isStamped: true)
    let expired = verify(plain, crls: lists, at: later)
    #expect(expired.verdict == .invalid && expired.faults == [.expired])
    #expect(expired.signatures.first?.trust == .expired)
    let result = verify(stamped, crls: lists, at: later)
    #expect(result.verdict == .valid, "\(result)")
    let time = try #require(result.signatures.first?.stampedAt)
    #expect(time > now - .seconds(600) && time < now + .seconds(600) && result.signatures.first?.judgedAt == time)
    // Long after, who stamped has expired as well.
    let muchLater = verify(stamped, crls: lists, at: now + .seconds(30 * 365 * 86_400))
    #expect(muchLater.verdict == .validButUnchecked && muchLater.unchecked == [.stampExpired], "\(muchLater)")
    #expect(verify(plain, at: now - .seconds(5 * 365 * 86_400)).faults == [.notYetValid])
  }

  @Test func aTimeStampOfSomethingElseIsAFault() {
    for (tsa, stamps, fault) in [
      (Authority.Person.tsa, [UInt8]("other".utf8), SignatureFinding.stampOfOther), (.tsa, [], .stampBroken),
    ] {
      var pdf = SignedPDF()
      pdf.sign { signed in
        guard var parts = CMS(Authority.shared.sign(signed, by: .person)) else { return [] }
        var token = Authority.shared.stamp(stamps.isEmpty ? parts.signature : stamps, by: tsa)
        // The end of a token is its signature.
        if stamps.isEmpty { token[token.count - 4] ^= 1 }
        parts.add(stamp: token)
        return parts.bytes
      }
      let result = verify(pdf, crls: lists)
      #expect(result.verdict == .invalid && result.faults == [fault] && result.signatures.first?.stampedAt == nil)
    }
    var pdf = SignedPDF()
    pdf.sign(by: .person, isStamped: true, tsa: .strangeTSA)
    let result = verify(pdf, crls: lists)
    #expect(result.verdict == .validButUnchecked && result.unchecked == [.stampUntrusted], "\(result)")
    #expect(result.signatures.first?.stampedAt == nil)
    #expect(verify(pdf, crls: lists, at: later).faults == [.expired])
  }

  @Test func aStampOverTheFileProvesTheSignaturesBeforeIt() {
    var pdf = SignedPDF()
    pdf.sign(by: .person)
    pdf.addProofs(crls: lists.map(Authority.shared.der), certificates: [Authority.shared.der("sub.crt")])
    pdf.stamp()
    let result = verify(pdf, at: later)
    #expect(result.verdict == .valid, "\(result)")
    #expect(result.signatures.map(\.kind) == [.signature, .timeStamp])
    #expect(result.signatures[0].stampedAt == result.signatures[1].stampedAt && result.signatures[0].stampedAt != nil)
    var alone = SignedPDF()
    alone.stamp()
    #expect(verify(alone, crls: lists).unchecked == [.onlyStamps])
    var strange = SignedPDF()
    strange.sign(by: .person)
    strange.stamp(by: .strangeTSA)
    #expect(verify(strange).faults == [.unknownRoot])
    #expect(verify(strange, at: later).signatures[0].trust == .expired)
  }

  @Test func anotherRootIsNotTrustedAndNoRootSaysSo() {
    var pdf = SignedPDF()
    pdf.sign(by: .stranger)
    #expect(verify(pdf).faults == [.unknownRoot] && verify(pdf).verdict == .invalid)
    #expect(verify(pdf, roots: ["rogue.crt"]).faults == [])
    #expect(verify(pdf, roots: ["root.crt", "rogue.crt"]).signatures.first?.trust == .trusted)
    let none = verify(pdf, roots: [])
    #expect(none.verdict == .validButUnchecked && none.unchecked == [.noRoots, .revocationUnknown])
    // An authority below the root may be named instead of it.
    var other = SignedPDF()
    other.sign(by: .person)
    #expect(verify(other, roots: ["sub.crt"], crls: lists).verdict == .valid)
    #expect(verify(other, roots: ["agency.crt"]).faults == [.unknownRoot])
  }

  @Test func aCertificateForSomethingElseIsNone() {
    var pdf = SignedPDF()
    pdf.sign(by: .server)
    #expect(verify(pdf).faults == [.wrongUsage])
    var stamp = SignedPDF()
    stamp.sign(by: .tsa)
    #expect(verify(stamp).faults == [.wrongUsage])
  }

  @Test func otherWaysOfSigningAreKnown() {
    var plain = SignedPDF()
    plain.sign(SignedPDF.Options(subFilter: "adbe.pkcs7.detached")) {
      Authority.shared.sign($0, by: .agency, isCAdES: false)
    }
    let result = verify(plain, crls: lists)
    #expect(result.verdict == .valid && result.signatures.first?.notes == [.noStamp, .noSignerReference], "\(result)")
    var old = SignedPDF()
    old.sign(SignedPDF.Options(subFilter: "adbe.pkcs7.sha1")) {
      Authority.shared.signInside(Authority.shared.sha1($0), by: .agency)
    }
    #expect(verify(old, crls: lists).unchecked == [.weakDigest], "\(verify(old, crls: lists))")
    var bytes = old.bytes
    if let place = bytes.firstRange(of: Array("118/QD".utf8)) { bytes[place.lowerBound] = 0x32 }
    #expect(verifier().verify(bytes, now: now).faults == [.changed])
    var weak = SignedPDF()
    weak.sign { Authority.shared.sign($0, by: .person, digest: "sha1") }
    #expect(verify(weak, crls: lists).unchecked == [.weakDigest])
    var unknown = SignedPDF()
    unknown.sign(SignedPDF.Options(subFilter: "adbe.x509.rsa_sha1")) { _ in [1, 2, 3] }
    #expect(verify(unknown).faults == [.unsupported])
  }

  @Test func aSignatureThatNamesAnotherCertificateIsNone() throws {
    var pdf = SignedPDF()
    pdf.sign(SignedPDF.Options(subFilter: "ETSI.CAdES.detached")) { signed in
      // What a signature of an agency says, with the certificate and key of another.
      guard let own = CMS(Authority.shared.sign(signed, by: .agency)),
        var other = CMS(Authority.shared.sign(signed, by: .revoked)),
        let attributes = own.signer.children.first(where: { $0.tag == 0xA0 })
      else { return [] }
      other.replace(attributes: attributes) { Authority.shared.signRaw($0, by: .revoked) }
      return other.bytes
    }
    let result = verify(pdf)
    #expect(
      result.faults == [.malformed] && result.signatures.first?.detail == "names another certificate", "\(result)")
  }
}
