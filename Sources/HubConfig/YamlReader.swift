internal import HubRouting
internal import Yams

/// Turns the text of a YAML file into nodes with places, and what is wrong with it into complaints.
///
/// Only plain YAML is taken: one document, no anchors, no tags, keys that are texts, each key once.
struct YamlReader {
  private let file: String
  private let text: String
  private let lines: [Substring]
  private var complaints: Complaints
  private static let depthMax = 64

  /// Reads a file.
  ///
  /// - Returns: nil when the file is not YAML that the hub takes (then there is a complaint), or is empty.
  static func read(_ bytes: [UInt8], file: String, into complaints: inout Complaints) -> YamlNode? {
    guard let text = decodeText(bytes, file: file, into: &complaints) else { return nil }
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    var reader = YamlReader(file: file, text: text, lines: lines, complaints: complaints)
    defer { complaints = reader.complaints }
    return reader.read()
  }

  private mutating func read() -> YamlNode? {
    do {
      let parser = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
      // Anchors are known only as long as the parser lives.
      return try withExtendedLifetime(parser) {
        guard let root = try parser.singleRoot() else { return nil }
        let before = complaints.list.count
        let node = convert(root, depth: 0)
        return complaints.list.count == before ? node : nil
      }
    } catch let error as YamlError {
      report(error)
    } catch {
      complaints.error(.yamlSyntax("\(error)"), at: SourcePlace(file: file))
    }
    return nil
  }

  // MARK: - Nodes

  private mutating func convert(_ node: Node, depth: Int) -> YamlNode? {
    let place = place(of: node.mark)
    guard depth <= Self.depthMax else { return refuse(.yamlTooDeep(Self.depthMax), at: place) }
    guard node.anchor == nil else { return refuse(.yamlAnchor, at: place) }
    switch node {
    case .scalar(let scalar): return convert(scalar, place)
    case .sequence(let items):
      guard hasPlainTag(items.tag, Tag.Name.seq) else { return refuse(.yamlTag(items.tag.description), at: place) }
      return YamlNode(kind: .list(items.compactMap { convert($0, depth: depth + 1) }), place: place)
    case .mapping(let mapping):
      guard hasPlainTag(mapping.tag, Tag.Name.map) else { return refuse(.yamlTag(mapping.tag.description), at: place) }
      return YamlNode(kind: .map(mapping.compactMap { convert($0, $1, depth: depth + 1) }), place: place)
    case .alias: return refuse(.yamlAnchor, at: place)
    }
  }

