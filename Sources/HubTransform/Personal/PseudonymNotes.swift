import Crypto
internal import Synchronization

/// Which pseudonyms were made: by their digests, so that the notes tell nothing, and a proof knows them again.
public final class PseudonymNotes: Sendable {
  private let digests: Mutex<Set<String>>

  /// Creates empty notes.
  public init() { digests = Mutex([]) }

  /// Takes notes that were written.
  ///
  /// - Returns: nil when a line is no digest.
  public init?(lines: [UInt8]) {
    let digests = lines.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    let isSound = digests.allSatisfy { digest in
      digest.utf8.count == 64 && digest.utf8.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) }
    }
    guard isSound else { return nil }
    self.digests = Mutex(Set(digests))
  }

  /// Notes a pseudonym.
  func add(_ pseudonym: some StringProtocol) {
    guard let digest = Self.digest(of: pseudonym) else { return }
    digests.withLock { _ = $0.insert(digest) }
  }

  /// Whether a text is a pseudonym that was made, in whatever writing; one of neither letters nor digits always is.
  public func contains(_ text: some StringProtocol) -> Bool {
    guard let digest = Self.digest(of: text) else { return true }
    return digests.withLock { $0.contains(digest) }
  }

  /// The digests, sorted, one a line.
  public var lines: [UInt8] { digests.withLock { Array($0.sorted().map { "\($0)\n" }.joined().utf8) } }

  /// How many there are.
  public var count: Int { digests.withLock { $0.count } }

  /// SHA-256 of a fixed label and the text in its ``normalised(_:)`` form.
  private static func digest(of text: some StringProtocol) -> String? {
    let normal = normalised(text)
    guard !normal.isEmpty else { return nil }
    var hash = SHA256()
    hash.update(data: Array("lgsp-hub pseudonym 1\n\(normal)".utf8))
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// What all writings of a value have in common: a telephone number as dialled inside the country, a date as eight
  /// digits, other numbers as their digits, texts as their letters and digits in small and without signs.
  static func normalised(_ text: some StringProtocol) -> String {
    if let (parts, _, rest) = dateParts(String(text)), rest.isEmpty {
      let ordered = parts[0].count == 4 ? parts : parts.reversed()
      return ordered.map { $0.count == 1 ? "0\($0)" : String($0) }.joined()
    }
    guard isNumber(text) else { return folded(text) }
    let digits = nationalDigits(text.utf8.filter(isDigit).map { $0 - 0x30 }, plus: text.hasPrefix("+"))
    return String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
  }
}
