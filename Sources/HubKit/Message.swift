/// What is handed in: an envelope, a body, and who brought it.
public struct Message: Sendable {
  /// The outside.
  public var envelope: Envelope
  /// The inside, as received: never changed, so that it can be replayed.
  public var body: Body
  /// Who brought it, as the door established: not what the envelope claims.
  public var principal: Principal

  /// Creates a message.
  public init(envelope: Envelope, body: Body, principal: Principal) {
    self.envelope = envelope
    self.body = body
    self.principal = principal
  }
}

/// Who acts, as established by the door through which he came.
public enum Principal: Sendable, Hashable {
  /// An agency that showed a valid credential.
  case agency(OrganisationCode)
  /// A far system from which an endpoint of ours fetched it, by the endpoint's name.
  case endpoint(String)
  /// A person at the control bus, by login.
  case person(String)
  /// The hub itself, by the part of it that speaks, as in `insight`.
  case hub(String)

  /// Stable text for keys and records, as in `agency:H24.12`.
  public var text: String {
    switch self {
    case .agency(let code): "agency:\(code)"
    case .endpoint(let name): "endpoint:\(name)"
    case .person(let login): "person:\(login)"
    case .hub(let part): "hub:\(part)"
    }
  }

  /// Reads what ``text`` wrote.
  public init?(text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let rest = String(text[text.index(after: colon)...])
    switch text[..<colon] {
    case "agency":
      guard let code = OrganisationCode(rest) else { return nil }
      self = .agency(code)
    case "endpoint": self = .endpoint(rest)
    case "person": self = .person(rest)
    case "hub": self = .hub(rest)
    default: return nil
    }
  }
}

/// A name under which people and other messages find an exchange: a dossier code, a document id.
public struct BusinessKey: Sendable, Hashable, Codable {
  /// What kind of key it is, as in `document` or `dossier`.
  public var name: String
  /// Its value. A ``personal`` one is kept as a keyed hash only.
  public var value: String
  /// True when the value names a person (Law 91/2025/QH15).
  public var personal: Bool

  /// Creates a key.
  public init(name: String, value: String, personal: Bool = false) {
    self.name = name
    self.value = value
    self.personal = personal
  }
}
