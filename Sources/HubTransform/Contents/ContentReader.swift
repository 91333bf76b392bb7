import HubKit

/// Reads all text that bytes hold, however deep: values and names of JSON and XML, free text, base64 and percent escapes,
/// entries of archives and their names, the text layer of PDF files.
public struct ContentReader: Sendable {
  /// A piece of text.
  public struct Text: Sendable, Hashable {
    /// Where it stands: JSON Pointers, byte offsets, pages, and how it was wrapped, one behind the other.
    public var place: String
    /// What stands there.
    public var text: String
    /// Words that stand before it, such as the name of its member.
    public var label: String
    /// Whether it is a number of JSON.
    public var isNumber: Bool

    /// Creates a piece of text.
    public init(place: String, text: String, label: String = "", isNumber: Bool = false) {
      self.place = place
      self.text = text
      self.label = label
      self.isNumber = isNumber
    }
  }

  /// What is found.
  public enum Part: Sendable, Hashable {
    /// Text.
    case text(Text)
    /// Something that cannot be looked into, and why.
    case closed(place: String, reason: String)
  }

  /// How deep files may lie in files.
  private static let depthMax = 6
  /// Most bytes of one file that come out of an archive.
  private static let entryBytesMax = 64 << 20
  /// Longest run of unknown bytes that its printable parts stand for.
  private static let binaryBytesMax = 4096

  private let pdf: PDFText

  /// Takes what reads PDF files.
  public init(pdf: PDFText = PDFText()) {
    self.pdf = pdf
  }

  /// Tells of all that bytes hold.
  ///
  /// - Parameter place: where the bytes stand; what is found is named by it and its own place behind.
  public func read(_ bytes: [UInt8], at place: String = "", depth: Int = 0, _ tell: (Part) -> Void) {
    guard !bytes.isEmpty, !ContentKind.isPlaceholder(bytes) else { return }
    guard depth <= Self.depthMax else {
      return tell(.closed(place: place, reason: "more than \(Self.depthMax) files in each other"))
    }
    switch ContentKind(bytes) {
    case .json:
      guard let tree = try? JSONTree(bytes) else { return lines(bytes, at: place, depth, tell) }
      read(tree, at: "\(place)#", label: "", depth, tell)
    case .xml: xml(bytes, at: place, depth, tell)
    case .text: lines(bytes, at: place, depth, tell)
    case .pdf: pages(bytes, at: place, depth, tell)
    case .zip: entries(bytes, at: place, depth, tell)
    case .closed(let name): tell(.closed(place: place, reason: name))
    case .binary: binary(bytes, at: place, tell)
    }
  }

  /// A text with all that is wrapped in it.
  public func read(_ text: Text, depth: Int = 0, _ tell: (Part) -> Void) {
    let bytes = Array(text.text.utf8)
    // Text that is a document is read as such: what is a number there is one here.
    if bytes.count > 1, depth < Self.depthMax, [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(bytes[0]),
      ContentKind(bytes) == .json
    {
      return read(bytes, at: "\(text.place) (JSON)", depth: depth + 1, tell)
    }
    tell(.text(text))
    if let escaped = PercentText(bytes) {
      var inner = text
      inner.place += " (percent-decoded)"
      inner.text = String(decoding: escaped.bytes, as: UTF8.self)
      tell(.text(inner))
      base64(escaped.bytes, in: inner, depth, tell)
    }
    base64(bytes, in: text, depth, tell)
  }

  private func base64(_ bytes: [UInt8], in text: Text, _ depth: Int, _ tell: (Part) -> Void) {
    for run in Base64Run.runs(in: bytes) {
      let offset = run.range.lowerBound == 0 ? "" : " byte \(run.range.lowerBound)"
      read(run.bytes, at: "\(text.place)\(offset) (base64)", depth: depth + 1, tell)
    }
  }

  /// The words that stand before the values of a member.
  static func label(of name: String, within label: String) -> String {
    // The text of an element is named by the element.
    name == "#text" ? label : "\(PersonalLabel.words(of: name)): "
  }

  private func read(_ value: JSONTree, at place: String, label: String, _ depth: Int, _ tell: (Part) -> Void) {
    switch value {
    case .null, .bool: break
    case .number(let digits): tell(.text(Text(place: place, text: digits, label: label, isNumber: true)))
    case .string(let text): read(Text(place: place, text: text, label: label), depth: depth, tell)
    case .array(let items):
      for (index, item) in items.enumerated() { read(item, at: "\(place)/\(index)", label: label, depth, tell) }
    case .object(let members):
      for member in members {
        let inner = "\(place)/\(Shape.of(pointerStep(member.name)))"
        read(Text(place: "\(inner) (name)", text: member.name), depth: depth, tell)
        let words = Self.label(of: member.name, within: label)
        read(member.value, at: inner, label: words, depth, tell)
      }
    }
  }
}

// MARK: - Kinds of content

extension ContentReader {
  private func xml(_ bytes: [UInt8], at place: String, _ depth: Int, _ tell: (Part) -> Void) {
    let builder = XMLFormBuilder()
    do { try XMLScan(depthMax: 256).read(BytesReader(bytes), into: builder) } catch {
      return lines(bytes, at: place, depth, tell)
    }
    read(builder.document, at: "\(place)#", label: "", depth, tell)
    // What is no element: comments and instructions.
    var position = bytes.startIndex
    while let start = bytes[position...].firstRange(of: Array("<!--".utf8)) {
      let end = bytes[start.upperBound...].firstRange(of: Array("-->".utf8))?.lowerBound ?? bytes.endIndex
      let text = String(decoding: bytes[start.upperBound..<end], as: UTF8.self)
      read(Text(place: "\(place) byte \(start.lowerBound)", text: text), depth: depth, tell)
      position = end
    }
  }

