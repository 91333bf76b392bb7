internal import FoundationEssentials
public import HubKit

/// The figures at a time, as they are shown and sent: JSON by `Config/schemas/indicators.json`. Durations are in whole
/// milliseconds, times RFC 3339.
public struct Indicators: Sendable, Hashable, Codable {
  /// Days that one message carries: enough that a far side which was away for days gets each day's last figures.
  public static let daysSent = 7

  /// Names the figures and the time for which they hold: the same name, the same bytes.
  public var snapshotId: String
  /// The time for which they hold.
  public var takenAt: Timestamp
  /// Place in the journal of the last record that changed a figure. Of two messages the one with the higher place, then
  /// the later time, is the newer.
  public var sequence: Int64
  /// Offset of the days from UTC.
  public var timeZone: String
  /// When the first record was written; nil in an empty journal.
  public var since: Timestamp?
  /// Dossiers that have not ended.
  public var openDossiers: OpenDossiers
  /// Since the beginning of the journal.
  public var total: Period
  /// By day, oldest first. A day's figures count what the hub learned on that day.
  public var days: [Day]

  /// Dossiers that have not ended.
  public struct OpenDossiers: Sendable, Hashable, Codable {
    /// All of them.
    public var open: Int
    /// Those that were due before ``Indicators/takenAt``.
    public var overdue: Int
  }

  /// One day.
  public struct Day: Sendable, Hashable, Codable {
    /// The city's day, as in `2026-11-23`.
    public var day: String
    /// Its figures.
    public var figures: Period
  }
}

extension IndicatorProjection {
  /// The figures at a time.
  ///
  /// - Parameters:
  ///   - time: decides which open dossiers are overdue.
  ///   - daysMax: the newest days are told, at most so many.
  public func indicators(at time: Timestamp, daysMax: Int = Indicators.daysSent) -> Indicators {
    Indicators(
      snapshotId: "\(newsSequence)-\(time.microseconds / 1_000_000)", takenAt: time, sequence: newsSequence,
      timeZone: "+07:00", since: beginning.map(Timestamp.init(microseconds:)),
      openDossiers: Indicators.OpenDossiers(open: dossiers.openCount, overdue: dossiers.overdue(at: time)),
      total: Indicators.Period(total),
      days: days.sorted { $0.key < $1.key }.suffix(max(0, daysMax)).map {
        Indicators.Day(day: $0.key, figures: Indicators.Period($0.value))
      })
  }
}

extension Indicators {
  /// UTF-8 JSON with sorted keys: the same figures give the same bytes.
  ///
  /// - Throws: what the encoder throws; there is nothing in it that cannot be written.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self))
  }
}