  private mutating func convert(_ scalar: Node.Scalar, _ place: SourcePlace) -> YamlNode? {
    guard hasPlainTag(scalar.tag, Tag.Name.str) else { return refuse(.yamlTag(scalar.tag.description), at: place) }
    let isPlain = scalar.style == .plain
    if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
      return YamlNode(kind: .empty, place: place)
    }
    let isBlock = scalar.style == .literal || scalar.style == .folded
    let textPlace = isBlock ? blockPlace(after: place) : place
    return YamlNode(kind: .scalar(scalar.string, plain: isPlain), place: textPlace)
  }

  private mutating func convert(_ key: Node, _ value: Node, depth: Int) -> YamlEntry? {
    let place = place(of: key.mark)
    guard case .scalar(let name) = key, key.anchor == nil, !name.string.isEmpty else {
      complaints.error(.yamlKey, at: place)
      return nil
    }
    return convert(value, depth: depth).map { YamlEntry(key: name.string, place: place, value: $0) }
  }

  private mutating func refuse(_ phrase: Phrase, at place: SourcePlace) -> YamlNode? {
    complaints.error(phrase, at: place)
    return nil
  }

  private func hasPlainTag(_ tag: Tag, _ usual: Tag.Name) -> Bool {
    let name = tag.description
    return name.isEmpty || name == usual.rawValue || name == Tag.Name.nonSpecific.rawValue
  }

  // MARK: - Places

  private func place(of mark: Mark?) -> SourcePlace {
    SourcePlace(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  /// The text of a block scalar begins on the next line that is not blank.
  private func blockPlace(after place: SourcePlace) -> SourcePlace {
    SourcePlace(file: file, line: place.line + 1, column: (line(place.line + 1).map(indent(of:)) ?? 0) + 1)
  }

  private func line(_ number: Int) -> Substring? {
    lines.indices.contains(number - 1) ? lines[number - 1] : nil
  }

  private func indent(of line: Substring) -> Int {
    line.prefix { $0 == " " }.count
  }

  // MARK: - Mistakes

  private mutating func report(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let place = place(of: mark)
      if let tab = tabPlace(near: mark.line) {
        complaints.error(.yamlTab, at: tab)
      } else {
        complaints.error(.yamlSyntax(problem), at: place)
      }
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first ?? ""
      complaints.error(.duplicateKey(key, firstLine: context.mark.line), at: secondPlace(of: key, after: context.mark))
    case .reader(let problem, let offset, _, _):
      complaints.error(.yamlSyntax(problem), at: SourcePlace(file: file, offset: offset ?? 0, in: text))
    default:
      complaints.error(.yamlSyntax("\(error)"), at: SourcePlace(file: file))
    }
  }

  /// A tab in the indent of the line that the parser stumbled over, or of the one before.
  private func tabPlace(near number: Int) -> SourcePlace? {
    for number in [number - 1, number] {
      guard let line = line(number) else { continue }
      let lead = line.prefix { $0 == " " || $0 == "\t" }
      if let tab = lead.firstIndex(of: "\t") {
        return SourcePlace(file: file, line: number, column: lead.distance(from: lead.startIndex, to: tab) + 1)
      }
    }
    return nil
  }

  /// The parser names the first of two equal keys; the second stands in the same column further down, or after it in
  /// the same line.
  private func secondPlace(of key: String, after mark: Mark) -> SourcePlace {
    for number in (mark.line + 1)..<max(mark.line + 1, lines.count + 1) {
      let line = lines[number - 1].unicodeScalars
      guard line.count >= mark.column, isIndent(line.prefix(mark.column - 1)) else { continue }
      let rest = String(String.UnicodeScalarView(line.dropFirst(mark.column - 1)))
      if ["\(key):", "\"\(key)\":", "'\(key)':"].contains(where: rest.hasPrefix) {
        return SourcePlace(file: file, line: number, column: mark.column)
      }
    }
    return place(of: mark)
  }

  private func isIndent(_ scalars: Substring.UnicodeScalarView.SubSequence) -> Bool {
    scalars.allSatisfy { $0 == " " || $0 == "-" }
  }
}

/// The text of a file, without a byte-order mark.
func decodeText(_ bytes: [UInt8], file: String, into complaints: inout Complaints) -> String? {
  let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
  if let text = String(validating: body, as: UTF8.self) { return text }
  // The longest prefix that is valid ends where the first wrong byte stands.
  var good = body
  while String(validating: good, as: UTF8.self) == nil { good = good.prefix(validPrefixCount(of: good)) }
  let before = String(decoding: good, as: UTF8.self)
  complaints.error(.invalidUTF8, at: SourcePlace(file: file, offset: before.count, in: before))
  return nil
}

/// How many bytes at the front are whole, well-formed UTF-8 sequences.
private func validPrefixCount(of bytes: ArraySlice<UInt8>) -> Int {
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  var count = 0
  while case .scalarValue(let scalar) = decoder.decode(&iterator) { count += UTF8.width(scalar) }
  return count
}

extension SourcePlace {
  /// The place of a character of a text, by its offset in characters.
  init(file: String, offset: Int, in text: String) {
    let before = text.prefix(offset)
    let line = before.split(omittingEmptySubsequences: false) { $0.isNewline }
    self.init(file: file, line: max(1, line.count), column: (line.last?.unicodeScalars.count ?? 0) + 1)
  }
}
