internal import Synchronization

/// Routes of earlier configurations, by digest: reading one again takes as long as a start. Exchanges hold on to theirs
/// by themselves; this keeps the last ones for those that come from the journal.
final class PinnedBooks: Sendable {
  private struct Kept {
    /// nil: that configuration cannot be read any more.
    var books: [String: RouteBook?] = [:]
    var order: [String] = []
  }

  private static let countMax = 32
  private let read: @Sendable (_ digest: String) -> RouteBook?
  private let kept = Mutex(Kept())

  init(read: @escaping @Sendable (String) -> RouteBook?) {
    self.read = read
  }

  /// The routes of a configuration; nil when they cannot be read any more.
  func book(_ digest: String) -> RouteBook? {
    if let known = kept.withLock({ $0.books[digest] }) { return known }
    // Outside the lock: this reads and checks a whole configuration.
    let book = read(digest)
    keep(book, as: digest)
    return book
  }

  /// Remembers a configuration that was in force until now.
  func keep(_ book: RouteBook?, as digest: String) {
    kept.withLock { kept in
      if kept.books.updateValue(book, forKey: digest) == nil { kept.order.append(digest) }
      if kept.order.count > Self.countMax { kept.books[kept.order.removeFirst()] = nil }
    }
  }
}
