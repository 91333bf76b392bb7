internal import HubConfig
internal import HubKit
internal import HubRouting
internal import NIOSSL

/// What keeps a certificate or a key from being used. It is looked for when a configuration is loaded: at the next
/// message, or the next caller, it would be too late.
enum TLSFault: Error, Hashable {
  case noCertificate(path: String)
  case noKey(reference: String)
  case foreignKey(reference: String, path: String)
  /// A certificate without a key, or a key without a certificate.
  case half

  /// The far side's authorities, and the hub's own certificate there.
  static func check(_ tls: EndpointConfiguration.TLS) throws(TLSFault) {
    if let ca = tls.ca { _ = try certificates(ca) }
    switch (tls.certificate, tls.key) {
    case (let certificate?, let key?): try check(certificate, key)
    case (nil, nil): break
    default: throw .half
    }
  }

  /// A certificate and its key.
  static func check(_ file: PEMFile, _ secret: Secret) throws(TLSFault) {
    let chain = try certificates(file)
    guard let key = try? NIOSSLPrivateKey(bytes: Array((secret.reveal() ?? "").utf8), format: .pem) else {
      throw .noKey(reference: secret.reference)
    }
    let configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    do { _ = try NIOSSLContext(configuration: configuration) } catch {
      throw .foreignKey(reference: secret.reference, path: file.path)
    }
  }

  private static func certificates(_ file: PEMFile) throws(TLSFault) -> [NIOSSLCertificate] {
    guard let chain = try? NIOSSLCertificate.fromPEMBytes(file.bytes ?? []), !chain.isEmpty else {
      throw .noCertificate(path: file.path)
    }
    return chain
  }

  var words: (en: String, vi: String) {
    switch self {
    case .noCertificate(let path):
      (
        "the file `\(path)` holds no certificate in PEM; put one there (BEGIN CERTIFICATE)",
        "tệp `\(path)` không chứa chứng thư PEM; hãy đặt chứng thư vào đó (BEGIN CERTIFICATE)"
      )
    case .noKey(let reference):
      (
        "`\(reference)` holds no private key in PEM without a passphrase; put the certificate's key there",
        "`\(reference)` không chứa khóa riêng PEM (không mật khẩu); hãy đặt khóa của chứng thư vào đó"
      )
    case .foreignKey(let reference, let path):
      (
        "the key `\(reference)` does not belong to the first certificate of `\(path)`; replace both together",
        "khóa `\(reference)` không khớp chứng thư đầu tiên trong `\(path)`; hãy thay cả hai cùng nhau"
      )
    case .half:
      (
        "`tls.certificate` and `tls.key` go together; give both or neither",
        "`tls.certificate` và `tls.key` phải đi cùng nhau; hãy ghi cả hai hoặc bỏ cả hai"
      )
    }
  }
}

extension HubSettings.HTTPS {
  /// What is wrong with the certificate that the door is to show; nil: nothing.
  var complaint: Complaint? {
    do throws(TLSFault) { try TLSFault.check(certificate, key) } catch {
      let words = error.words
      return Complaint(
        severity: .error, file: place.file, line: place.line, column: place.column, code: "certificate",
        message: "The door cannot show its certificate: \(words.en).",
        vi: "Cổng không dùng được chứng thư: \(words.vi).")
    }
    return nil
  }
}
