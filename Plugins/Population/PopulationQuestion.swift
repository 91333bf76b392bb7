internal import FoundationEssentials
internal import HubKit

/// The canonical question: about whom.
struct PopulationQuestion: Sendable, Equatable {
  /// Which number the person is known by.
  enum Number: Sendable, Equatable {
    /// SoDinhDanh, twelve digits.
    case personal(String)
    /// SoCMND, nine digits, from before the citizen number.
    case old(String)
  }

  let number: Number
  /// As given: half a name is the caller's affair.
  let name: String
  let birthDate: PopulationDate

  static let bytesMax = 16 * 1024
  static let nameCharactersMax = 200

  private struct Form: Decodable {
    var personalId, oldId, name, birthDate: String?
  }

  /// Reads and checks a question. No complaint quotes what it is about.
  ///
  /// - Throws: ``AdapterError`` with the verdict `reject`.
  init(_ json: [UInt8], today: DateParts) throws(AdapterError) {
    guard let form = try? JSONDecoder().decode(Form.self, from: Data(json)) else {
      throw Self.refused("question-unreadable", "The body must be a JSON object with texts for its members.")
    }
    number = try Self.number(form)
    name = (form.name ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard !name.isEmpty, name.count <= Self.nameCharactersMax, name.contains(where: \.isLetter),
      !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      throw Self.refused(
        "question-name", "`name` must have letters and at most \(Self.nameCharactersMax) characters.")
    }
    guard let date = form.birthDate.flatMap(PopulationDate.init(canonical:)), date.isPast(on: today) else {
      throw Self.refused("question-birth-date", "`birthDate` must be a day yyyy-MM-dd or a year yyyy, not to come.")
    }
    birthDate = date
  }

  private static func number(_ form: Form) throws(AdapterError) -> Number {
    switch (form.personalId, form.oldId) {
    case (let personal?, nil):
      guard isDigits(personal, 12) else { throw refused("question-personal-id", "`personalId` must be 12 digits.") }
      return .personal(personal)
    case (nil, let old?):
      guard isDigits(old, 9) else { throw refused("question-old-id", "`oldId` must be 9 digits.") }
      return .old(old)
    default: throw refused("question-number", "Exactly one of `personalId` and `oldId` is needed.")
    }
  }

  private static func isDigits(_ text: String, _ count: Int) -> Bool {
    text.utf8.count == count && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }

  private static func refused(_ code: String, _ reason: String) -> AdapterError {
    AdapterError(.reject, code: code, reason: reason)
  }

  /// What the number contradicts.
  var notes: [CitizenNumber.Note] {
    guard case .personal(let text) = number else { return [] }
    return CitizenNumber(text)?.notes(birthYear: birthDate.year) ?? []
  }
}

extension PopulationDate {
  /// Whether it is today or earlier.
  fileprivate func isPast(on today: DateParts) -> Bool {
    switch self {
    case .year(let year): year <= today.year
    case .day(let year, let month, let day): (year, month, day) <= (today.year, today.month, today.day)
    }
  }
}
