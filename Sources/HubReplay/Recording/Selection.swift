internal import HubBus
public import HubJournal
public import HubKit

/// Which exchanges of a journal are meant.
public struct Selection: Sendable {
  /// What they have in common, as for a search.
  public var query: SearchQuery
  /// The route that took them; nil: any.
  public var route: String?
  /// Only these; empty: all that the query finds.
  public var ids: [ExchangeID]

  /// Creates a selection.
  ///
  /// - Parameter query: its `limit` is the most exchanges that are found, the newest.
  public init(_ query: SearchQuery = SearchQuery(), route: String? = nil, ids: [ExchangeID] = []) {
    self.query = query
    self.route = route
    self.ids = ids
  }

  private static let pageLength = 500

  /// The exchanges in the order of their receipt; a part of another exchange is not named by itself, since it is
  /// recorded with the whole.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func exchanges(in journal: Journal) async throws -> [ExchangeID] {
    guard ids.isEmpty else {
      return try ids.compactMap { id in try journal.exchange(id).map { ($0.sequence, id) } }.sorted { $0.0 < $1.0 }
        .map(\.1)
    }
    let history = ExchangeHistory(journal: journal)
    let (route, length) = (route, Self.pageLength)
    var found: [ExchangeID] = []
    var query = query
    let most = query.limit
    query.limit = length
    while found.count < most {
      let page = query
      let exchanges = try await journal.aside { (journal) throws(JournalError) in try journal.search(page) }
      for stored in exchanges where !stored.isPart && found.count < most {
        guard try route == nil || history.steps(of: stored.id).last(where: { $0.route != nil })?.route == route else {
          continue
        }
        found.append(stored.id)
      }
      guard exchanges.count == length, let last = exchanges.last else { break }
      query.before = last.sequence
    }
    return found.reversed()
  }
}
