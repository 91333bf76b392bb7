internal import HubJournal
internal import HubKit
internal import HubRouting
internal import Logging

extension Bus {
  /// After a restart: every exchange that has a receipt goes on where its last written step left it.
  func takeUpOpenExchanges() async throws {
    var last: Int64 = 0
    var count = 0
    try takeStock()
    while true {
      let page = try journal.unfinishedExchanges(after: last, limit: 1000)
      for stored in page {
        let entries = try journal.events(of: stored.id).flatMap { Steps.decode($0.payload) }
        submit(
          .restored(
            seat(stored), entries: entries, ended: try endedChildren(of: entries),
            isAsleep: try journal.isShelved(stored.sequence)))
      }
      count += page.count
      guard let next = page.last?.sequence else { break }
      last = next
    }
    submit(.restoredAll)
    if count > 0 { logger.notice("took up open exchanges", metadata: ["count": "\(count)"]) }
  }

  /// After a restart, before anything is swept: masks the bodies of exchanges that had settled when the hub was killed,
  /// and whose masking had not.
  func maskWhatWasLeft() async throws {
    var last: Int64 = 0
    while true {
      let page = try journal.settledBodies(keptFor: Self.maskingTime, after: last, limit: 1000)
      for stored in page {
        let entries = try journal.events(of: stored.id).flatMap { Steps.decode($0.payload) }
        guard let route = entries.last(where: { $0.route != nil })?.route,
          let rules = book(stored.configuration).table[route], rules.keep == .masked
        else { continue }
        await mask(stored.id, by: rules)
      }
      guard let next = page.last?.sequence else { return }
      last = next
    }
  }
}
