public import HubKit

/// What an edXML message is for.
public enum EdXMLKind: String, Sendable, Hashable, Codable {
  /// A document, new or changing an earlier one.
  case document
  /// A report on what became of a document.
  case status
}

/// What the first bytes of an attachment say it is. Senders' content types are not to be trusted.
public enum EdXMLContentKind: String, Sendable, Hashable, Codable {
  /// PDF.
  case pdf
  /// A zip archive, often with the true file as its one entry; also Office Open XML.
  case zip
  /// Anything else.
  case other

  /// Looks at the first bytes.
  public init(prefix: some Collection<UInt8>) {
    let bytes = Array(prefix.prefix(5))
    if bytes.starts(with: Array("%PDF-".utf8)) {
      self = .pdf
    } else if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      self = .zip
    } else {
      self = .other
    }
  }

  /// The media type that the bytes deserve.
  public var mediaType: String {
    switch self {
    case .pdf: "application/pdf"
    case .zip: "application/zip"
    case .other: "application/octet-stream"
    }
  }
}

/// The decoded bytes of one Attachment. Its names stand in the tree, at the Attachment of the same position.
public struct EdXMLAttachment: Sendable, Hashable {
  /// The bytes, in the store that reading was given; empty when only an examination was asked for.
  public var body: Body
  /// Length in bytes after decoding.
  public var byteCount: Int
  /// SHA-256 of the bytes; empty for one made by hand.
  public var digest: [UInt8]
  /// What the first bytes say.
  public var kind: EdXMLContentKind
  /// Whether the sender broke the base64 text into lines.
  public var wrapped: Bool

  /// Creates an attachment to be written.
  public init(body: Body, kind: EdXMLContentKind = .other) {
    self.init(body: body, byteCount: body.byteCount, digest: [], kind: kind, wrapped: false)
  }

  init(body: Body, byteCount: Int, digest: [UInt8], kind: EdXMLContentKind, wrapped: Bool) {
    self.body = body
    self.byteCount = byteCount
    self.digest = digest
    self.kind = kind
    self.wrapped = wrapped
  }
}

/// An edXML message: the whole document as a tree that keeps unknown elements, and the attachments' bytes apart.
public struct EdXMLMessage: Sendable, Hashable {
  /// The element `edXML`. The texts of ContentTransferEncoded are left out of it.
  public var root: EdXMLElement
  /// One for each Attachment element, in order.
  public var attachments: [EdXMLAttachment]

  /// Creates a message from its tree. `attachments` must be as many as the tree has Attachment elements.
  public init(root: EdXMLElement, attachments: [EdXMLAttachment] = []) {
    self.root = root
    self.attachments = attachments
  }

  /// Creates an empty message of one kind, to be filled through `update`.
  public init(kind: EdXMLKind) {
    var root = EdXMLElement(EdXMLName("edXML"))
    root.update(["edXMLEnvelope", "edXMLHeader", "MessageHeader"]) { _ in }
    if kind == .status {
      root.update(["edXMLEnvelope", "edXMLHeader", "MessageHeader", "StatusCode"]) { _ in }
    }
    self.init(root: root)
  }
}

extension EdXMLMessage {
  /// The element edXMLHeader.
  public var header: EdXMLElement? { root.at("edXMLEnvelope", "edXMLHeader") }
  /// The element MessageHeader.
  public var messageHeader: EdXMLElement? { header?["MessageHeader"] }
  /// The element TraceHeaderList.
  public var traceHeaderList: EdXMLElement? { header?["TraceHeaderList"] }
  /// The Attachment elements, in order.
  public var attachmentElements: [EdXMLElement] {
    root.children.filter { $0.name.local == "AttachmentEncoded" }.flatMap { $0.all("Attachment") }
  }

  /// Status messages carry a StatusCode; everything else is a document.
  public var kind: EdXMLKind { messageHeader?["StatusCode"] != nil ? .status : .document }

  /// Changes MessageHeader.
  public mutating func updateMessageHeader(_ change: (inout EdXMLElement) -> Void) {
    root.update(["edXMLEnvelope", "edXMLHeader", "MessageHeader"], change)
  }

  /// Appends an attachment with its manifest entry.
  ///
  /// - Parameters:
  ///   - contentId: with `cid:`, unique within the message.
  ///   - name: file name for people.
  ///   - contentType: what to declare.
  ///   - attachment: the bytes.
  public mutating func attach(
    contentId: String, name: String, contentType: String, description: String? = nil, _ attachment: EdXMLAttachment
  ) {
    let about = description.map { [EdXMLElement("Description", text: $0)] } ?? []
    root.update(["edXMLEnvelope", "edXMLBody", "edXMLManifest"]) { manifest in
      if manifest.attributes.isEmpty {
        manifest.attributes = [EdXMLAttribute(name: EdXMLName("version", namespace: ""), value: "1.0")]
      }
      manifest.content.append(
        .element(
          EdXMLElement(
            "Reference",
            children: [EdXMLElement("ContentId", text: contentId), EdXMLElement("ContentType", text: contentType)]
              + about + [EdXMLElement("AttachmentName", text: name)])))
    }
    root.update(["AttachmentEncoded"]) { list in
      list.content.append(
        .element(
          EdXMLElement(
            "Attachment",
            children: [EdXMLElement("ContentId", text: contentId), EdXMLElement("AttachmentName", text: name)] + about
              + [EdXMLElement("ContentType", text: contentType), EdXMLElement("ContentTransferEncoded", text: "")])))
    }
    attachments.append(attachment)
  }
}
