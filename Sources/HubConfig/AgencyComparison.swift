public import HubKit

/// What another system's list of agencies says and `agencies.yaml` does not. Only agencies that are reached through
/// that system, and those that nobody knows yet, are its business: the city's own are the city's to name.
public struct AgencyComparison: Sendable, Hashable {
  /// One difference.
  public enum Difference: Sendable, Hashable {
    /// Nobody here knows it.
    case new(Agency)
    /// It has another name or further codes there, or is no more.
    case changed(Agency, from: Agency)
    /// A code of it is somebody else's here: a person has to look.
    case taken(OrganisationCode, of: OrganisationCode, by: OrganisationCode)
  }

  /// What differs, in the order of the list.
  public let differences: [Difference]
  /// Agencies that are reached through that system and that its list does not have.
  public let unlisted: [Agency]

  /// Compares.
  ///
  /// - Parameters:
  ///   - listed: the other system's list.
  ///   - endpoint: by which that system is reached.
  ///   - today: the first day on which those are no more that the list says are gone.
  public init(_ book: AgencyBook, listed: [ListedAgency], endpoint: String, today: CalendarDay) {
    var differences: [Difference] = []
    var seen: Set<OrganisationCode> = []
    for entry in listed {
      guard let known = book.agency(entry.code) else {
        let free = entry.aliases.filter { book.agency($0) == nil }
        differences += Self.taken(entry, owner: entry.code, in: book)
        if !entry.isDeleted {
          differences.append(
            .new(Agency(code: entry.code, name: entry.name, endpoint: endpoint, aliases: free)))
        }
        continue
      }
      seen.insert(known.code)
      guard known.endpoint == endpoint else { continue }
      differences += Self.taken(entry, owner: known.code, in: book)
      var wanted = known
      if !entry.name.isEmpty, entry.code == known.code { wanted.name = entry.name }
      wanted.aliases += entry.aliases.filter { book.agency($0) == nil }
      if entry.isDeleted, entry.code == known.code, known.until == nil { wanted.until = today }
      if wanted != known { differences.append(.changed(wanted, from: known)) }
    }
    self.differences = differences
    unlisted = book.agencies.filter { $0.endpoint == endpoint && $0.until == nil && !seen.contains($0.code) }
  }

  private static func taken(
    _ entry: ListedAgency, owner: OrganisationCode, in book: AgencyBook
  ) -> [Difference] {
    entry.aliases.compactMap { alias in
      guard let other = book.agency(alias), other.code != owner else { return nil }
      return .taken(alias, of: owner, by: other.code)
    }
  }
}
