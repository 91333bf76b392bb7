public import HubJournal
public import HubKit

/// What a projection wants to know, so that the rest is not read.
public struct FeedScope: Sendable, Hashable {
  /// CloudEvents types of the messages whose receipts it wants.
  public var receipts: [String]
  /// Those of which it also wants to know what became of them.
  public var ends: [String]

  /// Creates a scope.
  public init(receipts: [String], ends: [String]) {
    (self.receipts, self.ends) = (receipts, ends)
  }
}

/// A stretch of the journal as projections read it.
public struct FeedPage: Sendable {
  /// What was written down there, oldest first; nothing of what was not asked for.
  public var events: [FeedEvent]
  /// The place up to which the journal was read: the next page begins behind it.
  public var through: Int64
  /// The last place of the journal when it was read.
  public var end: Int64

  /// Whether there was nothing more.
  public var isLast: Bool { through >= end }
}

extension EventFeed {
  /// Reads on behind a place. Runs on the journal's own thread for slow questions.
  ///
  /// - Parameters:
  ///   - after: the place up to which the caller has read; 0 for the beginning.
  ///   - limit: most places read, whether or not they hold what was asked for, so that a page never takes long.
  public func page(after sequence: Int64, limit: Int) async throws(JournalError) -> FeedPage {
    try await journal.aside { (_) throws(JournalError) in try self.stretch(after: sequence, limit: limit) }
  }

  /// Where to begin so that nothing is missed that was received at a time or later.
  public func place(before time: Timestamp) async throws(JournalError) -> Int64 {
    try await journal.aside { (journal) throws(JournalError) in try journal.place(before: time) }
  }

  private func stretch(after sequence: Int64, limit: Int) throws(JournalError) -> FeedPage {
    let end = try journal.statistics().sequence
    let through = min(end, sequence + Int64(max(1, limit)))
    guard through > sequence else { return FeedPage(events: [], through: sequence, end: sequence) }
    let range = (sequence + 1)...through
    guard let scope else {
      let events = try read(after: sequence, limit: limit).filter { range.contains($0.sequence) }
      return FeedPage(events: events, through: through, end: end)
    }
    var events = try journal.receipts(in: range, types: scope.receipts).map { received($0) }
    for record in try journal.events(in: range, types: scope.ends) { events.append(try event(record, nil)) }
    forgetSome()
    return FeedPage(events: events.sorted { $0.sequence < $1.sequence }, through: through, end: end)
  }
}
