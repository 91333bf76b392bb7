/// An organisation that exchanges through the hub.
public struct Agency: Sendable, Hashable {
  /// Its code.
  public var code: OrganisationCode
  /// Its official name.
  public var name: String
  /// The endpoint through which messages reach it; nil for one that only sends.
  public var endpoint: String?
  /// Other codes by which it is still addressed: older forms, and codes from before a merger.
  public var aliases: [OrganisationCode]
  /// The first day on which it exists; nil: it always did.
  public var from: CalendarDay?
  /// The first day on which it exists no more; nil: it goes on.
  public var until: CalendarDay?
  /// Who does its work since then.
  public var successors: [OrganisationCode]

  /// Creates an agency.
  public init(
    code: OrganisationCode, name: String, endpoint: String? = nil, aliases: [OrganisationCode] = [],
    from: CalendarDay? = nil, until: CalendarDay? = nil, successors: [OrganisationCode] = []
  ) {
    self.code = code
    self.name = name
    self.endpoint = endpoint
    self.aliases = aliases
    self.from = from
    self.until = until
    self.successors = successors
  }

  /// Whether it exists at a time.
  public func exists(at time: Timestamp) -> Bool {
    (from.map { $0.beginning <= time } ?? true) && (until.map { time < $0.beginning } ?? true)
  }
}

/// What another system's list says of an agency.
public struct ListedAgency: Sendable, Hashable {
  /// Its code.
  public var code: OrganisationCode
  /// Its name.
  public var name: String
  /// Older forms of its code.
  public var aliases: [OrganisationCode]
  /// Whether the list says that it exists no more.
  public var isDeleted: Bool

  /// Creates an entry.
  public init(code: OrganisationCode, name: String, aliases: [OrganisationCode] = [], isDeleted: Bool = false) {
    self.code = code
    self.name = name
    self.aliases = aliases
    self.isDeleted = isDeleted
  }
}

/// A far system that keeps a list of agencies, as the national document axis does.
public protocol AgencySource: Sendable {
  /// The whole list. Called by a person's order, never on a message's way.
  ///
  /// - Throws: ``AdapterError``; an empty or unreadable answer is an error, never "nobody".
  func agencies() async throws(AdapterError) -> [ListedAgency]
}

/// Who is who, and who may do what. Answers from memory; what it says may change between two calls, since operators
/// add and revoke while the hub runs.
public protocol AgencyDirectory: Sendable {
  /// The agency with that code or alias.
  func agency(_ code: OrganisationCode) -> Agency?

  /// All agencies, in the order of `agencies.yaml`.
  var agencies: [Agency] { get }

  /// Whether a principal may send messages of a type to all of `receivers`.
  ///
  /// - Parameter sender: in whose name; nil: nobody is named.
  /// - Returns: nil when it may; otherwise what is missing, in a sentence for the caller.
  func refusal(
    of principal: Principal, sending type: String, from sender: OrganisationCode?, to receivers: [OrganisationCode]
  ) -> String?

  /// Whether a principal may call a service, as in `population/verify`.
  ///
  /// - Returns: nil when it may; otherwise what is missing, in a sentence for the caller.
  func refusal(of principal: Principal, calling service: String) -> String?
}

extension AgencyDirectory {
  /// The same for a message that names nobody as its sender.
  public func refusal(of principal: Principal, sending type: String, to receivers: [OrganisationCode]) -> String? {
    refusal(of: principal, sending: type, from: nil, to: receivers)
  }
}
