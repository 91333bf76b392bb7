public import HubKit

/// What a bundle says of itself: `manifest.json`.
public struct BundleManifest: Sendable, Codable {
  /// A file of the bundle.
  public struct File: Sendable, Hashable, Codable {
    /// SHA-256 in lower-case hex.
    public var sha256: String
    /// Its length.
    public var bytes: Int
  }

  /// An exchange that was asked for and is not in the bundle.
  public struct LeftOut: Sendable, Hashable, Codable {
    /// Which one.
    public var exchange: ExchangeID
    /// Which kind of reason.
    public var kind: Recorder.Unrecordable.Kind
    /// Why, in a sentence.
    public var reason: String
  }

  /// The name of the format.
  public static let format = "lgsp-bundle"
  /// The version of the format that this program writes; it reads this one.
  public static let version = 1

  /// ``format``.
  public var format = Self.format
  /// Version of the format.
  public var version = Self.version
  /// When it was made.
  public var created: Timestamp
  /// Whether personal data were replaced.
  public var masked: Bool
  /// What was asked for, in words.
  public var selection: String
  /// How many exchanges it holds.
  public var exchanges = 0
  /// How many exchanges that were asked for it does not hold, by kind of reason.
  public var leftOut: [String: Int] = [:]
  /// The first of them.
  public var leftOutExamples: [LeftOut] = []
  /// How many of its exchanges went another way in the journal than their configuration takes them.
  public var odd = 0
  /// Digests of the configurations to which its exchanges are pinned.
  public var configurations: [String] = []
  /// Its files by name; bodies go by their digest.
  public var files: [String: File] = [:]
  /// Differences that somebody has confirmed: written here by hand.
  public var ignore: [IgnoreRule] = []

  /// Describes a bundle that is about to be written.
  public init(created: Timestamp, masked: Bool, selection: String) {
    self.created = created
    self.masked = masked
    self.selection = selection
  }
}

/// Why a bundle cannot be read or written.
public struct BundleError: Error, Sendable, CustomStringConvertible {
  /// Where it is, what is wrong, and what to do.
  public var description: String

  init(_ description: String) {
    self.description = description
  }
}
