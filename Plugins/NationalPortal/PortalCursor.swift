internal import FoundationEssentials
internal import HubKit

/// How far the list of dossiers has been read: the latest time seen, and which codes were seen at that very time, so
/// that equal times neither hide nor double anything.
struct PortalCursor: Codable, Equatable {
  /// One line of the portal's list.
  struct Entry: Codable, Hashable, Comparable {
    /// `yyyyMMddHHmmss`, which orders as text.
    var time: String
    var code: String

    static func < (left: Entry, right: Entry) -> Bool { (left.time, left.code) < (right.time, right.code) }
  }

  /// The latest time seen that is not after the hub's own.
  var time: String
  /// Codes taken at that time.
  var codes: [String] = []
  /// Taken although their time had not come yet by the hub's clock: such times never move the cursor.
  var ahead: [Entry] = []
  /// Listed, and not to be had when they were asked for: they are asked for again.
  var owed: [Entry] = []

  init(from time: Timestamp) {
    self.time = PortalDate.text(time)
  }

  /// Reads what ``text`` wrote; nil for anything else, which means to begin again.
  init?(_ text: String) {
    guard let cursor = try? JSONDecoder().decode(PortalCursor.self, from: Data(text.utf8)),
      PortalDate.parse(cursor.time) != nil
    else { return nil }
    self = cursor
  }

  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Whether a line was neither taken nor asked for yet.
  func isNew(_ entry: Entry) -> Bool {
    if ahead.contains(entry) || owed.contains(entry) { return false }
    return entry.time > time || entry.time == time && !codes.contains(entry.code)
  }

  /// The line was taken.
  mutating func take(_ entry: Entry, now: String) {
    if let index = owed.firstIndex(of: entry) {
      owed.remove(at: index)
    } else {
      pass(entry, now: now)
    }
  }

  /// The line could not be had now; those after it may go on.
  mutating func owe(_ entry: Entry, now: String) {
    guard !owed.contains(entry) else { return }
    pass(entry, now: now)
    owed.append(entry)
  }

  private mutating func pass(_ entry: Entry, now: String) {
    if entry.time > now {
      ahead.append(entry)
    } else if entry.time > time {
      time = entry.time
      codes = [entry.code]
      ahead.removeAll { $0.time < time }
    } else {
      codes.append(entry.code)
    }
  }
}
