import CSignature
import HubKit

extension PDFSignature {
  /// One whose place in the file makes no sense, so that nothing else was looked at.
  init(_ place: SignaturePlace, fault: SignatureFinding, now: Timestamp) {
    self.init(kind: place.kind == CSIG_STAMP ? .timeStamp : .signature, subFilter: place.subFilter, judgedAt: now)
    (reason, location, signedAt, signedBytes) = (place.reason, place.location, place.signedAt, place.end)
    faults = [fault]
  }

  /// What follows from OpenSSL's answer.
  init(_ place: SignaturePlace, _ answer: csig_answer, now: Timestamp, proven: Timestamp?) {
    self.init(kind: place.kind == CSIG_STAMP ? .timeStamp : .signature, subFilter: place.subFilter, judgedAt: now)
    (reason, location, signedBytes) = (place.reason, place.location, place.end)
    signedAt = place.signedAt ?? Self.time(answer.claimed_at)
    stampedAt = [Self.time(answer.stamped_at), proven].compactMap { $0 }.min()
    judgedAt = min(stampedAt ?? now, now)
    revokedAt = Self.time(answer.revoked_at)
    digest = Self.text(answer.digest)
    let detail = Self.text(answer.reason)
    self.detail = detail.isEmpty ? nil : detail
    let name = PDFWords.plain(Self.text(answer.name))
    let organisation = PDFWords.plain(Self.text(answer.organisation))
    if !(answer.serial.0 == 0 && name.isEmpty && organisation.isEmpty) {
      signer = Signer(
        name: name, organisation: organisation, issuer: PDFWords.plain(Self.text(answer.issuer)),
        serial: Self.text(answer.serial))
    }
    judge(answer)
  }

  private mutating func judge(_ answer: csig_answer) {
    switch answer.integrity {
    case CSIG_INTACT: integrity = .intact
    case CSIG_CHANGED:
      integrity = .changed
      faults.append(.changed)
    case CSIG_UNSUPPORTED: faults.append(.unsupported)
    default: faults.append(.malformed)
    }
    // Of what cannot be read, or is not what was signed, the certificate means nothing.
    guard integrity == .intact else { return }
    judgeTrust(answer.trust)
    judgeRevocation(answer.revocation)
    if kind == .signature || answer.trust == CSIG_TRUSTED { judgeStamp(answer.stamp) }
    if answer.is_weak != 0 { unchecked.append(.weakDigest) }
    if answer.names_signer == 0 { notes.append(.noSignerReference) }
  }

  private mutating func judgeTrust(_ answer: csig_trust) {
    switch answer {
    case CSIG_TRUSTED: trust = .trusted
    case CSIG_ROOT_UNKNOWN: (trust, faults) = (.unknownRoot, faults + [.unknownRoot])
    case CSIG_EXPIRED: (trust, faults) = (.expired, faults + [.expired])
    case CSIG_NOT_YET_VALID: (trust, faults) = (.notYetValid, faults + [.notYetValid])
    case CSIG_WRONG_USAGE: (trust, faults) = (.wrongUsage, faults + [.wrongUsage])
    case CSIG_WEAK: (trust, faults) = (.weak, faults + [.weakCertificate])
    case CSIG_NO_ROOTS: (trust, unchecked) = (.notChecked, unchecked + [.noRoots])
    default: (trust, faults) = (.brokenChain, faults + [.brokenChain])
    }
  }

  private mutating func judgeRevocation(_ answer: csig_revocation) {
    switch answer {
    case CSIG_GOOD: revocation = .good
    case CSIG_REVOKED: (revocation, faults) = (.revoked, faults + [.revoked])
    case CSIG_OLD_WORD: unchecked.append(.revocationOld)
    case CSIG_NO_WORD_ISSUER: unchecked.append(.revocationOfIssuerUnknown)
    default: unchecked.append(.revocationUnknown)
    }
  }

  private mutating func judgeStamp(_ answer: csig_stamp) {
    switch answer {
    case CSIG_STAMP_VALID: break
    case CSIG_STAMP_VALID_THEN: unchecked.append(.stampExpired)
    case CSIG_STAMP_OTHER: faults.append(.stampOfOther)
    // Without roots nobody's stamp is trusted, which is said already.
    case CSIG_STAMP_UNTRUSTED: if trust != .notChecked { unchecked.append(.stampUntrusted) }
    case CSIG_STAMP_BROKEN: faults.append(.stampBroken)
    default: if stampedAt == nil { notes.append(.noStamp) }
    }
  }

  private static func time(_ seconds: Int64) -> Timestamp? { seconds == 0 ? nil : Timestamp(seconds: seconds) }

  /// A C text of fixed room.
  private static func text<Room>(_ room: Room) -> String {
    withUnsafeBytes(of: room) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension SignaturePlace {
  /// How it is to be verified; nil when nobody knows.
  var kind: csig_kind? {
    switch subFilter {
    case "ETSI.CAdES.detached", "adbe.pkcs7.detached": CSIG_DETACHED
    case "adbe.pkcs7.sha1": CSIG_SHA1
    case "ETSI.RFC3161": CSIG_STAMP
    default: nil
    }
  }
}
