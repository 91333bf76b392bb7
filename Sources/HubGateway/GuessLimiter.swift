internal import HubKit
internal import Synchronization

/// Slows down whoever tries secrets: each wrong one is spent from a purse that fills again with time.
final class GuessLimiter: Sendable {
  private struct Purse {
    var spent: Double
    var at: Timestamp
  }

  private let window: Duration
  private let perClient: Int
  private let perAddress: Int
  private let clock: any HubClock
  private let purses: Mutex<RecentlyUsed<String, Purse>>

  /// Creates a limiter that remembers the last 20,000 purses.
  init(settings: GatewaySettings, clock: any HubClock) {
    window = settings.guessWindow
    perClient = settings.guessesMax
    perAddress = settings.guessesPerAddressMax
    self.clock = clock
    purses = Mutex(RecentlyUsed(capacity: 20_000))
  }

  /// How long the caller has to wait before he may try again; nil when he may now.
  func wait(client: String, address: String) -> Duration? {
    let now = clock.now
    return purses.withLock { purses in
      let waits = keys(client, address).compactMap { key, limit -> Duration? in
        guard let purse = purses[key] else { return nil }
        let over = spent(purse, limit, now) - Double(limit - 1)
        return over > 0 ? window * (over / Double(limit)) : nil
      }
      return waits.max()
    }
  }

  /// Counts a wrong secret.
  func recordWrong(client: String, address: String) {
    let now = clock.now
    purses.withLock { purses in
      for (key, limit) in keys(client, address) {
        let before = purses[key].map { spent($0, limit, now) } ?? 0
        purses[key] = Purse(spent: before + 1, at: now)
      }
    }
  }

  /// The client's name is cut, so that nobody fills the memory with long ones.
  private func keys(_ client: String, _ address: String) -> [(String, Int)] {
    [("c \(address) \(client.prefix(64))", perClient), ("a \(address)", perAddress)]
  }

  private func spent(_ purse: Purse, _ limit: Int, _ now: Timestamp) -> Double {
    let back = (now - purse.at) / window * Double(limit)
    return max(0, purse.spent - max(0, back))
  }
}
