internal import ArgumentParser
internal import HubKit
internal import HubSignature

/// `lgsp signature`: who signed a PDF file, and whether that holds.
struct SignatureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signature",
    abstract: "Kiểm tra chữ ký số trong tệp PDF / verify the signatures inside a PDF file.",
    discussion: """
      Ví dụ / examples:
        lgsp signature quyet-dinh.pdf --roots Config/certificates/signers
        lgsp signature quyet-dinh.pdf --roots vgca-root.pem --crl vgca.crl
        lgsp signature quyet-dinh.pdf --roots vgca-root.pem --json

      Kiểm tra: nội dung có bị sửa không, chữ ký có bao trùm cả tệp không, chứng thư
      có dẫn tới gốc tin cậy không, dấu thời gian, thu hồi (theo CRL, OCSP trong tệp
      hoặc --crl). Không gọi ra mạng. Điều gì không kiểm tra được thì nói rõ.

      Checked: whether the content was changed, whether the whole file is signed,
      whether the certificate leads to a root that is trusted, time stamps, revocation
      (by CRLs and OCSP answers in the file, or --crl). No network is asked. What
      cannot be checked is said.

      Mã thoát / exit codes:
        0  hợp lệ, kể cả khi có điều chưa kiểm tra được / valid as far as was checked
        1  không hợp lệ / not valid
        3  không kiểm tra được tệp / the file could not be looked at
        5  không có chữ ký / no signature
      """)

  @Argument(help: "Tệp PDF / the PDF file.")
  var file: String

  @Option(help: "Chứng thư gốc tin cậy: tệp PEM, DER hoặc thư mục; lặp lại được / trusted roots: file or folder.")
  var roots: [String] = []

  @Option(name: .customLong("crl"), help: "Danh sách thu hồi: tệp hoặc thư mục / lists of revoked certificates.")
  var crls: [String] = []

  @Flag(help: "In JSON cho máy / for machines.")
  var json = false

  func run() async throws {
    try await reporting {
      let pdf = try SignatureFiles.bytes(file)
      let check = SignatureCheck(trust: try SignatureFiles.trust(roots: roots, crls: crls))
      let result = check.verify(pdf, now: SystemClock().now)
      if json { try Output.json(result) } else { SignatureSheet(result).print() }
      switch result.verdict {
      case .valid, .validButUnchecked: return
      case .invalid: throw ExitStatus.wrong
      case .noSignature: throw ExitStatus.notFound
      case .tooLarge, .notPDF, .notChecked: throw ExitStatus.refused
      }
    }
  }
}

/// The signatures of a file, for people.
struct SignatureSheet {
  private let result: PDFSignatures

  init(_ result: PDFSignatures) { self.result = result }

  func print() {
    Output.line("Kết luận / verdict: \(result.verdict.words)")
    for finding in result.faults { Output.line("  ✗ \(finding.words)") }
    for finding in result.unchecked { Output.line("  ? \(finding.words)") }
    for (index, signature) in result.signatures.enumerated() { print(signature, number: index + 1) }
  }

  private func print(_ signature: PDFSignature, number: Int) {
    let what = signature.kind == .timeStamp ? "dấu thời gian / time stamp" : "chữ ký / signature"
    let signer = signature.signer
    let name = [signer?.name ?? "?", signer?.organisation ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
    Output.line()
    Output.line("\(number). \(what): \(name)")
    if let signer { Output.line("   Cơ quan cấp / issuer: \(signer.issuer), \(signer.serial)") }
    if let time = signature.signedAt { Output.line("   Ký lúc (người ký khai) / signed, as the signer says: \(time)") }
    if let time = signature.stampedAt { Output.line("   Có dấu thời gian / stamped, proven: \(time)") }
    if let reason = signature.reason, !reason.isEmpty { Output.line("   Lý do / reason: \(reason)") }
    if let place = signature.location, !place.isEmpty { Output.line("   Nơi ký / place: \(place)") }
    Output.line("   \(Self.words(signature.integrity)); \(Self.words(signature.trust))")
    Output.line("   \(Self.words(signature.revocation)); chứng thư xét tại / judged at \(signature.judgedAt)")
    let whole = "cả tệp / the whole file"
    let part = "\(signature.signedBytes) byte đầu / bytes from the start"
    Output.line("   Bao trùm / covers: \(signature.coversWholeFile ? whole : part)")
    for finding in signature.faults { Output.line("   ✗ \(finding.words)") }
    if let detail = signature.detail { Output.line("     (\(detail))") }
    for finding in signature.unchecked { Output.line("   ? \(finding.words)") }
    for finding in signature.notes { Output.line("   - \(finding.words)") }
  }

  private static func words(_ integrity: PDFSignature.Integrity) -> String {
    switch integrity {
    case .intact: "Nội dung nguyên vẹn / content intact"
    case .changed: "Nội dung đã bị sửa / content changed"
    case .malformed: "Chữ ký không đọc được / signature not readable"
    }
  }

  private static func words(_ trust: PDFSignature.Trust) -> String {
    switch trust {
    case .trusted: "chứng thư tin cậy / certificate trusted"
    case .notChecked: "chứng thư chưa xét / certificate not judged"
    default: "chứng thư không tin cậy / certificate not trusted"
    }
  }

  private static func words(_ revocation: PDFSignature.Revocation) -> String {
    switch revocation {
    case .good: "Chưa bị thu hồi / not revoked"
    case .revoked: "Đã bị thu hồi / revoked"
    case .notChecked: "Thu hồi: chưa kiểm tra / revocation not checked"
    }
  }
}
