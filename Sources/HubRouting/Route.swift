/// One way through the hub: which messages it takes, what is checked and changed on them, and where they go.
public struct Route: Sendable, Hashable {
  /// Its name, unique in the configuration.
  public var name: String
  /// Which envelopes it is for.
  public var match: RouteMatch
  /// A jq predicate over the canonical document; nil: it takes whatever ``match`` fits.
  public var when: TextSource?
  /// What the message must keep to, in order.
  public var validate: [RouteValidation]
  /// How it is changed, in order.
  public var map: [RouteMapping]
  /// Where it goes; at least one.
  public var to: [RouteTarget]
  /// Messages with the same key reach one endpoint in the order in which they were received; nil: no order.
  public var order: KeyTemplate?
  /// Under which names the exchange can be found, besides those that the format's codec reads.
  public var keys: [RouteKey]
  /// How long after receipt a delivery still makes sense; nil: for ever. The envelope's own expiry wins when earlier.
  public var expiry: Duration?
  /// What is kept of the bodies once the exchange has settled.
  public var keep: RouteKeep
  /// The reason for keeping bodies that hold personal data; nil: none was given.
  public var why: String?
  /// Proofs that run without network.
  public var tests: [RouteTest]
  /// Where the route begins.
  public var place: SourcePlace

  /// Creates a route.
  public init(
    name: String, match: RouteMatch = RouteMatch(), when: TextSource? = nil, validate: [RouteValidation] = [],
    map: [RouteMapping] = [], to: [RouteTarget], order: KeyTemplate? = nil, keys: [RouteKey] = [],
    expiry: Duration? = nil, keep: RouteKeep = .digest, why: String? = nil, tests: [RouteTest] = [],
    place: SourcePlace = SourcePlace(file: "")
  ) {
    self.name = name
    self.match = match
    self.when = when
    self.validate = validate
    self.map = map
    self.to = to
    self.order = order
    self.keys = keys
    self.expiry = expiry
    self.keep = keep
    self.why = why
    self.tests = tests
    self.place = place
  }

  /// Every program and schema text that the route uses, in the order in which it uses them.
  public var sources: [TextSource] {
    (when.map { [$0] } ?? []) + validate.map(\.source) + map.map(\.source) + keys.map(\.jq)
  }
}

/// One check of a message.
public enum RouteValidation: Sendable, Hashable {
  /// The canonical document keeps to a JSON Schema.
  case jsonSchema(TextSource)
  /// The XML text keeps to an XML Schema 1.0.
  case xsd(TextSource)

  /// The schema's text.
  public var source: TextSource {
    switch self {
    case .jsonSchema(let source), .xsd(let source): source
    }
  }
}

/// One change of a message.
public enum RouteMapping: Sendable, Hashable {
  /// A jq program over the canonical document.
  case jq(TextSource)
  /// An XSLT 1.0 stylesheet over the XML text.
  case xslt(TextSource)

  /// The program's text.
  public var source: TextSource {
    switch self {
    case .jq(let source), .xslt(let source): source
    }
  }
}

/// Where a message goes.
public enum RouteTarget: Sendable, Hashable {
  /// To each receiver that the envelope names, through the endpoint of his agency: one delivery each.
  case recipients
  /// To one endpoint, whoever the receiver is.
  case endpoint(String)
  /// To the sender of the earlier exchange that has the same value under this business key, so that a status finds
  /// its document; when no such exchange is known, as ``recipients``.
  case origin(key: String)
}

/// A name under which the exchange can be found.
public struct RouteKey: Sendable, Hashable {
  /// What kind of key it is, as in `dossier`.
  public var name: String
  /// A jq program over the canonical document; each text or number that it gives is a value, null is none.
  public var jq: TextSource
  /// True when the value names a person: it is then kept as a keyed hash only.
  public var personal: Bool

  /// Creates a key.
  public init(name: String, jq: TextSource, personal: Bool = false) {
    self.name = name
    self.jq = jq
    self.personal = personal
  }
}

/// What is kept of bodies once an exchange has settled. Until then they are always kept.
public enum RouteKeep: Sendable, Hashable {
  /// The whole bodies for this long; then their digests.
  case duration(Duration)
  /// Their digests only.
  case digest
  /// The bodies with every value masked that a schema marks as personal data.
  case masked
}
