internal import HubConfig
internal import HubKit
internal import HubSignature
internal import HubTransform

extension HubGround {
  /// What looks into attachments, with whom the configuration trusts.
  ///
  /// - Throws: ``Failure`` when a file of roots cannot be read.
  func inspector(_ configuration: HubConfiguration) throws -> AttachmentInspector {
    let settings = configuration.hub.signatures
    let paths = { (all: [String]) in all.map { configuredPath($0, in: configFolder) } }
    let trust = try SignatureFiles.trust(roots: paths(settings.roots), crls: paths(settings.crls))
    let check = SignatureCheck(trust: trust)
    let clock = clock
    return AttachmentInspector(signatures: { pdf in AttachmentSignature(check.verify(pdf, now: clock.now)) })
  }
}

extension AttachmentSignature {
  /// What was found, with the organisation and the certificate of each signature; no person is named.
  init(_ found: PDFSignatures) {
    let state: State =
      switch found.verdict {
      case .noSignature, .notPDF: .absent
      case .valid: .valid
      case .validButUnchecked: .unchecked
      case .invalid: .invalid
      case .tooLarge, .notChecked: .unknown
      }
    let why = (found.faults + found.unchecked).map(\.words)
    let whose = found.signatures.compactMap { signature in
      signature.signer.map { signer in
        "\(signer.organisation.isEmpty ? "-" : signer.organisation), \(signer.serial)"
          + (signature.stampedAt.map { ", \($0)" } ?? "")
      }
    }
    self.init(state, ([found.verdict.words] + why + whose).joined(separator: "; "))
  }
}
