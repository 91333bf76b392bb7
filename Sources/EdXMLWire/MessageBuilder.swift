internal import HubKit
internal import XMLWire

/// Limits of one reading.
struct ReadingLimits {
  var depthMax: Int
  /// Names, attributes and text outside of attachments, in bytes.
  var textBytesMax: Int
  var attachmentBytesMax: Int

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
  private var gauge: XMLGauge
  private var attachments: [AttachmentCollector] = []
  private var collecting = false
  private(set) var isSatisfied = false

  /// - Parameter store: where attachments go; nil: only their digest is taken.
  init(limits: ReadingLimits, extent: Extent, store: (any BodyStore)?) {
    self.limits = limits
    gauge = XMLGauge(
      limits: XMLLimits(depthMax: limits.depthMax, textBytesMax: limits.textBytesMax),
      counted: "names and text outside of attachments")
    self.extent = extent
    self.store = store
  }

  // MARK: - Events

  func start(_ element: XMLStart, at place: XMLPlace) throws(InvalidMessage) {
    try gauge.enter(element, depth: stack.count, at: place, path: path)
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
    let attributes = element.attributes.map { EdXMLAttribute(name: EdXMLName($0.name), value: $0.value) }
    stack.append(Frame(element: EdXMLElement(EdXMLName(element.name), attributes: attributes)))
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
    try gauge.charge(bytes.count, at: place, path: path)
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

  private func checkRoot(_ name: XMLName, at place: XMLPlace) throws(InvalidMessage) {
    guard name.local != "edXML" else { return }
    throw place.complaint(
      "edxml-structure", "the root element is '\(name.local.prefix(64))', an edXML document begins with 'edXML'")
  }

  private func beginAttachment(_ name: XMLName) {
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
