public import HubKit

/// What became of looking at a file's signatures.
public struct PDFSignatures: Sendable, Codable, Hashable {
  /// All in one word.
  public enum Verdict: String, Sendable, Codable, Hashable, CaseIterable {
    /// It is a PDF file without any.
    case noSignature
    /// All signatures hold, and all about them was checked.
    case valid
    /// All signatures hold as far as could be checked; ``PDFSignatures/unchecked`` says what could not.
    case validButUnchecked
    /// At least one does not hold; ``PDFSignatures/faults`` says why.
    case invalid
    /// It is larger than may be looked at.
    case tooLarge
    /// It is no PDF file.
    case notPDF
    /// The look took too much time or memory, or broke down: nothing is known.
    case notChecked

    /// For operators.
    public var words: String {
      switch self {
      case .noSignature: "không có chữ ký / no signature"
      case .valid: "hợp lệ / valid"
      case .validButUnchecked: "hợp lệ, nhưng có điều chưa kiểm tra được / valid as far as could be checked"
      case .invalid: "không hợp lệ / not valid"
      case .tooLarge: "tệp quá lớn, không kiểm tra / too large to be checked"
      case .notPDF: "không phải PDF / no PDF file"
      case .notChecked: "không kiểm tra được / could not be checked"
      }
    }
  }

  /// All in one word.
  public var verdict: Verdict
  /// What speaks against the file, without repetition.
  public var faults: [SignatureFinding]
  /// What could not be checked, without repetition.
  public var unchecked: [SignatureFinding]
  /// The signatures and time stamps, in the order in which they were made.
  public var signatures: [PDFSignature]
  /// The time by which all was judged.
  public var checkedAt: Timestamp

  /// A verdict about a file in which nothing was looked at.
  public init(_ verdict: Verdict, faults: [SignatureFinding] = [], checkedAt: Timestamp) {
    self.init(signatures: [], checkedAt: checkedAt)
    (self.verdict, self.faults) = (verdict, faults)
  }

  /// The verdict that follows from signatures.
  init(signatures: [PDFSignature], checkedAt: Timestamp) {
    self.signatures = signatures
    self.checkedAt = checkedAt
    faults = SignatureFinding.allCases.filter { finding in signatures.contains { $0.faults.contains(finding) } }
    unchecked = SignatureFinding.allCases.filter { finding in signatures.contains { $0.unchecked.contains(finding) } }
    if !signatures.isEmpty, signatures.allSatisfy({ $0.kind == .timeStamp }) { unchecked.append(.onlyStamps) }
    verdict =
      signatures.isEmpty
      ? .noSignature : !faults.isEmpty ? .invalid : unchecked.isEmpty ? .valid : .validButUnchecked
  }
}

/// One signature, or one time stamp over the whole file.
public struct PDFSignature: Sendable, Codable, Hashable {
  /// What it is.
  public enum Kind: String, Sendable, Codable, Hashable {
    /// Somebody's signature.
    case signature
    /// A time stamp over the file, in nobody's name.
    case timeStamp
  }

  /// Whether the bytes are those that were signed.
  public enum Integrity: String, Sendable, Codable, Hashable {
    /// They are.
    case intact
    /// They are not.
    case changed
    /// The signature or its place in the file makes no sense.
    case malformed
  }

  /// Whether its certificate leads to a root that is trusted, at ``PDFSignature/judgedAt``.
  public enum Trust: String, Sendable, Codable, Hashable {
    /// It does.
    case trusted
    /// It leads somewhere else or nowhere.
    case unknownRoot
    /// It had expired.
    case expired
    /// It was not valid yet.
    case notYetValid
    /// It is for something else.
    case wrongUsage
    /// A key or digest on the way is too weak.
    case weak
    /// The chain does not hold for another reason.
    case brokenChain
    /// No roots are given, or there is nothing to ask about.
    case notChecked
  }

  /// Whether its certificate, or one above it, was revoked.
  public enum Revocation: String, Sendable, Codable, Hashable {
    /// None was.
    case good
    /// One was, before the signature was made as far as that is proven.
    case revoked
    /// It could not be checked; ``PDFSignature/unchecked`` says why.
    case notChecked
  }

  /// Who signed, as the certificate says.
  public struct Signer: Sendable, Codable, Hashable {
    /// The person or agency (common name).
    public var name: String
    /// Whose they are (organisation); empty without.
    public var organisation: String
    /// Who gave the certificate.
    public var issuer: String
    /// The certificate's number, hexadecimal.
    public var serial: String
  }

  /// What it is.
  public var kind: Kind
  /// How the file calls its way of signing, as in `ETSI.CAdES.detached`.
  public var subFilter: String
  /// Who signed; nil when no certificate can be read.
  public var signer: Signer?
  /// What the signer wrote as reason and place.
  public var reason, location: String?
  /// When it was made, as the signer says.
  public var signedAt: Timestamp?
  /// When it was there already, as a valid time stamp proves.
  public var stampedAt: Timestamp?
  /// The time by which its certificate was judged: ``stampedAt``, else when it was looked at.
  public var judgedAt: Timestamp
  /// Whether the bytes are those that were signed.
  public var integrity: Integrity
  /// Whether its certificate is trusted.
  public var trust: Trust
  /// Whether its certificate was revoked.
  public var revocation: Revocation
  /// When the certificate was revoked.
  public var revokedAt: Timestamp?
  /// Whether all of the file but the signature itself is signed.
  public var coversWholeFile: Bool
  /// So many bytes of the file are those that were signed, from its start.
  public var signedBytes: Int
  /// The digest, as in `SHA256`; empty when it could not be read.
  public var digest: String
  /// A few words of the reader's about what is malformed; never any content.
  public var detail: String?
  /// What speaks against it.
  public var faults: [SignatureFinding]
  /// What could not be checked.
  public var unchecked: [SignatureFinding]
  /// What is good to know.
  public var notes: [SignatureFinding]

  /// One of which nothing is known yet but that it is there.
  init(kind: Kind, subFilter: String, judgedAt: Timestamp) {
    (self.kind, self.subFilter, self.judgedAt) = (kind, subFilter, judgedAt)
    (integrity, trust, revocation) = (.malformed, .notChecked, .notChecked)
    (coversWholeFile, signedBytes, digest) = (false, 0, "")
    (faults, unchecked, notes) = ([], [], [])
  }
}
