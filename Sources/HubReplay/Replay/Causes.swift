public import HubKit

/// Puts the differences of many exchanges together by cause. Places that differ in exactly the same exchanges of a
/// route have one cause: a field that was renamed is one, although two places differ.
struct Causes {
  private struct Tally {
    var count = 0
    /// Tells one set of exchanges from another.
    var sum: (UInt64, UInt64) = (0, 0)
    var exchanges: [ExchangeID] = []
    var example: Difference.Example
    let order: Int
  }

  /// Most exchanges that are named for one cause.
  static let namedMax = 100
  /// Most kinds of difference whose examples are kept.
  static let kindsMax = 1000

  private var tallies: [Difference: Tally] = [:]
  /// Differences that found no room.
  private(set) var untold = 0

  /// Takes in what differs in one exchange.
  mutating func add(_ differences: Differences, of id: ExchangeID) {
    let hash = Self.hash(id)
    for (difference, example) in differences.all {
      guard tallies[difference] != nil || tallies.count < Self.kindsMax else {
        untold += 1
        continue
      }
      var tally = tallies[difference] ?? Tally(example: example, order: tallies.count)
      tally.count += 1
      tally.sum.0 &+= hash.0
      tally.sum.1 &+= hash.1
      if tally.exchanges.count < Self.namedMax { tally.exchanges.append(id) }
      tallies[difference] = tally
    }
  }

  /// The causes, those of most exchanges first.
  ///
  /// - Parameter sources: the mappings of the configuration that was tried.
  func groups(_ sources: MappingSources) -> [ReplayGroup] {
    var groups: [String: (group: ReplayGroup, order: Int)] = [:]
    for (difference, tally) in tallies.sorted(by: { $0.value.order < $1.value.order }) {
      let name = "\(difference.route) \(tally.count) \(tally.sum)"
      let place = ReplayGroup.Place(
        kind: difference.kind, subject: difference.subject, place: difference.place,
        recorded: tally.example.recorded, made: tally.example.made, source: sources.lines(of: difference))
      if groups[name] == nil {
        groups[name] = (
          ReplayGroup(
            route: difference.route, count: tally.count, places: [], exchanges: tally.exchanges,
            whole: tally.example.whole), tally.order
        )
      }
      groups[name]?.group.places.append(place)
    }
    return groups.values.sorted { ($1.group.count, $0.order) < ($0.group.count, $1.order) }.map(\.group)
  }

  private static func hash(_ id: ExchangeID) -> (UInt64, UInt64) {
    func mix(_ value: UInt64) -> UInt64 {
      // SplitMix64's finaliser: every bit of the id counts.
      var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    let halves = id.bytes.reduce(into: (UInt64(0), UInt64(0))) { halves, byte in
      halves = (halves.0 << 8 | halves.1 >> 56, halves.1 << 8 | UInt64(byte))
    }
    return (mix(halves.0 ^ mix(halves.1)), mix(halves.1 &+ 0x9E37_79B9_7F4A_7C15))
  }
}

/// Exchanges that differ for one cause.
public struct ReplayGroup: Sendable, Encodable {
  /// One place at which they all differ, with what stood there in the first of them.
  public struct Place: Sendable, Encodable {
    /// What differs.
    public var kind: Difference.Kind
    /// Whom it concerns; empty: all whom the route sends to.
    public var subject: String
    /// Where; empty: as a whole.
    public var place: String
    /// What was recorded; nil: nothing.
    public var recorded: String?
    /// What is made now; nil: nothing.
    public var made: String?
    /// Lines of mappings from which it comes, as in `mappings/progress.jq:27`; nil: none is known.
    public var source: [String]?
  }

  /// The route.
  public var route: String
  /// In how many exchanges.
  public var count: Int
  /// Where they differ.
  public var places: [Place]
  /// The first of them.
  public var exchanges: [ExchangeID]
  /// Both sides of the first one as a whole, for a page; no part of the JSON.
  var whole: [String?]

  private enum CodingKeys: CodingKey { case route, count, places, exchanges }
}
