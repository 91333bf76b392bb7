public import HubKit

/// What a look at one attachment has told.
public struct AttachmentInspection: Sendable, Hashable {
  /// Which attachment of the message, from 1.
  public var number: Int
  /// What its bytes are, as a media type.
  public var kind: String
  /// Marks of state secrets in names and text.
  public var marks: [SecretMark] = []
  /// Why a message with it is refused, such as an archive that unpacks to anything.
  public var violations: [Violation] = []
  /// What could not be seen, by the rule ``unseenRule``.
  public var unseen: [Violation] = []
  /// What else was found out and does not stop the message.
  public var notes: [Violation] = []
  /// What was found of the signatures in PDF files.
  public var signatures: [AttachmentSignature] = []

  /// Begins with what the bytes are.
  public init(number: Int, kind: String) {
    self.number = number
    self.kind = kind
  }

  /// Rule of a note that says what could not be seen.
  public static let unseenRule = "attachment-unseen"

  /// How places in it begin, as in `attachment 2`.
  public var place: String { "attachment \(number)" }

  /// Says that something could not be seen.
  mutating func miss(_ what: String, at place: String) {
    let note = Violation(rule: Self.unseenRule, message: what, path: place)
    if unseen.count < Self.notesMax, !unseen.contains(note) { unseen.append(note) }
  }

  mutating func refuse(_ rule: String, _ why: String, at place: String) {
    guard violations.count < Self.notesMax else { return }
    violations.append(Violation(rule: rule, message: why, path: place))
  }

  private static let notesMax = 20
}

/// What was found of the signatures in one PDF file.
public struct AttachmentSignature: Sendable, Hashable {
  /// All in one word.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// There is none.
    case absent
    /// All hold.
    case valid
    /// All hold as far as could be checked.
    case unchecked
    /// One does not hold.
    case invalid
    /// Nothing is known.
    case unknown
  }

  /// All in one word.
  public var state: State
  /// Who signed and what was found, in a sentence.
  public var words: String
  /// Which file, as in `attachment 2`.
  public var place: String

  /// Creates a finding; whoever looks into the attachments knows the place.
  public init(_ state: State, _ words: String, place: String = "") {
    self.state = state
    self.words = words
    self.place = place
  }
}

/// Looks at the signatures of one PDF file. Blocks its thread.
public typealias SignatureLook = @Sendable (_ pdf: [UInt8]) -> AttachmentSignature

/// How much of attachments is looked at.
public struct InspectionLimits: Sendable, Hashable {
  /// Largest attachment that is looked into, in bytes; it is in memory while that lasts.
  public var fileBytesMax: Int
  /// Most bytes that come out of the archives of one message.
  public var unpackedBytesMax: Int
  /// Most time for all attachments of one message.
  public var timeMax: Duration
  /// Most time for one tool with one PDF file.
  public var toolTimeMax: Duration
  /// Most entries of an archive that are looked into.
  public var entriesMax: Int

  /// Creates limits.
  public init(
    fileBytesMax: Int = 64 << 20, unpackedBytesMax: Int = 256 << 20, timeMax: Duration = .seconds(45),
    toolTimeMax: Duration = .seconds(15), entriesMax: Int = 200
  ) {
    self.fileBytesMax = fileBytesMax
    self.unpackedBytesMax = unpackedBytesMax
    self.timeMax = timeMax
    self.toolTimeMax = toolTimeMax
    self.entriesMax = entriesMax
  }
}
