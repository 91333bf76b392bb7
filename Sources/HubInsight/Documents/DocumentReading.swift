public import HubBus
public import HubKit

/// Reads what becomes of documents from the journal, beside a hub that may be running.
public struct DocumentReading: Sendable {
  /// What the feed must tell of.
  public static let scope = DocumentNews.scope

  /// How far it is: places read, of how many.
  public typealias Progress = (_ done: Int, _ total: Int) -> Void

  private static let pageSize = 5000

  private let feed: EventFeed

  /// Reads from a feed.
  public init(_ feed: EventFeed) {
    self.feed = feed
  }

  /// Documents that are overdue at a time, one for each receiver that has said nothing, oldest first.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func overdue(
    at now: Timestamp, by watch: DocumentWatch, progress: Progress = { _, _ in }
  ) async throws -> [OverdueDocument] {
    var waits = DocumentWaits(watchFor: watch.watchFor)
    try await read(from: now - watch.watchFor, progress) { waits.apply($0) }
    return waits.overdue(at: now, by: watch)
  }

  /// The documents of a month as they stand at a time: later than ``HubKit/DocumentMonth/settledAfter`` after its end
  /// nothing changes any more.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func month(
    _ month: CalendarMonth, at now: Timestamp, by watch: DocumentWatch, progress: Progress = { _, _ in }
  ) async throws -> DocumentMonth {
    var tally = DocumentTally(month)
    let settled = month.range.upperBound + DocumentMonth.settledAfter
    try await read(from: month.range.lowerBound, to: settled, progress) { tally.apply($0) }
    return tally.result(at: min(now, settled), within: watch.arrivalWithin)
  }

  /// Hands over what was written down from a time on, up to another or the end of the journal as it is now.
  func read(
    from time: Timestamp, to limit: Timestamp? = nil, _ progress: Progress, _ take: (FeedEvent) -> Void
  ) async throws {
    let begin = try await feed.place(before: time)
    var (through, end) = (begin, Int64.max)
    while through < end {
      let page = try await feed.page(after: through, limit: Self.pageSize)
      for event in page.events where event.at < limit ?? event.at + .seconds(1) { take(event) }
      if let limit, let last = page.events.last, last.at >= limit { return }
      if end == .max { end = page.end }
      through = page.through
      progress(Int(min(through, end) - begin), Int(end - begin))
    }
  }
}
