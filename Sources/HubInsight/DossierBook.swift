internal import HubKit

/// Where each dossier stands, as far as the figures need it. Dossiers only move forward: open, then ended, once.
///
/// Bounded: what has ended is remembered for ``endedDaysMax`` days with an end in them, so that a repeat or a straggler
/// in that time counts nothing, and then forgotten; a status that comes even later would count as a new dossier. Of
/// open dossiers those that were silent longest are forgotten beyond ``openMax``.
struct DossierBook: Sendable, Hashable, Codable {
  /// Days of ends that are remembered.
  static let endedDaysMax = 36
  /// Most ended dossiers that are remembered; whole days are forgotten first, never the newest.
  static let endedMax = 1_000_000
  /// Most open dossiers.
  static let openMax = 500_000

  /// What a message about a dossier changes in the figures.
  enum Move: Equatable {
    /// Heard of for the first time.
    case received
    /// It has its result: in time, late, or nobody knows (nil).
    case finished(onTime: Bool?)
    /// Not accepted, withdrawn or stopped.
    case endedOtherwise
  }

  /// What a message says about a dossier; times in microseconds since 1970, so that a snapshot keeps them whole.
  struct Word {
    var code: String
    var status: String?
    var due: Int64?
    var time: Int64
    /// Day on which the hub heard of it.
    var day: String
  }

  private struct Open: Hashable, Codable {
    var due: Int64?
    /// Time of the newest status.
    var time: Int64
  }

  private var open: [String: Open] = [:]
  /// By day, then by code: the time of the end.
  private var ended: [String: [String: Int64]] = [:]
  private var endedCount = 0

  /// Takes in a message about a dossier.
  mutating func hear(_ word: Word, openMax: Int = Self.openMax, endedMax: Int = Self.endedMax) -> [Move] {
    guard !ended.values.contains(where: { $0[word.code] != nil }) else { return [] }
    let known = open[word.code]
    var dossier = known ?? Open(due: word.due, time: word.time)
    if word.time >= dossier.time {
      dossier.time = word.time
      dossier.due = word.due ?? dossier.due
    }
    let first: [Move] = known == nil ? [.received] : []
    guard let end = Self.end(word, due: word.due ?? dossier.due) else {
      open[word.code] = dossier
      if open.count > openMax { forgetSilent(max(1, openMax / 100)) }
      return first
    }
    open[word.code] = nil
    remember(word, endedMax)
    return first + [end]
  }

  /// How many are open.
  var openCount: Int { open.count }

  /// How many are open and were due before a time.
  func overdue(at time: Timestamp) -> Int {
    open.values.count { ($0.due ?? .max) < time.microseconds }
  }

  /// The portal's words for statuses after which nothing is owed any more.
  private static func end(_ word: Word, due: Int64?) -> Move? {
    switch word.status {
    case "finished", "returned": .finished(onTime: due.map { word.time <= $0 })
    case "not-accepted", "withdrawn", "stopped": .endedOtherwise
    default: nil
    }
  }

  private mutating func remember(_ word: Word, _ endedMax: Int) {
    ended[word.day, default: [:]][word.code] = word.time
    endedCount += 1
    while ended.count > Self.endedDaysMax || (endedCount > endedMax && ended.count > 1) {
      guard let oldest = ended.keys.min() else { return }
      endedCount -= ended.removeValue(forKey: oldest)?.count ?? 0
    }
  }

  /// A hundredth at once, so that it costs little each time.
  private mutating func forgetSilent(_ count: Int) {
    let silent = open.sorted { ($0.value.time, $0.key) < ($1.value.time, $1.key) }.prefix(count)
    for (code, _) in silent { open[code] = nil }
  }
}
