/// What is counted, for a day or since the beginning of the journal. Only ever rises.
struct Figures: Sendable, Hashable, Codable {
  /// Names of endpoints or agencies counted apart; what comes beyond them is counted under ``others``.
  static let namesMax = 2000
  /// Stands for all names beyond ``namesMax``.
  static let others = "*"

  var dossiers = Dossiers()
  var documents = Carried()
  var documentStatuses = Carried()
  var lookups = Lookups()
  var exchanges = Exchanges()
  var refusedAtTheDoor: [String: Int] = [:]
  var endpoints: [String: Endpoint] = [:]

  struct Dossiers: Sendable, Hashable, Codable {
    var received = 0
    var finishedOnTime = 0
    var finishedLate = 0
    /// Finished, and nobody ever said when it was due.
    var finishedUndated = 0
    /// Not accepted, withdrawn or stopped.
    var endedOtherwise = 0
  }

  struct Carried: Sendable, Hashable, Codable {
    var received = 0
    /// Reached at least one receiver.
    var carried = 0
  }

  struct Lookups: Sendable, Hashable, Codable {
    var total = 0
    var withoutPurpose = 0
    var byAgency: [String: Int] = [:]
  }

  struct Exchanges: Sendable, Hashable, Codable {
    var received = 0
    var delivered = 0
    var partly = 0
    var failed = 0
  }

  struct Endpoint: Sendable, Hashable, Codable {
    var delivered = 0
    var refused = 0
    var parked = 0
    var expired = 0
    var abandoned = 0
    var failedAttempts = 0
    var waiting = WaitingTimes()
  }
}

extension Dictionary<String, Int> {
  /// Counts under a name, within ``Figures/namesMax``.
  mutating func add(_ count: Int, to name: String) {
    self[self[name] == nil && self.count >= Figures.namesMax ? Figures.others : name, default: 0] += count
  }
}

extension Dictionary<String, Figures.Endpoint> {
  /// Changes the figures of an endpoint, within ``Figures/namesMax``.
  mutating func change(_ name: String, _ change: (inout Figures.Endpoint) -> Void) {
    change(&self[self[name] == nil && count >= Figures.namesMax ? Figures.others : name, default: Figures.Endpoint()])
  }
}
