internal import HubKit

/// The axis' list of agencies, with older forms of their codes (Decision 20/2020) and those that are no more.
struct EDocumentAgencies: AgencySource {
  let client: AxisClient

  func agencies() async throws(AdapterError) -> [ListedAgency] {
    let listed = try await client.agencies()
    guard !listed.isEmpty else { throw AxisVerdict.unreadable("without agencies", call: .reading) }
    let deleted = try await client.deletedAgencies()
    return listed.compactMap { agency in
      guard let code = OrganisationCode(agency.code) else { return nil }
      let older = agency.code102.flatMap { OrganisationCode($0) }.flatMap { $0 == code ? nil : $0 }
      return ListedAgency(
        code: code, name: agency.name, aliases: [older].compactMap(\.self), isDeleted: deleted.contains(agency.code))
    }
  }
}
