public import HubKit
internal import XMLWire

/// Writes edXML in UTF-8: known elements in the standard's order, unknown ones behind them, attachments as base64 that
/// is made while their bytes are read. Values are written exactly as they stand in the tree.
public enum EdXMLWriter {
  /// Writes a message. The writer is not finished, so that the caller can decide what becomes of the body.
  ///
  /// - Throws: ``InvalidMessage`` when the tree holds characters that XML cannot carry, when attachments and Attachment
  ///   elements are not equally many, or when a body cannot be read or written.
  public static func write(
    _ message: EdXMLMessage, from store: any BodyStore, into writer: any BodyWriter
  ) throws(InvalidMessage) {
    guard message.attachments.count == message.attachmentElements.count else {
      throw InvalidMessage(
        rule: "edxml-attachments",
        "the message has \(message.attachments.count) attachments but \(message.attachmentElements.count) Attachment "
          + "elements", path: "edXML/AttachmentEncoded")
    }
    var pass = WritingPass(message: message, store: store, writer: writer)
    try pass.run()
  }
}

/// One writing: the text gathers in a block that is passed on when it is full.
private struct WritingPass {
  private static let blockBytes = 48 * 1024

  let message: EdXMLMessage
  let store: any BodyStore
  let writer: any BodyWriter
  var block: [UInt8] = []
  var nextAttachment = 0

  init(message: EdXMLMessage, store: any BodyStore, writer: any BodyWriter) {
    self.message = message
    self.store = store
    self.writer = writer
  }

  mutating func run() throws(InvalidMessage) {
    put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    let rule = message.kind == .status ? EdXMLStandard.status : EdXMLStandard.document
    try write(message.root, rule: rule, scope: [:], depth: 0)
    put("\n")
    try flush()
  }

  // MARK: - Elements

  private mutating func write(
    _ element: EdXMLElement, rule: EdXMLStandard.Rule?, scope outer: [String: String], depth: Int
  ) throws(InvalidMessage) {
    var scope = outer
    let tag = try open(element, scope: &scope, isRoot: depth == 0)
    let isPayload = depth == 3 && element.name.local == "ContentTransferEncoded" && takesPayload
    let payload = isPayload ? nextPayload() : nil
    if element.content.isEmpty, payload == nil { return put("/>") }
    put(">")
    if let payload { try write(payload) }
    let laidOut =
      !element.content.isEmpty && element.content.allSatisfy { if case .element = $0 { true } else { false } }
    for node in laidOut ? ordered(element, by: rule) : element.content {
      if laidOut { put("\n" + String(repeating: "  ", count: depth + 1)) }
      if depth == 1, element.name.local == "AttachmentEncoded", Self.isAttachment(node) { beginAttachment() }
      try write(node, in: rule, scope: scope, depth: depth)
    }
    if laidOut { put("\n" + String(repeating: "  ", count: depth)) }
    put("</\(tag)>")
    if depth == 2, element.name.local == "Attachment" { pendingPayload = nil }
    try flushIfFull()
  }

  private mutating func write(
    _ node: EdXMLNode, in rule: EdXMLStandard.Rule?, scope: [String: String], depth: Int
  ) throws(InvalidMessage) {
    switch node {
    case .element(let child):
      try write(child, rule: rule?.child(child.name.local), scope: scope, depth: depth + 1)
    case .text(let text): try put(escaping: text, inAttribute: false)
    }
  }

  /// Children in the standard's order; those of one name keep theirs, unknown ones come last as they were.
  private func ordered(_ element: EdXMLElement, by rule: EdXMLStandard.Rule?) -> [EdXMLNode] {
    guard let rule, !rule.children.isEmpty else { return element.content }
    let rank = Dictionary(uniqueKeysWithValues: rule.children.enumerated().map { ($1.name, $0) })
    return element.children.enumerated().sorted { left, right in
      let leftRank = rank[left.element.name.local] ?? .max
      let rightRank = rank[right.element.name.local] ?? .max
      return (leftRank, left.offset) < (rightRank, right.offset)
    }.map { .element($0.element) }
  }

  // MARK: - Tags

  /// Writes `<name ...` without its end and returns the name for the end tag.
  private mutating func open(
    _ element: EdXMLElement, scope: inout [String: String], isRoot: Bool
  ) throws(InvalidMessage) -> String {
    var declarations: [(String, String)] = []
    if isRoot {
      declarations = [("", EdXMLStandard.namespace), (EdXMLStandard.prefix, EdXMLStandard.namespace)]
      for (prefix, uri) in declarations { scope[prefix] = uri }
    }
    let name = try tag(element.name, scope: &scope, declarations: &declarations, isRoot: isRoot)
    var attributes: [(String, String)] = []
    var used = name.contains(":") ? [String(name.prefix { $0 != ":" }): element.name.namespace] : [:]
    for attribute in element.attributes {
      let written = try self.attribute(
        attribute.name, scope: &scope, declarations: &declarations, used: &used)
      attributes.append((written, attribute.value))
    }
    put("<\(name)")
    for (prefix, uri) in declarations {
      put(prefix.isEmpty ? " xmlns=\"" : " xmlns:\(prefix)=\"")
      try put(escaping: uri, inAttribute: true)
      put("\"")
    }
    for (name, value) in attributes {
      put(" \(name)=\"")
      try put(escaping: value, inAttribute: true)
      put("\"")
    }
    return name
  }

