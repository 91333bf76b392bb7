internal import HubTransform

/// What a look through a bundle for personal data found. Nothing in it says a value.
public struct MaskReport: Sendable, Codable {
  /// Something that may be personal and is no pseudonym.
  public struct Finding: Sendable, Hashable, Codable {
    /// What it looks like: a detector's name, `marked` (at a place that a schema marks) or `original` (as it stands in
    /// the journal).
    public var kind: String
    /// The file.
    public var file: String
    /// Where in it: JSON Pointer, byte, page, entry, and how it was wrapped.
    public var place: String
    /// `#` for each digit, `x` for each letter.
    public var shape: String
  }

  /// Something that could not be looked into.
  public struct Closed: Sendable, Hashable, Codable {
    /// The file.
    public var file: String
    /// Where in it.
    public var place: String
    /// Why.
    public var reason: String
  }

  /// Most of each that is listed; all are counted.
  public static let listMax = 10_000

  /// Whether the bundle says that it is masked, and names its pseudonyms.
  public var isMasked = false
  /// How many files were read.
  public var files = 0
  /// How many exchanges the bundle holds, and of how many the originals were compared.
  public var exchanges = 0
  /// Of how many exchanges the originals were compared; nil: no journal was at hand.
  public var compared: Int?
  /// How many pseudonyms the bundle names.
  public var pseudonyms = 0
  /// How much was found, by kind.
  public var counts: [String: Int] = [:]
  /// What was found.
  public var findings: [Finding] = []
  /// How much could not be looked into.
  public var closedCount = 0
  /// What could not be looked into.
  public var closed: [Closed] = []

  /// Whether nothing was found in a masked bundle.
  public var isClean: Bool { isMasked && counts.isEmpty }

  mutating func add(_ kind: String, _ text: some StringProtocol, in file: String, at place: String) {
    counts[kind, default: 0] += 1
    guard findings.count < Self.listMax else { return }
    findings.append(
      Finding(kind: kind, file: Shape.of(file), place: Shape.of(place), shape: Shape.hiding(text)))
  }

  mutating func add(closed file: String, at place: String, _ reason: String) {
    closedCount += 1
    guard closed.count < Self.listMax else { return }
    closed.append(Closed(file: Shape.of(file), place: Shape.of(place), reason: reason))
  }
}