  private func lines(_ bytes: [UInt8], at place: String, _ depth: Int, _ tell: (Part) -> Void) {
    read(Text(place: place, text: String(decoding: bytes, as: UTF8.self)), depth: depth, tell)
  }

  private func pages(_ bytes: [UInt8], at place: String, _ depth: Int, _ tell: (Part) -> Void) {
    let contents: PDFText.Contents
    do { contents = try pdf.contents(of: bytes) } catch {
      return tell(.closed(place: place, reason: "PDF: \(error)"))
    }
    for (index, page) in contents.pages.enumerated() {
      read(Text(place: "\(place) page \(index + 1)", text: page), depth: depth, tell)
    }
    read(Text(place: "\(place) properties", text: contents.properties), depth: depth, tell)
    if contents.pictures > 0 { tell(.closed(place: place, reason: "PDF with \(contents.pictures) pictures")) }
    if contents.hasFiles { tell(.closed(place: place, reason: "PDF with files in it")) }
  }

  private func entries(_ bytes: [UInt8], at place: String, _ depth: Int, _ tell: (Part) -> Void) {
    let archive: ZipArchive
    do { archive = try ZipArchive(bytes) } catch { return tell(.closed(place: place, reason: "ZIP: \(error)")) }
    for (index, entry) in archive.entries.enumerated() {
      let inner = "\(place)!\(Shape.of(entry.name))"
      read(Text(place: "\(place) entry \(index + 1) (name)", text: entry.name), depth: depth, tell)
      if !entry.comment.isEmpty {
        read(Text(place: "\(inner) (comment)", text: entry.comment), depth: depth, tell)
      }
      do {
        read(try archive.bytes(of: entry, limit: Self.entryBytesMax), at: inner, depth: depth + 1, tell)
      } catch {
        tell(.closed(place: inner, reason: "ZIP: \(error)"))
      }
    }
  }

  /// Bytes of no format: their printable parts, as long as they are few.
  private func binary(_ bytes: [UInt8], at place: String, _ tell: (Part) -> Void) {
    let text = String(decoding: bytes.map { $0 < 0x20 ? 0x0A : $0 }, as: UTF8.self)
    tell(.text(Text(place: place, text: text)))
    if bytes.count > Self.binaryBytesMax { tell(.closed(place: place, reason: "unknown bytes")) }
  }
}

/// Texts by which nobody is known: what was looked at, without saying it.
public enum Shape {
  /// `#` for each digit, as in `###` for a number; letters of what looks like personal data become `x`.
  ///
  /// - Returns: the text itself when it has nothing of the kind.
  public static func of(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var shape = ""
    var position = 0
    for match in personalMatches(in: bytes) {
      shape += String(decoding: bytes[position..<match.range.lowerBound], as: UTF8.self)
      shape += hiding(String(decoding: bytes[match.range], as: UTF8.self))
      position = match.range.upperBound
    }
    return shape + String(decoding: bytes[position...], as: UTF8.self)
  }

  /// `#` for each digit and `x` for each letter; what is longer than 64 characters is cut off.
  public static func hiding(_ text: some StringProtocol) -> String {
    String(text.prefix(64).map { $0.isNumber ? "#" : $0.isLetter ? "x" : $0.isWhitespace ? " " : $0 })
      + (text.count > 64 ? "…" : "")
  }
}
