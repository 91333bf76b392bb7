import CSignature
public import HubKit

/// Verifies the signatures inside PDF files (PAdES, ETSI EN 319 142; ISO 32000-2, 12.8), in the caller's process: what
/// comes from outside belongs into ``SignatureCheck``, which does the same in a process of its own. Never asks a
/// network.
public struct SignatureVerifier: Sendable {
  private let trust: SignatureTrust
  private let limits: SignatureLimits

  /// Creates a verifier.
  public init(trust: SignatureTrust, limits: SignatureLimits = SignatureLimits()) {
    (self.trust, self.limits) = (trust, limits)
  }

  /// Verifies all signatures of a file. Blocks the thread: some milliseconds, more for large files.
  ///
  /// - Parameter now: when certificates are judged whose signature no time stamp proves to be older.
  public func verify(_ pdf: [UInt8], now: Timestamp) -> PDFSignatures {
    guard pdf.count <= limits.fileBytesMax else { return PDFSignatures(.tooLarge, checkedAt: now) }
    guard pdf.prefix(1024).firstRange(of: Array("%PDF-".utf8)) != nil else {
      return PDFSignatures(.notPDF, checkedAt: now)
    }
    let places = SignaturePlaces(in: pdf, signaturesMax: limits.signaturesMax)
    if places.isTooMany { return PDFSignatures(.invalid, faults: [.tooMany], checkedAt: now) }
    guard !places.all.isEmpty else { return PDFSignatures(.noSignature, checkedAt: now) }
    let known = SignatureCase()
    for file in trust.roots { _ = known.addRoots(file) }
    for file in trust.crls { _ = known.addLists(file) }
    for proof in ProofStreams(pdf) { known.addFound(proof) }
    var signatures = verify(places, in: pdf, known, now: now)
    lookBehind(places, in: pdf, &signatures)
    return PDFSignatures(signatures: signatures, checkedAt: now)
  }

  /// Time stamps over the file come first: they prove how old the signatures are that they cover.
  private func verify(
    _ places: SignaturePlaces, in pdf: [UInt8], _ known: SignatureCase, now: Timestamp
  ) -> [PDFSignature] {
    var proofs: [(from: Int, time: Timestamp)] = []
    var signatures: [Int: PDFSignature] = [:]
    let isStamp = { (index: Int) in places.all[index].kind == CSIG_STAMP }
    for index in places.all.indices.filter(isStamp) + places.all.indices.filter({ !isStamp($0) }) {
      let place = places.all[index]
      let proven = proofs.filter { $0.from >= place.end }.map(\.time).min()
      let signature = Self.verify(place, in: pdf, known, now: now, proven: isStamp(index) ? nil : proven)
      if isStamp(index), signature.faults.isEmpty, signature.trust == .trusted, let time = signature.stampedAt {
        proofs.append((place.gap.lowerBound, time))
      }
      signatures[index] = signature
    }
    return signatures.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func verify(
    _ place: SignaturePlace, in pdf: [UInt8], _ known: SignatureCase, now: Timestamp, proven: Timestamp?
  ) -> PDFSignature {
    if let fault = place.fault { return PDFSignature(place, fault: fault, now: now) }
    guard let kind = place.kind else { return PDFSignature(place, fault: .unsupported, now: now) }
    let answer = known.verify(place, kind: kind, in: pdf, now: now, proven: proven)
    return PDFSignature(place, answer, now: now, proven: proven)
  }

  /// What stands behind each signature: nothing, another signature, or what nobody signed.
  private func lookBehind(_ places: SignaturePlaces, in pdf: [UInt8], _ signatures: inout [PDFSignature]) {
    let last = places.all.lastIndex { $0.fault == nil }
    for index in signatures.indices where places.all[index].fault == nil {
      let isWhole = pdf[places.all[index].end...].allSatisfy { PDFReader.isSpace($0) }
      signatures[index].coversWholeFile = isWhole
      if index != last {
        signatures[index].notes.append(.followedByUpdate)
      } else if !isWhole {
        let update = ProofUpdate(pdf, from: places.all[index].end)
        if update.holdsProofsOnly {
          signatures[index].unchecked.append(.proofAdded)
        } else {
          signatures[index].faults.append(.changedAfterSigning)
        }
      }
      if places.isEncrypted { signatures[index].notes.append(.encrypted) }
    }
  }
}
