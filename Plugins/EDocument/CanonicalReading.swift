internal import EdXMLWire
internal import HubKit

extension CanonicalEdXML {
  /// Members that stand beside MessageHeader's own.
  private static let beside: Set<String> = [
    "kind", "traceHeaderList", "manifest", "attachments", "signaturePresent", outside,
  ]

  /// The message that a canonical document describes.
  ///
  /// - Throws: ``InvalidMessage`` with a JSON Pointer for a member that has no place in edXML.
  static func message(of document: Document) throws(InvalidMessage) -> EdXMLMessage {
    let json = try JSONValue.parse(document.json)
    guard case .object(let members) = json else { throw complaint("an object was expected", at: "") }
    let kind = json["kind"]?.scalar.flatMap(EdXMLKind.init) ?? (json["statusCode"] == nil ? .document : .status)
    let rule = rules(kind)
    var message = EdXMLMessage(kind: kind)
    let header = members.filter { !beside.contains($0.key) }
    if let headerRule = rule.child("edXMLEnvelope")?.child("edXMLHeader") {
      let element = try self.element("MessageHeader", .object(header), headerRule.child("MessageHeader"), at: "")
      message.updateMessageHeader { $0 = element }
      if let trace = json["traceHeaderList"] {
        let list = try self.element(
          "TraceHeaderList", trace, headerRule.child("TraceHeaderList"), at: "/traceHeaderList")
        message.root.update(["edXMLEnvelope", "edXMLHeader", "TraceHeaderList"]) { $0 = list }
      }
    }
    if let manifest = json["manifest"] {
      let rule = rule.child("edXMLEnvelope")?.child("edXMLBody")?.child("edXMLManifest")
      let element = try self.element("edXMLManifest", manifest, rule, at: "/manifest")
      message.root.update(["edXMLEnvelope", "edXMLBody", "edXMLManifest"]) { $0 = element }
    }
    try addAttachments(json, document, rule.child("AttachmentEncoded")?.child("Attachment"), to: &message)
    try addOutside(json, to: &message)
    return message
  }

  // MARK: - Elements

  private static func element(
    _ name: String, _ value: JSONValue, _ rule: EdXMLStandard.Rule?, at pointer: String
  ) throws(InvalidMessage) -> EdXMLElement {
    guard case .object(let members) = value, let rule else {
      guard let text = value.scalar, rule?.children.isEmpty != false else {
        throw complaint("\(name) needs \(rule?.children.isEmpty == false ? "an object" : "a text")", at: pointer)
      }
      guard text.unicodeScalars.allSatisfy(isCarried) else {
        throw complaint("\(name) has a control character, which XML cannot carry", at: pointer)
      }
      return EdXMLElement(name, text: text)
    }
    var element = EdXMLElement(EdXMLName(name))
    for (key, value) in members where key.hasPrefix("@") {
      element.attributes.append(
        EdXMLAttribute(name: EdXMLName(String(key.dropFirst()), namespace: ""), value: value.scalar ?? ""))
    }
    let known = Dictionary(uniqueKeysWithValues: rule.children.map { (key($0.name), $0) })
    for (key, value) in members where !key.hasPrefix("@") && key != other {
      guard let child = known[key] else { throw complaint("edXML has no place for '\(key)'", at: "\(pointer)/\(key)") }
      for part in value.elements {
        element.content.append(.element(try self.element(child.name, part, child, at: "\(pointer)/\(key)")))
      }
    }
    for (key, value) in members where key == other {
      for part in value.elements { element.content.append(.element(try generic(part, at: "\(pointer)/\(key)"))) }
    }
    return element
  }

  /// XML 1.0, section 2.2.
  private static func isCarried(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...: true
    default: false
    }
  }

  private static func generic(_ value: JSONValue, at pointer: String) throws(InvalidMessage) -> EdXMLElement {
    guard let name = value["name"]?.scalar else { throw complaint("an element needs a name", at: pointer) }
    var element = EdXMLElement(self.name(name, of: value))
    for attribute in value["attributes"]?.elements ?? [] {
      let name = self.name(attribute["name"]?.scalar ?? "", of: attribute)
      element.attributes.append(EdXMLAttribute(name: name, value: attribute["value"]?.scalar ?? ""))
    }
    for node in value["content"]?.elements ?? [] {
      if let text = node.scalar {
        element.content.append(.text(text))
      } else {
        element.content.append(.element(try generic(node, at: "\(pointer)/content")))
      }
    }
    return element
  }

  private static func name(_ local: String, of value: JSONValue) -> EdXMLName {
    EdXMLName(
      local, namespace: value["namespace"]?.scalar ?? EdXMLStandard.namespace, prefix: value["prefix"]?.scalar ?? "")
  }

  // MARK: - Outside MessageHeader

  private static func addAttachments(
    _ json: JSONValue, _ document: Document, _ rule: EdXMLStandard.Rule?, to message: inout EdXMLMessage
  ) throws(InvalidMessage) {
    for (position, value) in (json["attachments"]?.elements ?? []).enumerated() {
      let pointer = "/attachments/\(position)"
      guard case .object(let members) = value, let index = value["index"]?.scalar.flatMap({ Int($0) }),
        document.attachments.indices.contains(index)
      else { throw complaint("an attachment needs the index of one of the document's bodies", at: pointer) }
      let names = members.filter { !["index", "mediaType", "byteCount"].contains($0.key) }
      var element = try self.element("Attachment", .object(names), rule, at: pointer)
      element.content.append(.element(EdXMLElement("ContentTransferEncoded", text: "")))
      message.root.update(["AttachmentEncoded"]) { $0.content.append(.element(element)) }
      message.attachments.append(EdXMLAttachment(body: document.attachments[index]))
    }
  }

  private static func addOutside(_ json: JSONValue, to message: inout EdXMLMessage) throws(InvalidMessage) {
    for frame in frames {
      for value in json[outside]?[frame.name]?.elements ?? [] {
        let element = try generic(value, at: "/\(outside)/\(frame.name)")
        message.root.update(frame.path[...]) { $0.content.append(.element(element)) }
      }
    }
  }

  private static func complaint(_ message: String, at pointer: String) -> InvalidMessage {
    InvalidMessage(rule: "edxml-canonical", message, path: pointer)
  }
}
