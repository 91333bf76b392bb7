/// A mark of a state secret (Law 117/2025/QH15: Mật, Tối mật, Tuyệt mật), where an office would put one.
public struct SecretMark: Sendable, Hashable, CustomStringConvertible {
  /// The degree in the words of the law, lower case, as in `tối mật`; an English word when it was one.
  public var degree: String
  /// Where it stands, without anything of the content: `Subject`, `attachment 2, page 1`.
  public var place: String
  /// The text in which it stands. It is content: compared with what is known as a false alarm, never shown or kept.
  public var text: String

  /// Creates a mark.
  public init(degree: String, place: String, text: String) {
    self.degree = degree
    self.place = place
    self.text = text
  }

  /// Place and degree.
  public var description: String { "\(place): \(degree)" }
}

/// Finds marks of state secrets in text.
///
/// A degree is `MẬT`, `TỐI MẬT` or `TUYỆT MẬT`: composed or decomposed, in the old codes TCVN3 and VNI as they look
/// when taken for Latin-1, or in capitals without accents. What counts is where it stands, since the words are everyday
/// ones: `bảo mật`, `mật khẩu`, `mật độ`, `mật ong`, `bí mật nhà nước` are no marks.
public enum SecretScan {
  /// What a text is.
  public enum Kind: Sendable, Hashable {
    /// A field made for the degree, such as `SecurityLevel`: a degree in any writing.
    case field
    /// A short text about a document, such as its subject: the degree is all of it, stands in brackets, behind a label
    /// (`Độ mật:`), or at the beginning with a mark behind.
    case title
    /// The name of a file: as a title; `_` stands between words.
    case name
    /// Running text: only a stamp counts. That is a line of its own, in capitals, in brackets or behind a label; or a
    /// line that begins with label, degree and a full stop.
    case content
  }

  /// Most text that is looked at, in characters of one text; stamps stand at the top of pages.
  private static let charactersMax = 4 << 20
  /// Most marks that one text gives.
  private static let marksMax = 32

  /// The marks in a text, in order.
  ///
  /// - Parameter place: where the text stands, for people.
  public static func marks(in text: String, as kind: Kind, at place: String) -> [SecretMark] {
    let found: [(degree: String, text: String)]
    switch kind {
    case .field: found = SecretWords.field(text).map { [($0, text)] } ?? []
    case .title: found = SecretWords.title(text).map { [($0, text)] } ?? []
    case .name: found = SecretWords.title(bareName(text)).map { [($0, text)] } ?? []
    case .content: found = stamps(in: text)
    }
    return found.map { SecretMark(degree: $0.degree, place: place, text: $0.text) }
  }

  private static func bareName(_ name: String) -> String {
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? name
    guard let dot = last.lastIndex(of: "."), last.distance(from: dot, to: last.endIndex) <= 6 else { return last }
    return String(last[..<dot])
  }

  /// Lines, and pieces of lines that wide gaps part: a stamp stands beside other things.
  private static func stamps(in text: String) -> [(degree: String, text: String)] {
    var found: [(String, String)] = []
    var before = ""
    for line in text.prefix(charactersMax).split(whereSeparator: \.isNewline) {
      for piece in pieces(of: line) {
        if let degree = SecretWords.stamp(piece, after: before) { found.append((degree, piece)) }
        if found.count >= marksMax { return found }
        before = piece
      }
    }
    return found
  }

  private static func pieces(of line: Substring) -> [String] {
    var pieces: [String] = []
    var piece = ""
    var gap = 0
    for character in line {
      if character == "\u{C}" || character == "\t" || character.isWhitespace {
        gap += character == " " ? 1 : 3
        continue
      }
      if gap >= 3, !piece.isEmpty {
        pieces.append(piece)
        piece = ""
      }
      if gap > 0, !piece.isEmpty { piece.append(" ") }
      gap = 0
      piece.append(character)
    }
    return piece.isEmpty ? pieces : pieces + [piece]
  }
}
