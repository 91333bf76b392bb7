/// The whole life of a document between agencies: who sent it, where it stands at each receiver, and what was done to
/// it since. Nothing of its content. `GET /v1/documents` and `lgsp document --json` write the same JSON object from it.
public struct DocumentLife: Sendable, Hashable, Codable {
  /// The document's own id, as its sender chose it.
  public var documentId: String
  /// Number and notation, as in `123/SNV-VP`.
  public var notation: String?
  /// Who sent it.
  public var sender: OrganisationCode?
  /// When the hub first had it.
  public var sentAt: Timestamp?
  /// One for each receiver, in the order in which they were named.
  public var receivers: [Receiver]
  /// What was done to it later: revoked, updated, replaced; oldest first.
  public var changes: [Change]
  /// What was found of the signatures in it, each in a sentence.
  public var signatures: [String]
  /// Other oddities that stopped nothing.
  public var notes: [String]
  /// All exchanges that carried it or told of it, oldest first.
  public var exchanges: [Exchange]

  /// Creates a life that holds nothing yet.
  public init(documentId: String) {
    self.documentId = documentId
    (receivers, changes, signatures, notes, exchanges) = ([], [], [], [], [])
  }

  /// Where it stands at a receiver. Statuses only move it forward.
  public enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// The hub has it.
    case sent
    /// It waits for a person at the hub.
    case parked
    /// It never reached the receiver.
    case undelivered
    /// The receiver's system has it.
    case delivered
    /// Status 01.
    case arrived
    /// Status 02.
    case refused
    /// Status 03.
    case accepted
    /// Status 04.
    case assigned
    /// Status 05.
    case processing
    /// Status 06.
    case completed
    /// Status 13: its sender took it back before it was accepted.
    case takenBack
    /// Status 15 after a recall.
    case revoked
  }

  /// One receiver.
  public struct Receiver: Sendable, Hashable, Codable {
    /// Who.
    public var receiver: OrganisationCode
    /// Where it stands there.
    public var state: State
    /// Since when.
    public var since: Timestamp?
    /// Why it was refused or never reached him.
    public var reason: String?
    /// When the receiver's system had it.
    public var deliveredAt: Timestamp?
    /// Name of the delivery, and the endpoint through which it goes.
    public var delivery: String?
    /// See ``delivery``.
    public var endpoint: String?
    /// What came of the last recall or change: `asked`, `agreed` (15), `refused` (16); nil: there was none.
    public var change: String?
    /// All statuses, in the order in which they came.
    public var statuses: [Status]

    /// Creates a receiver who has nothing yet.
    public init(_ receiver: OrganisationCode) {
      self.receiver = receiver
      state = .sent
      statuses = []
    }
  }

  /// One status message.
  public struct Status: Sendable, Hashable, Codable {
    /// Its code, as in `03`.
    public var code: String
    /// When the hub had it.
    public var at: Timestamp
    /// Who sent it.
    public var sender: OrganisationCode?
    /// The exchange that carried it.
    public var exchange: ExchangeID
    /// Whether it moved the document on; late and repeated ones are kept and change nothing.
    public var counted: Bool

    /// Creates a status.
    public init(code: String, at: Timestamp, sender: OrganisationCode?, exchange: ExchangeID, counted: Bool) {
      (self.code, self.at, self.sender, self.exchange, self.counted) = (code, at, sender, exchange, counted)
    }
  }

  /// What was done to the document by another one.
  public struct Change: Sendable, Hashable, Codable {
    /// `revoke`, `update` or `replace`.
    public var kind: String
    /// The document that says so.
    public var documentId: String?
    /// When.
    public var at: Timestamp
    /// The exchange that carried it.
    public var exchange: ExchangeID
    /// For whom.
    public var receivers: [OrganisationCode]

    /// Creates a change.
    public init(
      kind: String, documentId: String?, at: Timestamp, exchange: ExchangeID, receivers: [OrganisationCode]
    ) {
      (self.kind, self.documentId, self.at, self.exchange) = (kind, documentId, at, exchange)
      self.receivers = receivers
    }
  }

  /// One exchange of its life.
  public struct Exchange: Sendable, Hashable, Codable {
    /// Which.
    public var id: ExchangeID
    /// `new`, `revoke`, `update`, `replace`, or `status` with its code.
    public var kind: String
    /// When.
    public var at: Timestamp
    /// Where it stands.
    public var state: ExchangeState

    /// Creates one.
    public init(id: ExchangeID, kind: String, at: Timestamp, state: ExchangeState) {
      (self.id, self.kind, self.at, self.state) = (id, kind, at, state)
    }
  }
}
