internal import HubKit

/// What an ID token must say to be believed (OpenID Connect Core 1.0 section 3.1.3.7), once its signature fits.
struct IDTokenRules {
  let settings: VNeIDSettings
  let attempt: SignInAttempt
  let now: Timestamp

  func check(_ claims: IDTokenClaims) throws(AdapterError) {
    guard claims.issuer == settings.issuer else {
      throw refusal("token-issuer", "The ID token comes from another issuer.")
    }
    try checkAudience(claims)
    try checkTimes(claims)
    guard let nonce = claims.nonce, Self.areEqual(nonce, attempt.nonce) else {
      throw refusal("token-nonce", "The ID token answers another attempt to sign in.")
    }
    guard let subject = claims.subject, (1...255).contains(subject.utf8.count),
      subject.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw refusal("token-subject", "The ID token does not say who signed in.")
    }
  }

  private func checkAudience(_ claims: IDTokenClaims) throws(AdapterError) {
    let audience = claims.audience?.all ?? []
    guard audience.contains(settings.clientId) else {
      throw refusal("token-audience", "The ID token was made for another client.")
    }
    // Whoever shares a token with others must say to whom it was given.
    guard claims.authorizedParty ?? (audience.count > 1 ? nil : settings.clientId) == settings.clientId else {
      throw refusal("token-party", "The ID token was given to another client.")
    }
  }

  private func checkTimes(_ claims: IDTokenClaims) throws(AdapterError) {
    guard let expires = Self.time(claims.expires), let issued = Self.time(claims.issuedAt) else {
      throw refusal("token-time", "The ID token does not say from when and until when it is valid.")
    }
    guard now - settings.leeway < expires else { throw refusal("token-expired", "The ID token is no longer valid.") }
    let begin = max(issued, Self.time(claims.notBefore) ?? issued)
    guard begin <= now + settings.leeway else {
      throw refusal("token-early", "The ID token is not valid yet: compare the clocks of both sides.")
    }
  }

  /// Seconds since 1970; nil for what is no time before the year 2286.
  private static func time(_ seconds: Double?) -> Timestamp? {
    guard let seconds, seconds >= 0, seconds < 10_000_000_000 else { return nil }
    return Timestamp(microseconds: Int64(seconds * 1_000_000))
  }

  /// Takes the same time for all texts of one length.
  private static func areEqual(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    guard left.count == right.count, !left.isEmpty else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private func refusal(_ code: String, _ reason: String) -> AdapterError {
    AdapterError(.reject, code: code, reason: reason)
  }
}

/// What a person's account must be to sign in, and what is kept of it.
struct PersonRules {
  /// Longest name that is shown, in characters.
  private static let nameMax = 100

  let settings: VNeIDSettings

  func person(_ claims: IDTokenClaims) throws(AdapterError) -> SignedInPerson {
    guard let subject = claims.subject, let name = claims.name.map(Self.clean), !name.isEmpty else {
      throw AdapterError(.reject, code: "claim-missing", reason: "The issuer does not give the person's name, HoVaTen.")
    }
    guard let type = claims.accountType?.text, settings.accountTypes.contains(type) else {
      throw AdapterError(
        .reject, code: "account-type",
        reason: "The account is of a kind (LoaiTaiKhoan) that may not sign in; see `accountTypes:`.")
    }
    let levels = [claims.authenticationLevel, claims.identityLevel].compactMap { $0?.text }
    guard settings.assuranceMin == 0 || Self.level(of: levels).map({ $0 >= settings.assuranceMin }) == true else {
      throw AdapterError(
        .reject, code: "assurance-low",
        reason: "The account's level (loAs, IAL) is below \(settings.assuranceMin); see `assuranceMin:`.")
    }
    return SignedInPerson(subject: subject, name: name, assurance: levels.first)
  }

  /// The lowest of the levels given; nil when one cannot be read or none is there.
  static func level(of texts: [String]) -> Int? {
    let numbers = texts.map { text in Int(String(text.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())) }
    guard numbers.allSatisfy({ $0 != nil }) else { return nil }
    return numbers.compactMap { $0 }.min()
  }

  private static func clean(_ name: String) -> String {
    let words = name.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
    let visible = words.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
      default: true
      }
    }
    return String(String(String.UnicodeScalarView(visible)).prefix(nameMax))
  }
}
