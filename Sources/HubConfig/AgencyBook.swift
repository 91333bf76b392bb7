public import HubKit
public import HubRouting

/// Who is who and who may do what, at one moment: what `agencies.yaml` and `access.yaml` said when they were read.
public struct AgencyBook: Sendable, AgencyDirectory {
  /// The agencies, in the order of the file.
  public let agencies: [Agency]
  /// Who may do what.
  public let rules: [AccessRule]
  /// What agencies show to be let in.
  public let credentials: [StoredCredential]
  private let byCode: [OrganisationCode: Int]
  private let byCredential: [String: Int]
  /// Rules that concern one agency alone, by its code.
  private let rulesByCode: [String: [AccessRule]]
  /// Rules that concern whichever agencies fit a pattern.
  private let wideRules: [AccessRule]

  /// Takes agencies, rules and credentials. Of two agencies with one code or alias the first has it.
  public init(agencies: [Agency] = [], rules: [AccessRule] = [], credentials: [StoredCredential] = []) {
    self.agencies = agencies
    self.credentials = credentials
    let codes = agencies.enumerated().flatMap { index, agency in
      ([agency.code] + agency.aliases).map { ($0, index) }
    }
    let byCode = Dictionary(codes, uniquingKeysWith: { first, _ in first })
    self.byCode = byCode
    let resolved = rules.map { $0.resolving { code in byCode[code].map { agencies[$0].code } } }
    self.rules = resolved
    rulesByCode = Dictionary(grouping: resolved.filter { $0.onlyAgency != nil }) { $0.onlyAgency ?? "" }
    wideRules = resolved.filter { rule in
      if case .agencies = rule.subject { rule.onlyAgency == nil } else { false }
    }
    byCredential = Dictionary(
      credentials.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The agency with that code or alias.
  public func agency(_ code: OrganisationCode) -> Agency? {
    byCode[code].map { agencies[$0] }
  }

  /// The credential with that id, valid or not: ask ``StoredCredential/admits(_:at:)``.
  public func credential(_ id: String) -> StoredCredential? {
    byCredential[id].map { credentials[$0] }
  }

  /// Whether a principal may send messages of a type to all of `receivers`.
  ///
  /// - Parameter sender: in whose name; a rule with `from:` holds for nobody when nobody is named.
  public func refusal(
    of principal: Principal, sending type: String, from sender: OrganisationCode?, to receivers: [OrganisationCode]
  ) -> String? {
    let all = rules(for: principal)
    guard !all.isEmpty else { return nothingAllowed(principal) }
    let own = sender.map { agency($0)?.code ?? $0 }
    let rules = all.filter { $0.allows(sender: own) }
    if let foreign = all.first(where: { $0.allows(sending: type) }),
      !rules.contains(where: { $0.allows(sending: type) })
    {
      let names = foreign.from.map(\.text).joined(separator: ", ")
      return "\(name(principal)) may not send in the name of \(own?.text ?? "nobody"), only of \(names): "
        + "no rule in access.yaml allows it."
    }
    guard let first = rules.firstIndex(where: { $0.allows(sending: type) }) else {
      return "\(name(principal)) may not send messages of type \(type): no rule in access.yaml allows it."
    }
    let refused = receivers.filter { receiver in
      let code = agency(receiver)?.code ?? receiver
      return !rules[first...].contains { $0.allows(receiver: code) && $0.allows(sending: type) }
    }
    guard !refused.isEmpty else { return nil }
    let list = refused.map(\.text).joined(separator: ", ")
    return "\(name(principal)) may send messages of type \(type), but not to \(list): no rule in access.yaml allows it."
  }

  /// Whether a principal may call a service.
  ///
  /// - Returns: nil when it may; otherwise what is missing, in a sentence for the caller.
  public func refusal(of principal: Principal, calling service: String) -> String? {
    let rules = rules(for: principal)
    guard !rules.isEmpty else { return nothingAllowed(principal) }
    guard !rules.contains(where: { $0.allows(calling: service) }) else { return nil }
    return "\(name(principal)) may not call the service \(service): no rule in access.yaml allows it."
  }

  /// Whether an agency's operators may see where every exchange stands.
  public func mayObserve(_ code: OrganisationCode) -> Bool {
    rules(for: .agency(code)).contains(where: \.observe)
  }

  private func rules(for principal: Principal) -> [AccessRule] {
    switch principal {
    case .agency(let code):
      // An agency that was removed from the file has no rights, whatever wildcards say.
      guard let agency = agency(code) else { return [] }
      let own = rulesByCode[agency.code.text] ?? []
      let wide = wideRules.filter { $0.concerns(agency: agency.code) }
      return own.isEmpty ? wide : wide.isEmpty ? own : own + wide
    case .endpoint(let name): return rules.filter { $0.subject == .endpoint(name) }
    case .person: return []
    case .hub(let part): return rules.filter { $0.subject == .hub(part) }
    }
  }

  private func nothingAllowed(_ principal: Principal) -> String {
    "\(name(principal)) has no rights here: no rule in access.yaml concerns it."
  }

  private func name(_ principal: Principal) -> String {
    switch principal {
    case .agency(let code): "The agency \(code)"
    case .endpoint(let name): "The endpoint \(name)"
    case .person: "A person"
    case .hub(let part): "The hub's own part \(part)"
    }
  }
}

/// One line of `access.yaml`.
public struct AccessRule: Sendable, Hashable {
  /// Whom the rule concerns.
  public enum Subject: Sendable, Hashable {
    /// Agencies whose code fits.
    case agencies(Pattern)
    /// An endpoint of ours, for what it fetches from the far system.
    case endpoint(String)
    /// A part of the hub itself, for what it has to tell.
    case hub(String)
  }

  /// Whom the rule concerns.
  public var subject: Subject
  /// Types that may be sent.
  public var send: [Pattern]
  /// Senders in whose name they may be sent; none: anybody's.
  public var from: [Pattern]
  /// Receivers to whom they may be sent.
  public var to: [Pattern]
  /// Services that may be called.
  public var call: [Pattern]
  /// Whether every exchange's state may be seen.
  public var observe: Bool

  /// Creates a rule.
  public init(
    subject: Subject, send: [Pattern] = [], from: [Pattern] = [], to: [Pattern] = [Pattern("*")],
    call: [Pattern] = [], observe: Bool = false
  ) {
    self.from = from
    self.subject = subject
    self.send = send
    self.to = to
    self.call = call
    self.observe = observe
  }

  /// The one agency that the rule concerns; nil when it concerns several or none.
  var onlyAgency: String? {
    if case .agencies(let pattern) = subject, pattern.isLiteral { pattern.text } else { nil }
  }

  func concerns(agency code: OrganisationCode) -> Bool {
    if case .agencies(let pattern) = subject { pattern.matches(code.text) } else { false }
  }

  func allows(sending type: String) -> Bool { send.contains { $0.matches(type) } }
  func allows(sender code: OrganisationCode?) -> Bool {
    from.isEmpty || from.contains { pattern in code.map { pattern.matches($0.text) } ?? false }
  }
  func allows(receiver code: OrganisationCode) -> Bool { to.contains { $0.matches(code.text) } }
  func allows(calling service: String) -> Bool { call.contains { $0.matches(service) } }

  /// The same rule with codes that are aliases replaced by those that the agencies have now.
  func resolving(_ current: (OrganisationCode) -> OrganisationCode?) -> AccessRule {
    func resolve(_ pattern: Pattern) -> Pattern {
      guard pattern.isLiteral, let code = OrganisationCode(pattern.text), let now = current(code) else {
        return pattern
      }
      return Pattern(now.text)
    }
    var rule = self
    if case .agencies(let pattern) = subject { rule.subject = .agencies(resolve(pattern)) }
    rule.from = from.map(resolve)
    rule.to = to.map(resolve)
    return rule
  }
}

/// What is kept of a client credential.
public struct StoredCredential: Sendable, Hashable {
  /// The client id.
  public var id: String
  /// Whose it is.
  public var agency: OrganisationCode
  /// Salted hash of the secret.
  public var hash: SaltedHash
  /// When it was made.
  public var created: Timestamp
  /// When it ends; nil: when it is revoked.
  public var expires: Timestamp?

  /// Creates a credential.
  public init(id: String, agency: OrganisationCode, hash: SaltedHash, created: Timestamp, expires: Timestamp? = nil) {
    self.id = id
    self.agency = agency
    self.hash = hash
    self.created = created
    self.expires = expires
  }

  /// Whether it has not ended at a time.
  public func isValid(at time: Timestamp) -> Bool {
    expires.map { time < $0 } ?? true
  }

  /// Whether a secret lets its owner in at a time.
  public func admits(_ secret: String, at time: Timestamp) -> Bool {
    hash.matches(secret) && isValid(at: time)
  }
}
