/// What agencies have sent through the hub, from its journal.
public protocol SentRecord: Sendable {
  /// What some agencies sent, newest first.
  ///
  /// - Parameter range: when the hub received it; the end is left out.
  /// - Throws: anything, when the journal cannot be read now.
  func sent(
    by agencies: [OrganisationCode], type: String, in range: Range<Timestamp>, limit: Int
  ) async throws -> [SentMessage]
}

/// One message that was sent, and what became of it.
public struct SentMessage: Sendable, Hashable {
  /// Its place in the journal: what was received first has the lower one, also within a moment.
  public var sequence: Int64
  /// Its whole journey.
  public var exchange: ExchangeView
  /// Its outside.
  public var envelope: Envelope
  /// Keys under which it is found.
  public var keys: [BusinessKey]
  /// Oddities that were found at the door and did not stop it.
  public var notes: [Violation]

  /// Creates one. Whoever reads the journal has reason to.
  public init(
    sequence: Int64, exchange: ExchangeView, envelope: Envelope, keys: [BusinessKey], notes: [Violation] = []
  ) {
    self.sequence = sequence
    self.exchange = exchange
    self.envelope = envelope
    self.keys = keys
    self.notes = notes
  }

  /// An extension attribute of the envelope.
  public func attribute(_ name: String) -> String? { envelope.extensions[name] }

  /// The first key of a name.
  public func key(_ name: String) -> String? { keys.first { $0.name == name }?.value }
}

/// A record of nothing.
public struct EmptyRecord: SentRecord {
  /// Creates one.
  public init() {}

  /// Nothing.
  public func sent(
    by agencies: [OrganisationCode], type: String, in range: Range<Timestamp>, limit: Int
  ) async throws -> [SentMessage] { [] }
}
