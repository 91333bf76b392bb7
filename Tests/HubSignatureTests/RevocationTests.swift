import HubKit
import Testing

@testable import HubSignature

@Suite struct RevocationTests {
  private let authority = Authority.shared

  @Test func aRevokedCertificateIsFoundWhereverItIsSaid() throws {
    let crl = authority.der("sub.crl")
    var inside = SignedPDF()
    inside.sign { signed in
      guard var parts = CMS(authority.sign(signed, by: .revoked)) else { return [] }
      parts.add(crls: [crl])
      return parts.bytes
    }
    var archived = SignedPDF()
    archived.sign { archive($0, by: .revoked, crls: [crl]) }
    var answered = SignedPDF()
    answered.sign { archive($0, by: .revoked, answers: [authority.answer(about: .revoked)]) }
    var plain = SignedPDF()
    plain.sign(by: .revoked)
    var added = plain
    added.addProofs(crls: [crl])
    added.stamp()
    for (name, result) in [
      ("inside", verify(inside)), ("archived", verify(archived)), ("answered", verify(answered)),
      ("added", verify(added)), ("given", verify(plain, crls: ["sub.crl"])),
    ] {
      let signature = try #require(result.signatures.first)
      #expect(result.verdict == .invalid && result.faults == [.revoked], "\(name): \(result)")
      #expect(signature.revocation == .revoked && signature.integrity == .intact, "\(name)")
      #expect(signature.revokedAt != nil, "\(name)")
    }
    #expect(verify(plain).unchecked == [.revocationUnknown])
  }

  @Test func whoWasRevokedLaterSignedInHisTime() {
    // The stamp is older than the revocation only in a list that is made later: the tool's clock is ours.
    var pdf = SignedPDF()
    pdf.sign(by: .person, isStamped: true)
    let result = verify(pdf, crls: ["sub.crl"])
    #expect(result.unchecked == [.revocationOfIssuerUnknown], "\(result)")
    authority.revokeLater()
    let revoked = verify(pdf, crls: ["later.crl", "root.crl"])
    #expect(revoked.verdict == .valid, "\(revoked)")
    var plain = SignedPDF()
    plain.sign(by: .person)
    #expect(verify(plain, crls: ["later.crl", "root.crl"]).faults == [.revoked])
  }

  @Test func answersAndListsThatAreGoodOrOldOrOfOthers() {
    var archived = SignedPDF()
    archived.sign {
      archive($0, by: .agency, crls: [authority.der("root.crl")], answers: [authority.answer(about: .agency)])
    }
    #expect(verify(archived).verdict == .valid, "\(verify(archived))")
    var pdf = SignedPDF()
    pdf.sign(by: .agency)
    // Lists are good for thirty days.
    let old = verify(pdf, crls: ["sub.crl", "root.crl"], at: now + .seconds(60 * 86_400))
    #expect(old.unchecked == [.revocationOld], "\(old)")
    #expect(verify(pdf, crls: ["root.crl"]).unchecked == [.revocationUnknown])
    // What is not signed by the authority says nothing.
    var forged = authority.der("sub.crl")
    forged[forged.count - 3] ^= 1
    let trust = SignatureTrust(roots: [authority.file("root.crt")], crls: [forged, authority.file("root.crl")])
    #expect(SignatureVerifier(trust: trust).verify(pdf.bytes, now: now).unchecked == [.revocationUnknown])
    // An answer about somebody else.
    var other = SignedPDF()
    other.sign {
      archive($0, by: .agency, crls: [authority.der("root.crl")], answers: [authority.answer(about: .person)])
    }
    #expect(verify(other).unchecked == [.revocationUnknown])
  }

  private func archive(
    _ signed: [UInt8], by person: Authority.Person, crls: [[UInt8]] = [], answers: [[UInt8]] = []
  ) -> [UInt8] {
    guard var parts = CMS(authority.sign(signed, by: person)) else { return [] }
    parts.archive(crls: crls, answers: answers) { authority.signRaw($0, by: person) }
    return parts.bytes
  }
}
