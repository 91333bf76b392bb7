/// Keeps a limited number of values and forgets the one that was not asked for the longest.
struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry {
    let key: Key
    var value: Value
    var older: Int?
    var newer: Int?
  }

  private let capacity: Int
  private var entries: [Entry] = []
  private var places: [Key: Int] = [:]
  private var newest: Int?
  private var oldest: Int?

  /// Creates a memory for `capacity` values, at least one.
  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  /// How many values are kept.
  var count: Int { entries.count }

  /// The value of a key. Reading counts as use; writing nil is no way to forget.
  subscript(key: Key) -> Value? {
    mutating get {
      guard let place = places[key] else { return nil }
      touch(place)
      return entries[place].value
    }
    set {
      guard let newValue else { return }
      if let place = places[key] {
        entries[place].value = newValue
        touch(place)
      } else {
        insert(key, newValue)
      }
    }
  }

  private mutating func insert(_ key: Key, _ value: Value) {
    let entry = Entry(key: key, value: value)
    let place: Int
    if entries.count < capacity {
      entries.append(entry)
      place = entries.count - 1
    } else if let reused = oldest {
      places[entries[reused].key] = nil
      unlink(reused)
      entries[reused] = entry
      place = reused
    } else {
      return
    }
    places[key] = place
    linkNewest(place)
  }

  private mutating func touch(_ place: Int) {
    guard newest != place else { return }
    unlink(place)
    linkNewest(place)
  }

  private mutating func unlink(_ place: Int) {
    let (older, newer) = (entries[place].older, entries[place].newer)
    if let older { entries[older].newer = newer } else { oldest = newer }
    if let newer { entries[newer].older = older } else { newest = older }
  }

  private mutating func linkNewest(_ place: Int) {
    entries[place].older = newest
    entries[place].newer = nil
    if let newest { entries[newest].newer = place } else { oldest = place }
    newest = place
  }
}
