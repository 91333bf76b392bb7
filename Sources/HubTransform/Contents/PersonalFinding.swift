/// Something in a text that looks like personal data.
public struct PersonalFinding: Sendable, Hashable {
  /// What it looks like.
  public var kind: PersonalKind
  /// As it stands there.
  public var text: String
  /// Where it begins, in bytes of UTF-8.
  public var offset: Int

  /// What the detectors find in a text.
  public static func all(in text: ContentReader.Text) -> [PersonalFinding] {
    guard !text.isNumber else {
      return PersonalLabel.kind(ofJSONNumber: text.text, label: text.label).map {
        [PersonalFinding(kind: $0, text: text.text, offset: 0)]
      } ?? []
    }
    let bytes = Array(text.text.utf8)
    return personalMatches(in: bytes, label: text.label).map { match in
      PersonalFinding(
        kind: match.kind, text: String(decoding: bytes[match.range], as: UTF8.self), offset: match.range.lowerBound)
    }
  }
}

/// Values that are known to be personal, found in any text and any writing.
public struct KnownTexts: Sendable {
  private let names: KnownNames
  private let numbers: Set<String>

  /// Shortest number that is looked for, in digits: shorter ones stand for many things.
  private static let digitsMin = 6

  /// Takes values of marked places.
  public init(_ texts: some Sequence<String>) {
    names = KnownNames(texts)
    numbers = Set(
      texts.filter(isNumber).map { PseudonymNotes.normalised($0) }.filter { $0.utf8.count >= Self.digitsMin })
  }

  /// Where they stand in a text, in bytes of UTF-8.
  public func places(in text: String) -> [Range<Int>] {
    names.places(in: text) + (numbers.isEmpty ? [] : numberPlaces(in: Array(text.utf8)))
  }

  private func numberPlaces(in text: [UInt8]) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var position = 0
    while let start = text[position...].firstIndex(where: isDigit) {
      var end = endOfDigits(text, from: start)
      let first = end
      // Groups, as far as single separators hold them together.
      repeat {
        let piece = String(decoding: text[start..<end], as: UTF8.self)
        let plus = start > 0 && text[start - 1] == UInt8(ascii: "+") ? "+" : ""
        if numbers.contains(PseudonymNotes.normalised(plus + piece)) { places.append(start..<end) }
        guard end + 1 < text.count, Array(" .-/".utf8).contains(text[end]), isDigit(text[end + 1]) else { break }
        end = endOfDigits(text, from: end + 1)
      } while end - start <= 32
      position = first
    }
    return places
  }
}
