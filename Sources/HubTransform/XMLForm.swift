import HubKit

/// Builds the JSON form of XML that ``XMLCodec`` describes.
final class XMLFormBuilder: XMLListener {
  private enum Child {
    case element(name: String, JSONTree)
    case text([UInt8])
  }

  private struct Open {
    var name: String
    var attributes: [(name: String, value: String)]
    var children: [Child] = []
  }

  private var open: [Open] = []
  /// The document once it has been read.
  private(set) var document = JSONTree.null

  func begin(_ name: String, attributes: [(name: String, value: String)]) {
    open.append(Open(name: name, attributes: attributes))
  }

  func text(_ bytes: UnsafeRawBufferPointer) {
    guard var here = open.popLast() else { return }
    if case .text(let before)? = here.children.last {
      here.children.removeLast()
      here.children.append(.text(before + bytes))
    } else {
      here.children.append(.text(Array(bytes)))
    }
    open.append(here)
  }

  func end() {
    guard let done = open.popLast() else { return }
    let element = form(done)
    if open.isEmpty {
      document = .object([(done.name, element)])
    } else {
      open[open.count - 1].children.append(.element(name: done.name, element))
    }
  }

  private func form(_ element: Open) -> JSONTree {
    var members = element.attributes.map { (name: "@" + $0.name, value: JSONTree.string($0.value)) }
    let (names, groups) = grouped(element.children)
    let texts = element.children.compactMap { child -> [UInt8]? in
      if case .text(let bytes) = child, names.isEmpty || !isWhite(bytes) { bytes } else { nil }
    }
    if !texts.isEmpty { members.append(("#text", .string(String(decoding: texts.flatMap { $0 }, as: UTF8.self)))) }
    for (name, items) in groups { members.append((name, .array(items))) }
    let mixed = !texts.isEmpty && !names.isEmpty
    if mixed || names != groups.flatMap({ group in group.items.map { _ in group.name } }) {
      members.append(("#order", .array(order(element.children))))
    }
    return .object(members)
  }

  private func grouped(_ children: [Child]) -> (names: [String], groups: [(name: String, items: [JSONTree])]) {
    var names: [String] = []
    var groups: [(name: String, items: [JSONTree])] = []
    var places: [String: Int] = [:]
    for case .element(let name, let element) in children {
      names.append(name)
      if let place = places[name] {
        groups[place].items.append(element)
      } else {
        places[name] = groups.count
        groups.append((name, [element]))
      }
    }
    return (names, groups)
  }

  private func order(_ children: [Child]) -> [JSONTree] {
    children.compactMap { child in
      switch child {
      case .element(let name, _): .string(name)
      case .text(let bytes) where !isWhite(bytes):
        .object([("#text", .string(String(decoding: bytes, as: UTF8.self)))])
      case .text: nil
      }
    }
  }

  private func isWhite(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
  }
}

/// Writes XML from the JSON form.
struct XMLFormWriter {
  /// What was written so far.
  private(set) var bytes = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)

  /// Writes a whole document.
  mutating func write(document: JSONTree) throws(InvalidMessage) {
    guard case .object(let members) = document, let root = members.first, members.count == 1 else {
      throw wrong("the JSON form of XML is an object with one member, the root element", at: "")
    }
    try write(root.name, root.value, at: "")
    bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func write(_ name: String, _ value: JSONTree, at path: String) throws(InvalidMessage) {
    let path = "\(path)/\(pointerStep(name))"
    guard isName(name) else { throw wrong("not a name that an XML element can have", at: path) }
    bytes += Array("<\(name)".utf8)
    for member in value.members where member.name.hasPrefix("@") {
      let attribute = String(member.name.dropFirst())
      guard isName(attribute), let text = plainText(member.value) else {
        throw wrong("an attribute needs a name of XML and a plain value", at: path)
      }
      bytes += Array(" \(attribute)=\"".utf8)
      try escape(text, at: path, inAttribute: true)
      bytes.append(UInt8(ascii: "\""))
    }
    let start = bytes.count
    bytes.append(UInt8(ascii: ">"))
    try writeContent(value, at: path)
    if bytes.count == start + 1 {
      bytes.removeLast()
      bytes += Array("/>".utf8)
    } else {
      bytes += Array("</\(name)>".utf8)
    }
  }

  private mutating func writeContent(_ value: JSONTree, at path: String) throws(InvalidMessage) {
    guard case .object(let members) = value else {
      guard let text = plainText(value) else { throw wrong("an array cannot stand for one element", at: path) }
      return try escape(text, at: path, inAttribute: false)
    }
    if let order = value["#order"] { return try writeInOrder(order.items, of: value, at: path) }
    for member in members where !member.name.hasPrefix("@") {
      if member.name == "#text" {
        guard let text = plainText(member.value) else { throw wrong("#text must be plain", at: path) }
        try escape(text, at: path, inAttribute: false)
      } else {
        for element in elements(member.value) { try write(member.name, element, at: path) }
      }
    }
  }

  private mutating func writeInOrder(
    _ order: [JSONTree], of value: JSONTree, at path: String
  ) throws(InvalidMessage) {
    var used: [String: Int] = [:]
    for step in order {
      if let text = step["#text"]?.text {
        try escape(text, at: path, inAttribute: false)
        continue
      }
      guard let name = step.text, let all = value[name].map(elements), used[name, default: 0] < all.count else {
        throw wrong("#order names a child that is not there", at: path)
      }
      try write(name, all[used[name, default: 0]], at: path)
      used[name, default: 0] += 1
    }
    for member in value.members where !member.name.hasPrefix("@") && !member.name.hasPrefix("#") {
      guard used[member.name, default: 0] == elements(member.value).count else {
        throw wrong("#order leaves out a child", at: path)
      }
    }
  }

  private func elements(_ value: JSONTree) -> [JSONTree] {
    if case .array(let items) = value { items } else { [value] }
  }

  private func plainText(_ value: JSONTree) -> String? {
    switch value {
    case .null: ""
    case .bool(let flag): flag ? "true" : "false"
    case .number(let digits): digits
    case .string(let text): text
    case .array, .object: nil
    }
  }

  /// Text with what XML reserves written as references; characters that XML 1.0 cannot hold are refused (section 2.2).
  private mutating func escape(_ text: String, at path: String, inAttribute: Bool) throws(InvalidMessage) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": bytes += Array("&amp;".utf8)
      case "<": bytes += Array("&lt;".utf8)
      case ">": bytes += Array("&gt;".utf8)
      case "\"" where inAttribute: bytes += Array("&quot;".utf8)
      case "\n" where inAttribute: bytes += Array("&#10;".utf8)
      case "\t" where inAttribute: bytes += Array("&#9;".utf8)
      case "\r": bytes += Array("&#13;".utf8)
      case "\t", "\n": bytes.append(UInt8(scalar.value))
      case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}":
        throw wrong("holds a control character, which XML cannot carry", at: path)
      default: bytes += Array(String(scalar).utf8)
      }
    }
  }

  /// Enough of the rule for names (XML 1.0 section 2.3) that nothing but a name is written; the result is read again
  /// by libxml2, which knows all of it.
  private func isName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, first == "_" || first.value >= 0x80 || first.properties.isAlphabetic
    else { return false }
    return name.unicodeScalars.allSatisfy { scalar in
      scalar.value >= 0x80 || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || ["_", "-", ".", ":"].contains(scalar)
    }
  }

  private func wrong(_ text: String, at path: String) -> InvalidMessage {
    InvalidMessage(rule: "xml-form", text, path: redacted(path))
  }
}
