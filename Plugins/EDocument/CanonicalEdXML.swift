internal import EdXMLWire
internal import HubKit

/// The canonical form of an edXML message: MessageHeader's elements at the top, names in lowerCamelCase, values
/// trimmed, repeatable elements as arrays. Elements that the standard does not know, or that do not look as it says,
/// stand whole in `_other` beside their siblings, so that nothing is lost. README.md shows it.
enum CanonicalEdXML {
  static let other = "_other"
  static let outside = "_outside"
  /// Elements around MessageHeader whose unknown children are kept under `_outside`.
  static let frames: [(name: String, path: [String], known: Set<String>)] = [
    ("edXML", [], ["edXMLEnvelope", "AttachmentEncoded"]),
    ("edXMLEnvelope", ["edXMLEnvelope"], ["edXMLHeader", "edXMLBody"]),
    ("edXMLHeader", ["edXMLEnvelope", "edXMLHeader"], ["MessageHeader", "TraceHeaderList"]),
    ("edXMLBody", ["edXMLEnvelope", "edXMLBody"], ["edXMLManifest"]),
    ("AttachmentEncoded", ["AttachmentEncoded"], ["Attachment"]),
  ]

  static func key(_ name: String) -> String { name.prefix(1).lowercased() + name.dropFirst() }

  static func rules(_ kind: EdXMLKind) -> EdXMLStandard.Rule {
    kind == .status ? EdXMLStandard.status : EdXMLStandard.document
  }

  static func json(of message: EdXMLMessage) -> JSONValue {
    let rule = rules(message.kind)
    var members: [(key: String, value: JSONValue)] = [("kind", .text(message.kind.rawValue))]
    let headerRule = rule.child("edXMLEnvelope")?.child("edXMLHeader")
    if let element = message.messageHeader, let rule = headerRule?.child("MessageHeader") {
      members += Self.members(of: element, rule)
    }
    if let element = message.traceHeaderList, let rule = headerRule?.child("TraceHeaderList") {
      members.append(("traceHeaderList", .object(Self.members(of: element, rule))))
    }
    if let element = message.root.at("edXMLEnvelope", "edXMLBody", "edXMLManifest"),
      let rule = rule.child("edXMLEnvelope")?.child("edXMLBody")?.child("edXMLManifest")
    {
      members.append(("manifest", .object(Self.members(of: element, rule))))
    }
    members.append(("attachments", attachments(of: message, rule.child("AttachmentEncoded")?.child("Attachment"))))
    members.append(("signaturePresent", .flag(message.signaturePresent)))
    let outside = outsideMembers(of: message.root)
    if !outside.isEmpty { members.append((Self.outside, .object(outside))) }
    return .object(members)
  }

  // MARK: - Elements

  private static func members(
    of element: EdXMLElement, _ rule: EdXMLStandard.Rule
  ) -> [(key: String, value: JSONValue)] {
    var members = element.attributes.map { (key: "@" + $0.name.local, value: JSONValue.text($0.value)) }
    var other: [JSONValue] = []
    var regular: [String: [JSONValue]] = [:]
    for child in element.children {
      guard let childRule = rule.child(child.name.local), isRegular(child, childRule),
        childRule.repeats || regular[child.name.local] == nil
      else {
        other.append(generic(child))
        continue
      }
      regular[child.name.local, default: []].append(value(of: child, childRule))
    }
    for child in rule.children {
      guard let values = regular[child.name], let first = values.first else { continue }
      members.append((key(child.name), child.repeats ? .list(values) : first))
    }
    if !other.isEmpty { members.append((Self.other, .list(other))) }
    return members
  }

  private static func value(of element: EdXMLElement, _ rule: EdXMLStandard.Rule) -> JSONValue {
    rule.children.isEmpty ? .text(element.text) : .object(members(of: element, rule))
  }

  /// Whether the short form says all there is to say.
  private static func isRegular(_ element: EdXMLElement, _ rule: EdXMLStandard.Rule) -> Bool {
    if rule.children.isEmpty { return element.children.isEmpty && element.attributes.isEmpty }
    return element.text.isEmpty && element.attributes.allSatisfy { $0.name.namespace.isEmpty }
  }

  private static func generic(_ element: EdXMLElement) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [("name", .text(element.name.local))]
    members += namespace(element.name)
    if !element.attributes.isEmpty {
      members.append(
        (
          "attributes",
          .list(
            element.attributes.map { attribute in
              .object(
                [("name", .text(attribute.name.local))] + namespace(attribute.name)
                  + [("value", .text(attribute.value))])
            })
        ))
    }
    let content = element.content.map { node in
      switch node {
      case .element(let child): generic(child)
      case .text(let text): JSONValue.text(text)
      }
    }
    members.append(("content", .list(content)))
    return .object(members)
  }

  private static func namespace(_ name: EdXMLName) -> [(key: String, value: JSONValue)] {
    if name.namespace == EdXMLStandard.namespace { return [] }
    let namespace: [(key: String, value: JSONValue)] = [("namespace", .text(name.namespace))]
    return name.prefix.isEmpty ? namespace : namespace + [("prefix", .text(name.prefix))]
  }

  // MARK: - Outside MessageHeader

  private static func outsideMembers(of root: EdXMLElement) -> [(key: String, value: JSONValue)] {
    frames.compactMap { name, path, known in
      let holder = path.reduce(EdXMLElement?.some(root)) { $0?[$1] }
      let unknown = (holder?.children ?? []).filter { !known.contains($0.name.local) }
      return unknown.isEmpty ? nil : (name, .list(unknown.map(generic)))
    }
  }

  private static func attachments(of message: EdXMLMessage, _ rule: EdXMLStandard.Rule?) -> JSONValue {
    guard let rule else { return .list([]) }
    return .list(
      zip(message.attachmentElements, message.attachments).enumerated().map { index, pair in
        let names = members(of: pair.0, rule).filter { $0.key != "contentTransferEncoded" }
        return .object(
          [("index", .number(String(index)))] + names + [
            ("mediaType", .text(pair.1.kind.mediaType)), ("byteCount", .number(String(pair.1.byteCount))),
          ])
      })
  }
}
