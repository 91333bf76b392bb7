public import HubKit

/// Plays recorded exchanges on a configuration and says where what comes of them is not what was recorded.
public struct Replayer: Sendable {
  /// The next of a bundle or of the journal.
  public enum Next: Sendable {
    /// An exchange.
    case recording(Recording)
    /// One that cannot be played, and why.
    case unplayable(ExchangeID?, String)
  }

  private let stand: ReplayStand
  private let ignore: [IgnoreRule]
  private let results: ReplayResults?
  private let volatile = VolatilePlaces()

  /// Creates a replayer.
  ///
  /// - Parameters:
  ///   - stand: the configuration that is tried.
  ///   - ignore: differences that somebody has confirmed.
  ///   - results: gets what comes of each; nil: it is counted only.
  ///   - inOrder: whether each exchange has ended before the next begins: where something is really called.
  public init(
    stand: ReplayStand, ignore: [IgnoreRule] = [], results: ReplayResults? = nil, inOrder: Bool = false
  ) {
    self.stand = stand
    self.results = results
    self.ignore = ignore
    // So many at a time keep two cores and their mapping workers busy.
    window = inOrder ? 1 : 8
  }

  private let window: Int
  /// How far the clock is ahead in a second run, in which only what depends on it differs.
  private static let shift = Duration.seconds(3607)

  /// Plays exchanges in the order of their receipt. Memory does not grow with their number.
  ///
  /// - Parameters:
  ///   - next: gives the next exchange; nil: that was all.
  ///   - progress: told after each, how many there were so far.
  /// - Throws: what `next` throws.
  public func run(
    _ next: () async throws -> Next?, progress: (_ done: Int) -> Void = { _ in }
  ) async throws -> ReplayReport {
    var tally = ReplayTally(ignore: ignore)
    try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      var (started, done) = (0, 0)
      var ready: [Int: Outcome] = [:]
      func take() async throws -> Bool {
        guard let (place, outcome) = try await group.next() else { return false }
        ready[place] = outcome
        // Told in the order of receipt, whichever was ready first.
        while let outcome = ready.removeValue(forKey: done) {
          let differences = tally.add(outcome)
          if let results, let differences, case .played(let recording, let played, _, _, _) = outcome {
            try await results.add(recording, played.log, differences)
          }
          done += 1
          progress(done)
        }
        return true
      }
      while let item = try await next() {
        let place = started
        started += 1
        group.addTask { (place, await self.play(item)) }
        // What is ready waits for those before it, and counts.
        while started - done >= window { guard try await take() else { break } }
      }
      while try await take() {}
    }
    try await results?.finish()
    return tally.report(volatile: volatile.found, sources: stand.sources)
  }

  /// What became of one exchange.
  enum Outcome {
    case played(Recording, ReplayStand.Played, Differences, newCalls: Int, missingCalls: Int)
    case unplayable(ExchangeID?, String)
  }

  private func play(_ item: Next) async -> Outcome {
    switch item {
    case .unplayable(let id, let reason): return .unplayable(id, reason)
    case .recording(let recording):
      let exchange = recording.exchange
      guard let played = await played(recording) else {
        return .unplayable(exchange.id, "nội dung không đủ / its bytes are not all there.")
      }
      let recorded = ReplayStand.Played(made: exchange.made, contents: recording.contents)
      var (differences, new, missing) = ExchangeComparison.compare(recorded, played)
      await drop(&differences, recording, played)
      return .played(
        recording, played, differences, newCalls: new, missingCalls: missing)
    }
  }

  private func played(_ recording: Recording, shift: Duration = .zero) async -> ReplayStand.Played? {
    await stand.play(recording, origins: OriginTape(recording.exchange.origins), shift: shift)
  }

  /// Takes out what changes by itself: where requests differ at places that are not known to do so, the same
  /// configuration makes them once more, later.
  private func drop(_ differences: inout Differences, _ recording: Recording, _ made: ReplayStand.Played) async {
    let isUnknown = { (difference: Difference) in difference.kind == .request && !self.volatile.contains(difference) }
    if differences.all.contains(where: { isUnknown($0.difference) }),
      let again = await played(recording, shift: Self.shift)
    {
      volatile.learn(ExchangeComparison.compare(made, again).differences)
    }
    differences.remove { difference, example in
      volatile.contains(difference) && VolatilePlaces.looksVolatile(example.recorded)
        && VolatilePlaces.looksVolatile(example.made)
    }
  }
}

/// A difference that somebody has looked at and confirmed, by name; it stands in the bundle.
public struct IgnoreRule: Sendable, Hashable, Codable {
  /// Why it may be ignored; shown with the result.
  public var name: String
  /// What differs; nil: anything.
  public var kind: Difference.Kind?
  /// In which route; nil: any.
  public var route: String?
  /// At which place, as results name it; a `*` at the end stands for anything that follows.
  public var place: String

  /// Creates a rule.
  public init(name: String, kind: Difference.Kind? = nil, route: String? = nil, place: String) {
    self.name = name
    self.kind = kind
    self.route = route
    self.place = place
  }

  /// Whether it confirms a difference.
  func covers(_ difference: Difference) -> Bool {
    guard kind == nil || kind == difference.kind, route == nil || route == difference.route else { return false }
    return place.hasSuffix("*") ? difference.place.hasPrefix(place.dropLast()) : difference.place == place
  }
}
