internal import HubKit

/// Limits of one reading.
struct ReadingLimits {
  var depthMax: Int
  /// Names, attributes and text outside of attachments, in bytes.
  var textBytesMax: Int
  var attachmentBytesMax: Int

  static let attributesMax = 64
  static let nameBytesMax = 256

  init(_ limits: CodecLimits) {
    depthMax = limits.depthMax
    textBytesMax = min(EdXMLReader.textBytesMax, limits.documentBytesMax)
    attachmentBytesMax = limits.attachmentBytesMax
  }
}

/// Builds the tree from the parser's events and sends attachments' bytes to their collector.
final class MessageBuilder: XMLListener {
  /// How much of the document is wanted.
  enum Extent { case all, header }

  private struct Frame {
    var element: EdXMLElement
    var text: [UInt8] = []
    var hasChildren = false

    mutating func flushText() {
      guard !text.isEmpty else { return }
      element.content.append(.text(String(decoding: text, as: UTF8.self)))
      text = []
    }

    mutating func dropBlankText() {
      element.content.removeAll { if case .text(let text) = $0 { text.isWhiteSpace } else { false } }
    }
  }

  private let limits: ReadingLimits
  private let extent: Extent
  private let store: (any BodyStore)?
  private var stack: [Frame] = []
  private var root: EdXMLElement?
  private var textBytes = 0
  private var attachments: [AttachmentCollector] = []
  private var collecting = false
  private(set) var isSatisfied = false

  /// - Parameter store: where attachments go; nil: only their digest is taken.
  init(limits: ReadingLimits, extent: Extent, store: (any BodyStore)?) {
    self.limits = limits
    self.extent = extent
    self.store = store
  }

  // MARK: - Events

  func start(_ element: XMLStart, at place: XMLPlace) throws(InvalidMessage) {
    try check(element, at: place)
    if stack.isEmpty { try checkRoot(element.name, at: place) }
    guard !collecting else {
      throw place.complaint(
        "attachment-base64", "ContentTransferEncoded holds an element: it may hold base64 text only", path: path)
    }
    if var parent = stack.popLast() {
      parent.hasChildren = true
      parent.flushText()
      stack.append(parent)
    }
    stack.append(Frame(element: EdXMLElement(element.name, attributes: element.attributes)))
    beginAttachment(element.name)
  }

  func end(at place: XMLPlace) throws(InvalidMessage) {
    if collecting {
      try attachments[attachments.count - 1].finish(at: place, path: path)
      collecting = false
    }
    if extent == .header, stack.count == 3, stack[2].element.name.local == "edXMLHeader" { isSatisfied = true }
    close()
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>, at place: XMLPlace) throws(InvalidMessage) {
    guard !stack.isEmpty else { return }
    if collecting { return try attachments[attachments.count - 1].take(bytes, at: place, path: path) }
    try charge(bytes.count, at: place)
    stack[stack.count - 1].text.append(contentsOf: bytes)
  }

  // MARK: - Result

  /// The message, once the pass is over.
  func message() throws(InvalidMessage) -> EdXMLMessage {
    while !stack.isEmpty { close() }
    guard let root, root.at("edXMLEnvelope", "edXMLHeader", "MessageHeader") != nil else {
      throw InvalidMessage(
        rule: "edxml-structure",
        "this is no edXML message: edXML/edXMLEnvelope/edXMLHeader/MessageHeader is missing (QCVN 102:2016)",
        path: "edXML/edXMLEnvelope/edXMLHeader/MessageHeader")
    }
    return EdXMLMessage(root: root, attachments: attachments.map(\.attachment))
  }

  /// Leaves nothing in the store: for a reading that failed.
  func discard() {
    for attachment in attachments { attachment.discard() }
  }

  // MARK: - Parts

  private var path: String { stack.map(\.element.name.local).joined(separator: "/") }

  private func close() {
    guard var frame = stack.popLast() else { return }
    frame.flushText()
    if frame.hasChildren { frame.dropBlankText() }
    if stack.isEmpty {
      root = frame.element
    } else {
      stack[stack.count - 1].element.content.append(.element(frame.element))
    }
  }

  private func checkRoot(_ name: EdXMLName, at place: XMLPlace) throws(InvalidMessage) {
    guard name.local != "edXML" else { return }
    throw place.complaint(
      "edxml-structure", "the root element is '\(name.local.prefix(64))', an edXML document begins with 'edXML'")
  }

  private func check(_ element: XMLStart, at place: XMLPlace) throws(InvalidMessage) {
    guard stack.count < limits.depthMax else {
      throw place.complaint("xml-depth", "elements are nested deeper than the \(limits.depthMax) levels allowed")
    }
    guard element.attributes.count <= ReadingLimits.attributesMax else {
      throw place.complaint(
        "xml-attributes", "an element has more than the \(ReadingLimits.attributesMax) attributes allowed", path: path)
    }
    var size = 16 + element.name.byteCount
    var longest = element.name.byteCount
    for attribute in element.attributes {
      longest = max(longest, attribute.name.byteCount)
      size += attribute.name.byteCount + attribute.value.utf8.count
    }
    guard longest <= ReadingLimits.nameBytesMax else {
      throw place.complaint("xml-name", "a name is longer than the \(ReadingLimits.nameBytesMax) bytes allowed")
    }
    try charge(size, at: place)
  }

  /// Elements count, too, so that a document of a million empty ones is no way round the limit.
  private func charge(_ bytes: Int, at place: XMLPlace) throws(InvalidMessage) {
    textBytes += bytes
    guard textBytes <= limits.textBytesMax else {
      throw place.complaint(
        "xml-text-too-long",
        "names and text outside of attachments are more than the \(limits.textBytesMax) bytes allowed", path: path)
    }
  }

  private func beginAttachment(_ name: EdXMLName) {
    if stack.count == 3, name.local == "Attachment", stack[1].element.name.local == "AttachmentEncoded" {
      attachments.append(AttachmentCollector(store: store, limit: limits.attachmentBytesMax))
    }
    guard stack.count == 4, name.local == "ContentTransferEncoded", stack[2].element.name.local == "Attachment",
      stack[1].element.name.local == "AttachmentEncoded", attachments.last?.isFresh == true
    else { return }
    attachments[attachments.count - 1].begin()
    collecting = true
  }
}

extension EdXMLName {
  var byteCount: Int { prefix.utf8.count + local.utf8.count }
}
