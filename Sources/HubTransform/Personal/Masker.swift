public import HubKit

/// Replaces personal data by pseudonyms of the same form, so that a masked message still passes its schemas and
/// mappings, and the same person stays the same pseudonym throughout everything masked with one secret.
///
/// Masked are all values at given places; anywhere else what a detector finds (``PersonalKind``) and the names of
/// people who are known; both also where text stands in base64 or with percent escapes. Files in base64 give way to
/// empty ones of their kind.
///
/// At a marked place truth values stay: what is true of a pseudonym tells of nobody, and mappings go by it. Where the
/// schema lists the values that there can be, one of the others is taken.
public struct Masker: Sendable {
  private let pseudonym: Pseudonym
  private var marks: PersonalMarks
  private let names: KnownNames
  private let notes: PseudonymNotes?

  /// Creates a masker.
  ///
  /// - Parameters:
  ///   - secret: who knows it can test guesses against pseudonyms; at least 16 random bytes.
  ///   - places: what ``personalPlaces(inSchema:)`` returns.
  ///   - names: texts of marked places; those that can be names are replaced wherever they occur.
  ///   - notes: takes down each pseudonym.
  public init(
    secret: [UInt8], places: [PersonalPlace] = [], names: [String] = [], notes: PseudonymNotes? = nil
  ) {
    pseudonym = Pseudonym(secret: secret)
    marks = PersonalMarks(places)
    self.names = KnownNames(names)
    self.notes = notes
  }

  /// A JSON document with its personal data replaced. Members keep their order, numbers their writing.
  ///
  /// - Throws: ``InvalidMessage`` when it is not JSON.
  public func mask(json: [UInt8]) throws(InvalidMessage) -> [UInt8] {
    masked(try JSONTree(json), at: [], mark: nil, label: "").json
  }

  /// Any text with what looks like personal data replaced.
  public func mask(text: String) -> String { masked(text, label: "") }

  /// Bytes of no format that anybody named: text and JSON with what looks like personal data replaced, an empty file
  /// for any other.
  public func mask(content bytes: [UInt8]) -> [UInt8] {
    switch ContentKind(bytes) {
    case .json: (try? withoutMarks.mask(json: bytes)) ?? ContentKind.json.placeholder
    case .text, .xml: Array(mask(text: String(decoding: bytes, as: UTF8.self)).utf8)
    case let kind: kind.placeholder
    }
  }

  /// What takes the place of an attachment.
  ///
  /// - Parameter prefix: its first bytes, at most 4 KB.
  public static func placeholder(for prefix: [UInt8]) -> [UInt8] { ContentKind(prefix).placeholder }

  /// The pseudonym of a whole text, such as a name.
  public func pseudonym(of text: String) -> String { noted(pseudonym.replacing(text)) }

  private func masked(_ value: JSONTree, at path: [String], mark: PersonalPlace?, label: String) -> JSONTree {
    let mark = mark ?? marks.mark(at: path)
    switch value {
    case .null, .bool: return value
    case .number(let digits): return .number(masked(number: digits, mark, label: label))
    case .string(let text): return .string(mark.map { marked(text, $0) } ?? masked(text, label: label))
    case .array(let items):
      return .array(
        items.enumerated().map { masked($0.element, at: path + [String($0.offset)], mark: mark, label: label) })
    case .object(let members):
      return .object(
        members.map { member in
          let label = ContentReader.label(of: member.name, within: label)
          return (
            masked(member.name, label: ""),
            masked(member.value, at: path + [member.name], mark: mark, label: label)
          )
        })
    }
  }

  private func masked(number text: String, _ mark: PersonalPlace?, label: String) -> String {
    guard mark != nil || PersonalLabel.kind(ofJSONNumber: text, label: label) != nil else { return text }
    return noted(pseudonym.replacing(jsonNumber: text))
  }

  /// A text at a marked place: what is found in it by itself, the rest as it comes.
  private func marked(_ text: String, _ place: PersonalPlace) -> String {
    if place.choices.contains(text) { return noted(pseudonym.choosing(otherThan: text, of: place.choices)) }
    let bytes = Array(text.utf8)
    if let file = Base64Run.runs(in: bytes).first, file.range == bytes.indices, ContentKind.known(file.bytes) != nil {
      return noted(String(decoding: Base64Run.text(ContentKind(file.bytes).placeholder), as: UTF8.self))
    }
    let pieces = isNumber(text) || KnownNames.words(ofName: text) != nil ? [] : pieces(of: text, bytes, label: "")
    return noted(replaced(bytes, pieces, rest: { noted(pseudonym.replacing($0)) }))
  }

