internal import HubKit

/// All that the database knows. Changed under one lock; every change depends on its arguments alone.
struct CitizenState {
  /// A question that was taken.
  struct Taken {
    var number: Int
    var call: CitizenCall
    var result: String
    var repeats: Int
    var at: Timestamp
    var bytes: [UInt8]
  }

  var accounts: CitizenAccounts
  let blockedOfficials: Set<String>
  let citizens = SyntheticCitizens.all
  var faults: [CitizenFault] = []
  private(set) var taken: [Taken] = []

  init(accounts: CitizenAccounts, blockedOfficials: Set<String>) {
    self.accounts = accounts
    self.blockedOfficials = blockedOfficials
  }

  /// Writes a question down. The same question under the same MaYeuCau is written down once.
  ///
  /// - Returns: false when the MaYeuCau was used for another question.
  mutating func take(_ call: CitizenCall, bytes: [UInt8], result: String, at time: Timestamp) -> Bool {
    if let index = taken.firstIndex(where: { $0.call.requestID == call.requestID }) {
      guard taken[index].call == call else { return false }
      taken[index].repeats += 1
      return true
    }
    taken.append(Taken(number: taken.count + 1, call: call, result: result, repeats: 0, at: time, bytes: bytes))
    return true
  }

  /// The person whom number, name and date of birth all fit; nil when there is none.
  func citizen(for call: CitizenCall) -> SyntheticCitizen? {
    citizens.first { $0.fits(call) }
  }
}

extension SyntheticCitizen {
  /// The whole name counts, with or without spaces: half a name is another name. Where either side knows only the year
  /// of birth, the year is compared.
  fileprivate func fits(_ call: CitizenCall) -> Bool {
    guard call.personalID.map({ $0 == personalID }) ?? (call.oldID == oldID) else { return false }
    guard call.name.filter({ $0 != " " }) == plainName.filter({ $0 != " " }) else { return false }
    let isYearOnly = call.birth.utf8.count == 4 || birth.utf8.count == 4
    return isYearOnly ? call.birth.prefix(4) == birth.prefix(4) : call.birth == birth
  }
}
