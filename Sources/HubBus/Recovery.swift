internal import HubJournal
internal import HubKit
internal import Logging

extension Bus {
  /// After a restart: every exchange that has a receipt goes on where its last written step left it.
  func takeUpOpenExchanges() async throws {
    var last: Int64 = 0
    var count = 0
    while true {
      let page = try journal.unfinishedExchanges(after: last, limit: 1000)
      for stored in page {
        let entries = try journal.events(of: stored.id).flatMap { Steps.decode($0.payload) }
        submit(.restored(seat(stored), entries: entries, ended: try endedChildren(of: entries)))
      }
      count += page.count
      guard let next = page.last?.sequence else { break }
      last = next
    }
    if count > 0 { logger.notice("took up open exchanges", metadata: ["count": "\(count)"]) }
  }
}