  private func tag(
    _ name: EdXMLName, scope: inout [String: String], declarations: inout [(String, String)], isRoot: Bool
  ) throws(InvalidMessage) -> String {
    try checkName(name.local)
    if name.namespace == EdXMLStandard.namespace {
      return isRoot ? name.local : "\(EdXMLStandard.prefix):\(name.local)"
    }
    let prefix = name.namespace.isEmpty ? "" : usable(name.prefix)
    declare(prefix, name.namespace, scope: &scope, declarations: &declarations)
    return prefix.isEmpty ? name.local : "\(prefix):\(name.local)"
  }

  private func attribute(
    _ name: EdXMLName, scope: inout [String: String], declarations: inout [(String, String)],
    used: inout [String: String]
  ) throws(InvalidMessage) -> String {
    try checkName(name.local)
    if name.namespace.isEmpty { return name.local }
    if name.prefix == "xml" { return "xml:\(name.local)" }
    if name.namespace == EdXMLStandard.namespace { return "\(EdXMLStandard.prefix):\(name.local)" }
    var prefix = usable(name.prefix).isEmpty ? "a" : usable(name.prefix)
    // Another name of this tag may use the prefix in another sense.
    while let bound = used[prefix], bound != name.namespace { prefix += "a" }
    used[prefix] = name.namespace
    declare(prefix, name.namespace, scope: &scope, declarations: &declarations)
    return "\(prefix):\(name.local)"
  }

  /// The standard's own prefix is bound for the whole document and can't be lent to another namespace.
  private func usable(_ prefix: String) -> String { prefix == EdXMLStandard.prefix ? "other" : prefix }

  private func declare(
    _ prefix: String, _ uri: String, scope: inout [String: String], declarations: inout [(String, String)]
  ) {
    guard scope[prefix] != uri else { return }
    scope[prefix] = uri
    // The root binds the standard's names first; where it bears another one itself, that counts.
    declarations.removeAll { $0.0 == prefix }
    declarations.append((prefix, uri))
  }

  /// NameStartChar of XML 1.0 (fifth edition, section 2.3) without the colon, beyond ASCII.
  private static let nameStarts: [ClosedRange<UInt32>] = [
    0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x37D, 0x37F...0x1FFF, 0x200C...0x200D, 0x2070...0x218F,
    0x2C00...0x2FEF, 0x3001...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFFD, 0x10000...0xEFFFF,
  ]
  /// What NameChar adds to it.
  private static let nameRests: [ClosedRange<UInt32>] = [0xB7...0xB7, 0x300...0x36F, 0x203F...0x2040]

  private static func mayStand(_ scalar: Unicode.Scalar, first: Bool) -> Bool {
    switch scalar {
    case "A"..."Z", "a"..."z", "_": true
    case "0"..."9", "-", ".": !first
    default:
      nameStarts.contains { $0.contains(scalar.value) }
        || (!first && nameRests.contains { $0.contains(scalar.value) })
    }
  }

  private func checkName(_ name: String) throws(InvalidMessage) {
    let good =
      !name.isEmpty && name.unicodeScalars.enumerated().allSatisfy { Self.mayStand($1, first: $0 == 0) }
    guard !good else { return }
    throw InvalidMessage(rule: "xml-name", "an element or attribute has a name that XML does not allow")
  }

  // MARK: - Attachments

  private var pendingPayload: EdXMLAttachment?
  private var takesPayload: Bool { pendingPayload != nil }

  private static func isAttachment(_ node: EdXMLNode) -> Bool {
    if case .element(let element) = node { element.name.local == "Attachment" } else { false }
  }

  private mutating func beginAttachment() {
    pendingPayload = message.attachments[nextAttachment]
    nextAttachment += 1
  }

  private mutating func nextPayload() -> EdXMLAttachment? {
    defer { pendingPayload = nil }
    return pendingPayload
  }

  private mutating func write(_ attachment: EdXMLAttachment) throws(InvalidMessage) {
    do {
      let reader = try store.reader(of: attachment.body)
      var rest: [UInt8] = []
      while true {
        let part = try reader.read(upTo: Self.blockBytes)
        if part.isEmpty { break }
        rest += part
        let whole = rest.count / 3 * 3
        block += Base64Encoder.encode(rest[..<whole])
        rest.removeFirst(whole)
        if block.count >= Self.blockBytes {
          try writer.write(block)
          block.removeAll(keepingCapacity: true)
        }
      }
      block += Base64Encoder.encode(rest)
    } catch {
      throw InvalidMessage(reading: error)
    }
  }

  // MARK: - Text

  private mutating func put(_ text: String) { block.append(contentsOf: text.utf8) }

  private mutating func put(escaping text: String, inAttribute: Bool) throws(InvalidMessage) {
    try XMLEscaping.append(text, inAttribute: inAttribute, to: &block)
  }

  private mutating func flushIfFull() throws(InvalidMessage) {
    if block.count >= Self.blockBytes { try flush() }
  }

  private mutating func flush() throws(InvalidMessage) {
    do { try writer.write(block) } catch { throw InvalidMessage(reading: error) }
    block.removeAll(keepingCapacity: true)
  }
}
