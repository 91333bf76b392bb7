public import HubBus
internal import HubKit
internal import Synchronization

/// What one exchange asks about earlier ones: answered from the journal and noted while it is recorded, from the notes
/// when it is replayed.
public final class OriginTape: Sendable {
  /// The tape of the exchange that this task plays.
  @TaskLocal static var current: OriginTape?

  private let journal: Planner.OriginLookup?
  private let notes: Mutex<[RecordedOrigin]>

  /// A tape that notes what the journal says.
  init(asking journal: @escaping Planner.OriginLookup) {
    self.journal = journal
    notes = Mutex([])
  }

  /// A tape that was recorded.
  init(_ notes: [RecordedOrigin]) {
    journal = nil
    self.notes = Mutex(notes)
  }

  /// What a planner that plays recordings is given to ask.
  public static let lookup: Planner.OriginLookup = { key, before, asking in
    guard let tape = current else { return nil }
    if let journal = tape.journal {
      let sender = journal(key, before, asking)
      tape.notes.withLock {
        $0.append(RecordedOrigin(name: key.name, value: key.value, asking: asking, sender: sender))
      }
      return sender
    }
    return tape.notes.withLock { notes in
      notes.first { $0.name == key.name && $0.value == key.value && $0.asking == asking }?.sender
    }
  }

  /// What was asked so far.
  var recorded: [RecordedOrigin] {
    notes.withLock { notes in
      notes.reduce(into: []) { list, note in if !list.contains(note) { list.append(note) } }
    }
  }
}
