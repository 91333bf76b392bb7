public import HubKit

extension EdXMLMessage {
  /// Oddities that real senders' files have and that stop nothing, each with the path of its element.
  public var notes: [Violation] {
    namespaceNotes + dateNotes() + answerNotes + signatureNotes + attachmentNotes + identityNotes
  }

  private var namespaceNotes: [Violation] {
    guard root.name.namespace != EdXMLStandard.namespace else { return [] }
    return [
      Violation(
        rule: "edxml-namespace", message: "the root element is not in the namespace \(EdXMLStandard.namespace)",
        path: "edXML")
    ]
  }

  private static let dateNames: Set<String> = ["PromulgationDate", "DueDate", "Timestamp"]

  /// Dates that name no day, such as 2014/02/30, also inside a DocumentId of the form `OrganId,yyyy/MM/dd,Notation`.
  private func dateNotes() -> [Violation] {
    guard let header else { return [] }
    var notes: [Violation] = []
    Self.visit(header, path: "edXMLHeader") { element, path in
      guard let text = Self.date(in: element), !EdXMLDate(text).isReal else { return }
      notes.append(
        Violation(
          rule: "edxml-date", message: "this is no date that exists; yyyy/MM/dd was expected. It is kept as it is",
          path: path))
    }
    return notes
  }

  private static func date(in element: EdXMLElement) -> String? {
    let text = element.text
    if dateNames.contains(element.name.local) { return text.isEmpty ? nil : text }
    guard element.name.local == "DocumentId" else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    return parts.count == 3 ? String(parts[1]) : nil
  }

  private var answerNotes: [Violation] {
    let empty = (messageHeader?.all("ResponseFor") ?? []).filter { EdXMLResponse($0) == nil }
    guard !empty.isEmpty else { return [] }
    return [
      Violation(
        rule: "edxml-empty-response-for", message: "ResponseFor is empty: it names no document",
        path: "edXMLHeader/MessageHeader/ResponseFor")
    ]
  }

  private var signatureNotes: [Violation] {
    guard signaturePresent else { return [] }
    return [
      Violation(
        rule: "edxml-signature-unverified",
        message: "a signature is present; it is not verified: systems on the way move it out of its namespace",
        path: "edXMLHeader/Signature")
    ]
  }

  private var identityNotes: [Violation] {
    var notes: [Violation] = []
    if kind == .document, documentId == nil {
      notes.append(
        Violation(
          rule: "edxml-document-id", message: "DocumentId is missing: no status can refer to this document",
          path: "edXMLHeader/MessageHeader/DocumentId"))
    }
    if from?.organId == nil {
      notes.append(
        Violation(
          rule: "edxml-sender", message: "From/OrganId is missing", path: "edXMLHeader/MessageHeader/From/OrganId"))
    }
    return notes
  }

  private var attachmentNotes: [Violation] {
    let listed = Set(manifest.compactMap(\.contentId))
    var notes: [Violation] = []
    for (index, (reference, attachment)) in zip(attachmentReferences, attachments).enumerated() {
      let path = "AttachmentEncoded/Attachment[\(index + 1)]"
      if let declared = reference.contentType?.lowercased(), attachment.byteCount > 0,
        Self.contradicts(declared, attachment.kind)
      {
        notes.append(
          Violation(
            rule: "edxml-content-type",
            message: "the declared content type differs from the bytes, which are \(attachment.kind.mediaType)",
            path: path))
      }
      if let id = reference.contentId, !listed.contains(id) {
        notes.append(
          Violation(rule: "edxml-manifest", message: "the manifest does not list this attachment", path: path))
      }
    }
    if kind == .document, listed.count > attachments.count {
      notes.append(
        Violation(
          rule: "edxml-manifest", message: "the manifest lists more attachments than there are", path: "edXMLManifest"))
    }
    return notes
  }

  /// Office Open XML is a zip and may be declared as what it is.
  private static func contradicts(_ declared: String, _ kind: EdXMLContentKind) -> Bool {
    switch kind {
    case .pdf: declared != "application/pdf"
    case .zip: !declared.contains("zip") && !declared.contains("openxmlformats")
    case .other: declared == "application/pdf" || declared == "application/zip"
    }
  }

  private static func visit(_ element: EdXMLElement, path: String, _ look: (EdXMLElement, String) -> Void) {
    look(element, path)
    for child in element.children { visit(child, path: "\(path)/\(child.name.local)", look) }
  }
}
