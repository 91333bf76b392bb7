internal import CXML
public import HubKit

/// One start tag as the parser meets it.
public struct XMLStart {
  /// Its name.
  public var name: XMLName
  /// Its attributes in order; namespace declarations are not among them.
  public var attributes: [XMLAttribute]
  /// Whether it is written as `<x/>`.
  public var isEmptyTag: Bool
  /// Offset of the `>` or `/>` that ends the tag, in bytes; means something in UTF-8 only.
  public var tagEnd: Int
}

/// Hears what stands in a document, in order. What it throws ends the pass.
public protocol XMLListener: AnyObject {
  /// An element begins.
  func start(_ element: XMLStart, at place: XMLPlace) throws(InvalidMessage)
  /// The element that began last and has not ended ends.
  func end(at place: XMLPlace) throws(InvalidMessage)
  /// Text in pieces of any size; a character is never cut.
  func text(_ bytes: UnsafeBufferPointer<UInt8>, at place: XMLPlace) throws(InvalidMessage)
  /// True once the listener has heard enough: the rest is not read.
  var isSatisfied: Bool { get }
}

/// Where the parser stands; asked only when someone wants to know.
public struct XMLPlace {
  fileprivate let reader: OpaquePointer

  /// Line, from 1.
  public var line: Int { Int(cxml_reader_line(reader)) }
  /// Column in characters, from 1.
  public var column: Int { Int(cxml_reader_column(reader)) }
  /// Bytes of the input before this place; nil when the input is not UTF-8.
  public var offset: Int? { cxml_reader_is_utf8(reader) == 1 ? cxml_reader_offset(reader) : nil }

  /// A complaint about what was just read.
  public func complaint(_ rule: String, _ message: String, path: String? = nil) -> InvalidMessage {
    InvalidMessage(rule: rule, message, path: path, line: line, column: column)
  }
}

/// One streaming pass over a body with libxml2. Lives on one thread, for the length of one call.
public final class XMLPass {
  /// Longest tag, comment or processing instruction, in bytes.
  public static let markupBytesMax = 64 * 1024
  private static let pieceBytes = 64 * 1024

  private let listener: any XMLListener
  private var reader: OpaquePointer?
  private var failure: InvalidMessage?

  private init(_ listener: any XMLListener) { self.listener = listener }

  /// Reads the body and tells the listener, until the end or until it is satisfied.
  ///
  /// - Parameter expected: what the body should have been, for the complaint about an empty one.
  /// - Throws: ``InvalidMessage`` with rule, line and column, or what the listener throws.
  public static func run(
    _ body: any BodyReader, _ listener: any XMLListener, expected: String = "an XML document"
  ) throws(InvalidMessage) {
    let pass = XMLPass(listener)
    try pass.open()
    defer { pass.close() }
    try pass.readAll(body, expected: expected)
  }

  private func open() throws(InvalidMessage) {
    var handlers = cxml_handlers(
      start_element: { XMLPass.of($0)?.onStart($1) },
      end_element: { XMLPass.of($0)?.onEnd() },
      text: { XMLPass.of($0)?.onText($1, $2) })
    reader = cxml_reader_new(&handlers, Unmanaged.passUnretained(self).toOpaque(), Self.markupBytesMax)
    guard reader != nil else { throw InvalidMessage(rule: "memory", "memory has run out while reading XML") }
  }

  private func close() {
    cxml_reader_free(reader)
    reader = nil
  }

  private func readAll(_ body: any BodyReader, expected: String) throws(InvalidMessage) {
    var front = try next(body)
    if front.count < 256 { front += try next(body) }
    try XMLFront.check(front, expected: expected)
    var piece = front
    while !piece.isEmpty {
      if try feed(piece, last: false) { return }
      piece = try next(body)
    }
    _ = try feed([], last: true)
  }

  private func next(_ body: any BodyReader) throws(InvalidMessage) -> [UInt8] {
    do { return try body.read(upTo: Self.pieceBytes) } catch { throw InvalidMessage(reading: error) }
  }

  /// Returns true when the listener wants no more.
  private func feed(_ bytes: [UInt8], last: Bool) throws(InvalidMessage) -> Bool {
    let ended = bytes.withUnsafeBufferPointer { cxml_reader_feed(reader, $0.baseAddress, $0.count, last ? 1 : 0) }
    if let failure { throw failure }
    if listener.isSatisfied { return true }
    guard ended != 0 else { return false }
    guard let problem = cxml_reader_problem(reader) else { return false }
    throw XMLProblem.complaint(problem.pointee)
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> XMLPass? {
    context.map { Unmanaged<XMLPass>.fromOpaque($0).takeUnretainedValue() }
  }

  private func onStart(_ element: UnsafePointer<cxml_element>?) {
    guard let element = element?.pointee else { return }
    let attributes = UnsafeBufferPointer(start: element.attributes, count: element.attribute_count).map { attribute in
      XMLAttribute(
        XMLName(attribute.name),
        String(decoding: UnsafeBufferPointer(start: attribute.value, count: attribute.value_length), as: UTF8.self))
    }
    let start = XMLStart(
      name: XMLName(element.name), attributes: attributes, isEmptyTag: element.is_empty_tag == 1,
      tagEnd: element.tag_end)
    tell { place throws(InvalidMessage) in try listener.start(start, at: place) }
  }

  private func onEnd() {
    tell { place throws(InvalidMessage) in try listener.end(at: place) }
  }

  private func onText(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
    let text = UnsafeBufferPointer(start: bytes, count: count)
    tell { place throws(InvalidMessage) in try listener.text(text, at: place) }
  }

  private func tell(_ event: (XMLPlace) throws(InvalidMessage) -> Void) {
    guard let reader else { return }
    do { try event(XMLPlace(reader: reader)) } catch { failure = error }
    if failure != nil || listener.isSatisfied { cxml_reader_stop(reader) }
  }
}

extension XMLName {
  fileprivate init(_ name: cxml_name) {
    self.init(
      name.local.map { String(cString: $0) } ?? "", namespace: name.uri.map { String(cString: $0) } ?? "",
      prefix: name.prefix.map { String(cString: $0) } ?? "")
  }
}

extension InvalidMessage {
  /// The body itself could not be read or written: not the sender's fault, but nothing can be said about the message.
  public init(reading error: BodyError) {
    switch error {
    case .tooLarge(let limit): self.init(rule: "body-too-large", "it is longer than the \(limit) bytes allowed")
    case .full:
      self.init(rule: "disk-full", "there is no room on disk for the message's parts; free some and send again")
    case .gone: self.init(rule: "body-gone", "the bytes are not kept any more")
    case .damaged: self.init(rule: "body-damaged", "the kept bytes are not those that were written; verify the journal")
    case .io(let text): self.init(rule: "body-unreadable", "the bytes cannot be read or written: \(text)")
    }
  }
}
