public import HubKit

/// Reads small XML documents whole, as answers of services are. Knows no DTD and no entities but the five of XML.
public enum XMLTree {
  /// Reads a document.
  ///
  /// - Parameter expected: what the bytes should have been, for the complaint about no bytes.
  /// - Throws: ``InvalidMessage`` with rule, line and column: not well-formed, a DTD, a limit.
  public static func read(
    _ bytes: [UInt8], limits: XMLLimits = XMLLimits(), expected: String = "an XML document"
  ) throws(InvalidMessage) -> XMLElement {
    let builder = TreeBuilder(limits: limits)
    try XMLPass.run(BytesReader(bytes), builder, expected: expected)
    guard let root = builder.root else {
      throw InvalidMessage(rule: "xml-syntax", "this is no XML: there is no element", line: 1, column: 1)
    }
    return root
  }
}

/// Builds the tree from the parser's events.
private final class TreeBuilder: XMLListener {
  private struct Frame {
    var element: XMLElement
    var text: [UInt8] = []
  }

  private let limits: XMLLimits
  private var gauge: XMLGauge
  private var stack: [Frame] = []
  private(set) var root: XMLElement?
  /// The whole document is read, so that nothing wrong behind the root goes unseen.
  let isSatisfied = false

  init(limits: XMLLimits) {
    self.limits = limits
    gauge = XMLGauge(limits: limits)
  }

  func start(_ element: XMLStart, at place: XMLPlace) throws(InvalidMessage) {
    try gauge.enter(element, depth: stack.count, at: place)
    stack.append(Frame(element: XMLElement(element.name, attributes: element.attributes)))
  }

  func end(at place: XMLPlace) throws(InvalidMessage) {
    guard var frame = stack.popLast() else { return }
    let text = String(decoding: frame.text, as: UTF8.self)
    frame.element.rawText = frame.element.children.isEmpty || !text.isWhiteSpace ? text : ""
    if stack.isEmpty {
      root = frame.element
    } else {
      stack[stack.count - 1].element.children.append(frame.element)
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>, at place: XMLPlace) throws(InvalidMessage) {
    guard !stack.isEmpty else { return }
    try gauge.charge(bytes.count, at: place)
    stack[stack.count - 1].text.append(contentsOf: bytes)
  }
}
