internal import Logging
internal import Synchronization

/// Tells the log of elements that the database sends and this connector does not know: each name once, so that a new
/// element is noticed and look-ups do not fill the log.
final class DroppedElements: Sendable {
  private static let namesMax = 256

  private let told = Mutex<Set<String>>([])

  /// Takes the names of one answer; returns those that were not told before.
  @discardableResult
  func report(_ names: [String], to logger: Logger) -> [String] {
    let fresh = told.withLock { told in
      names.filter { told.count < Self.namesMax && told.insert($0).inserted }
    }
    if !fresh.isEmpty {
      logger.notice(
        "the population database sends elements that this connector drops because it does not know them",
        metadata: ["elements": "\(fresh.joined(separator: ", "))"])
    }
    return fresh
  }
}
