import HubKit

/// Keeps each month's documents for a while, so that a page that is loaded over and over costs nothing. One month is
/// counted at a time; calls for a month that is being counted wait for that one.
actor DocumentMonthCache {
  private struct Kept {
    var month: DocumentMonth?
    var takenAt: Timestamp
  }

  private let overview: any HubOverview
  private let clock: any HubClock
  private let lifetime: Duration
  private var kept: [CalendarMonth: Kept] = [:]
  private var isCounting = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// - Parameter lifetime: for how long a month is as good as one that is counted anew.
  init(_ overview: any HubOverview, clock: any HubClock, lifetime: Duration = .seconds(60)) {
    self.overview = overview
    self.clock = clock
    self.lifetime = lifetime
  }

  /// The documents of a month; nil when the journal cannot be read.
  func documents(in month: CalendarMonth) async -> DocumentMonth? {
    while true {
      if let kept = fresh(month) { return kept.month }
      guard isCounting else { break }
      await withCheckedContinuation { waiting.append($0) }
    }
    isCounting = true
    let counted = await overview.documents(in: month)
    let now = clock.now
    kept = kept.filter { $0.value.takenAt <= now && now - $0.value.takenAt < lifetime }
    kept[month] = Kept(month: counted, takenAt: now)
    isCounting = false
    for continuation in waiting { continuation.resume() }
    waiting = []
    return counted
  }

  /// A clock that was set back must not freeze the page.
  private func fresh(_ month: CalendarMonth) -> Kept? {
    let now = clock.now
    return kept[month].flatMap { $0.takenAt <= now && now - $0.takenAt < lifetime ? $0 : nil }
  }
}