  private func masked(_ text: String, label: String) -> String {
    var bytes = Array(text.utf8)
    if bytes.count > 1, [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(bytes[0]), let tree = try? JSONTree(bytes) {
      let other = withoutMarks.masked(tree, at: [], mark: nil, label: "").json
      return other == tree.json ? text : String(decoding: other, as: UTF8.self)
    }
    let runs = Base64Run.runs(in: bytes).map { run in
      Piece(range: run.range) { _ in
        let other = mask(content: run.bytes)
        return other == run.bytes ? nil : String(decoding: Base64Run.text(other), as: UTF8.self)
      }
    }
    if !runs.isEmpty { bytes = Array(replaced(bytes, runs, rest: nil).utf8) }
    guard let escaped = PercentText(bytes) else {
      return replaced(bytes, pieces(of: String(decoding: bytes, as: UTF8.self), bytes, label: label), rest: nil)
    }
    let plain = String(decoding: escaped.bytes, as: UTF8.self)
    // Where escapes are no text, places in one and the other would not be the same.
    guard plain.utf8.count == escaped.bytes.count else { return "masked" }
    let found = pieces(of: plain, escaped.bytes, label: label).map { piece in
      let range = escaped.places[piece.range.lowerBound]..<escaped.places[piece.range.upperBound]
      return Piece(range: range) { written in
        let other = piece.other(String(decoding: escaped.bytes[piece.range], as: UTF8.self))
        return written.contains("%") ? other.map { String(decoding: PercentText.escaped($0), as: UTF8.self) } : other
      }
    }
    return replaced(bytes, found, rest: nil)
  }

  /// For documents inside the document.
  private var withoutMarks: Masker {
    var masker = self
    masker.marks = PersonalMarks([])
    return masker
  }

  private func noted(_ text: String) -> String {
    notes?.add(text)
    return text
  }
}

// MARK: - Pieces of a text

extension Masker {
  /// A piece that gives way to another text.
  private struct Piece {
    var range: Range<Int>
    /// nil: it stays.
    var other: (String) -> String?
  }

  private func pieces(of text: String, _ bytes: [UInt8], label: String) -> [Piece] {
    let matches = personalMatches(in: bytes, label: label)
    let found = matches.map { match in
      Piece(range: match.range) { text in
        noted(match.kind == .iban ? pseudonym.replacing(iban: text) : pseudonym.replacing(text))
      }
    }
    let named = names.places(in: text).filter { range in !matches.contains { $0.range.overlaps(range) } }
    let pieces = found + named.map { range in Piece(range: range) { noted(pseudonym.replacing($0)) } }
    return pieces.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  private func replaced(_ bytes: [UInt8], _ pieces: [Piece], rest: ((String) -> String)?) -> String {
    func between(_ range: Range<Int>) -> String {
      let text = String(decoding: bytes[range], as: UTF8.self)
      return text.isEmpty ? text : rest?(text) ?? text
    }
    var other = ""
    var position = 0
    for piece in pieces {
      other += between(position..<piece.range.lowerBound)
      let text = String(decoding: bytes[piece.range], as: UTF8.self)
      other += piece.other(text) ?? text
      position = piece.range.upperBound
    }
    return other + between(position..<bytes.count)
  }
}

extension PersonalLabel {
  /// Whose number a number of JSON is, by the words before it: such numbers have lost their zeros, and most count
  /// something.
  static func kind(ofJSONNumber text: String, label: String) -> PersonalKind? {
    guard text.utf8.count >= 6, text.utf8.allSatisfy(isDigit) else { return nil }
    let words = " \(foldedWords(label)) "
    func says(_ names: String...) -> Bool { names.contains { words.contains(" \($0) ") } }
    if says("cccd", "cmnd", "so dinh danh", "dinh danh", "can cuoc", "personal id", "citizen") {
      return .personalNumber
    }
    if says("dien thoai", "sdt", "phone", "mobile", "telephone") { return .phone }
    switch personalMatches(in: Array(text.utf8), label: label).first?.kind {
    case .account: return .account
    case .taxCode: return .taxCode
    case .card where text.utf8.count >= 16: return .card
    default: return nil
    }
  }
}
