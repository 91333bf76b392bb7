import EdXMLWire
import HubKit
import HubTesting
import Testing

// One at a time: these compute all the while, and would keep threads from tests of other rooms that wait.
@Suite(.serialized) struct WritingTests {
  @Test func `children come in the standard's order and unknown ones behind them`() throws {
    let message = try EdXMLReader.read(BytesReader(try fixture("document.edxml")), into: MemoryBodyStore())
    let again = try EdXMLReader.read(BytesReader(try write(message)), into: MemoryBodyStore())
    #expect(
      again.messageHeader?.children.map(\.name.local) == [
        "From", "To", "To", "DocumentId", "Code", "PromulgationInfo", "Subject", "OtherInfo", "ResponseFor",
        "SteeringType", "InternalNote",
      ])
    #expect(
      again.messageHeader?["From"]?.children.map(\.name.local) == [
        "OrganId", "OrganizationInCharge", "OrganName",
      ])
  }

  @Test func `a status orders ResponseFor in its own way`() throws {
    let message = try EdXMLReader.read(BytesReader(try fixture("status.edxml")), into: MemoryBodyStore())
    let again = try EdXMLReader.read(BytesReader(try write(message)), into: MemoryBodyStore())
    #expect(
      again.messageHeader?["ResponseFor"]?.children.map(\.name.local) == [
        "OrganId", "Code", "PromulgationDate", "DocumentId",
      ])
  }

  @Test func `characters that XML cannot carry are refused`() throws {
    var message = try read(document())
    message.updateMessageHeader { $0.set(EdXMLElement("Subject", text: "bell \u{7}")) }
    #expect(throws: InvalidMessage.self) { try write(message) }
  }

  @Test func `attachments and their elements must be equally many`() throws {
    var message = try read(document())
    message.attachments = [EdXMLAttachment(body: .empty)]
    #expect(throws: InvalidMessage.self) { try write(message) }
  }

  @Test(arguments: 0..<60)
  func `whatever is written is read back value for value`(_ seed: Int) throws {
    var maker = TreeMaker(seed: UInt64(seed))
    let message = maker.message()
    let once = try EdXMLReader.read(BytesReader(try write(message)), into: MemoryBodyStore())
    #expect(once.attachments.map(\.body) == message.attachments.map(\.body))
    #expect(plain(once.root) == plain(message.root))
    let twice = try EdXMLReader.read(BytesReader(try write(once)), into: MemoryBodyStore())
    #expect(twice == once)
    #expect(twice.fingerprint == once.fingerprint)
  }

  /// The tree without order among children of different names, prefixes, and the difference between no text and "".
  private func plain(_ element: EdXMLElement) -> String {
    let attributes = element.attributes.map { "{\($0.name.namespace)}\($0.name.local)=\($0.value)" }.sorted()
    let hasElements = !element.children.isEmpty
    let content: [String] = element.content.compactMap { node in
      switch node {
      case .element(let child): plain(child)
      case .text(let text): text.isEmpty ? nil : "'\(text)'"
      }
    }
    let isMixed = hasElements && !element.rawText.isEmpty
    let inside = (isMixed ? content : content.sorted()).joined()
    return "<{\(element.name.namespace)}\(element.name.local) \(attributes)>\(inside)</>"
  }
}

/// Makes messages of every shape that the tree allows.
struct TreeMaker {
  private var random: SeededRandom
  private static let texts = [
    "", "  padded\t\n ", "Ủy ban nhân dân", "a<b>&c\"'", "]]>", "\r\n line", "😀 ngoài BMP", "x", "\u{2028}",
  ]
  private static let namespaces = [EdXMLStandard.namespace, "", "urn:a", "urn:b&<c"]

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func message() -> EdXMLMessage {
    var message = EdXMLMessage(kind: Bool.random(using: &random) ? .document : .status)
    for _ in 0..<Int.random(in: 0...8, using: &random) {
      let name = pick(["Subject", "To", "From", "OtherInfo", "Unknown", "DocumentId", "ResponseFor"])
      let child = element(name, depth: 0)
      message.updateMessageHeader { $0.content.append(.element(child)) }
    }
    for path in [["Odd"], ["edXMLEnvelope", "Odd"], ["edXMLEnvelope", "edXMLHeader", "TraceHeaderList", "Odd"]] {
      let odd = element("Odd", depth: 1)
      message.root.update(path[...]) { $0 = odd }
    }
    for index in 0..<Int.random(in: 0...3, using: &random) {
      let bytes = (0..<Int.random(in: 0...5000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      message.attach(
        contentId: "cid:\(index)", name: pick(Self.texts), contentType: "application/pdf",
        EdXMLAttachment(body: .inline(bytes)))
    }
    return message
  }

  private mutating func element(_ name: String, depth: Int) -> EdXMLElement {
    let namespace = depth == 0 ? EdXMLStandard.namespace : pick(Self.namespaces)
    var element = EdXMLElement(
      EdXMLName(name, namespace: namespace, prefix: namespace.isEmpty ? "" : pick(["", "p", "edXML"])))
    if Bool.random(using: &random) {
      element.attributes.append(EdXMLAttribute(name: EdXMLName("plain", namespace: ""), value: pick(Self.texts)))
      element.attributes.append(
        EdXMLAttribute(name: EdXMLName("far", namespace: "urn:c", prefix: pick(["p", "q"])), value: pick(Self.texts)))
    }
    guard depth < 4, Bool.random(using: &random) else {
      element.content = [.text(pick(Self.texts))].filter { $0 != .text("") }
      return element
    }
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      element.content.append(.element(self.element(pick(["OrganId", "Other", "Code", "X-1"]), depth: depth + 1)))
      // Text between elements is kept when it is more than white space.
      if Int.random(in: 0..<4, using: &random) == 0 { element.content.append(.text("mixed \(depth)")) }
    }
    return element
  }

  private mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int.random(in: 0..<list.count, using: &random)]
  }
}
