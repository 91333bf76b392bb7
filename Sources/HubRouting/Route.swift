public import HubKit

/// One way through the hub: which messages it takes, what is checked and changed on them, and where they go.
///
/// A class, although it never changes: every message asks for its routes several times, and copying two dozen texts and
/// lists each time costs more than finding them.
public final class Route: Sendable {
  /// Its name, unique in the configuration.
  public let name: String
  /// Which envelopes it is for.
  public let match: RouteMatch
  /// Envelope attributes without which a message is refused at the door, such as the purpose of a look-up.
  public let require: [String]
  /// A jq predicate over the canonical document; nil: it takes whatever ``match`` fits.
  public let when: TextSource?
  /// What the message must keep to, in order.
  public let validate: [RouteValidation]
  /// Questions that are put on the way, in order; what they bring is `$calls` to the programs that come after.
  public let enrich: [RouteCall]
  /// How it is changed, in order.
  public let map: [RouteMapping]
  /// Makes several messages of one, each with a way of its own; nil: it stays one.
  public let split: RouteSplit?
  /// Where it goes; at least one, save for a route that only splits. The first is the primary delivery: its answer is
  /// the answer to a question.
  public let to: [RouteTarget]
  /// Where a copy goes, whose end changes nothing for the exchange.
  public let tap: [EndpointAddress]
  /// Where a delivery goes that cannot reach its endpoint in the end; nil: it waits for a person.
  public let fallback: EndpointAddress?
  /// Who is asked the same beside the route's own endpoint, to compare the answers; nil: nobody.
  public let shadow: RouteShadow?
  /// What the answer must keep to, and how it is changed; nil: it passes as it came.
  public let reply: RouteReply?
  /// How long a question waits for its answer at most; nil: as long as the caller says.
  public let deadline: Duration?
  /// Messages with the same key reach one endpoint in the order in which they were received; nil: no order.
  public let order: KeyTemplate?
  /// Under which names the exchange can be found, besides those that the format's codec reads.
  public let keys: [RouteKey]
  /// How long after receipt a delivery still makes sense; nil: for ever. The envelope's own expiry wins when earlier.
  public let expiry: Duration?
  /// What is kept of the bodies once the exchange has settled.
  public let keep: RouteKeep
  /// When a question is on the disk.
  public let record: RouteRecord
  /// The reason for keeping bodies that hold personal data; nil: none was given.
  public let why: String?
  /// How attachments are searched for marks of state secrets.
  public let secrets: RouteSecrets
  /// What is done about signatures inside attachments.
  public let signatures: RouteSignatures
  /// Proofs that run without network.
  public let tests: [RouteTest]
  /// Where the route begins.
  public let place: SourcePlace

  /// Creates a route.
  public init(
    name: String, match: RouteMatch = RouteMatch(), require: [String] = [], when: TextSource? = nil,
    validate: [RouteValidation] = [], enrich: [RouteCall] = [], map: [RouteMapping] = [], split: RouteSplit? = nil,
    to: [RouteTarget], tap: [EndpointAddress] = [], fallback: EndpointAddress? = nil, shadow: RouteShadow? = nil,
    reply: RouteReply? = nil, deadline: Duration? = nil, order: KeyTemplate? = nil, keys: [RouteKey] = [],
    expiry: Duration? = nil,
    keep: RouteKeep = .digest, record: RouteRecord = .beforeCall, why: String? = nil,
    secrets: RouteSecrets = RouteSecrets(), signatures: RouteSignatures = .note, tests: [RouteTest] = [],
    place: SourcePlace = SourcePlace(file: "")
  ) {
    self.name = name
    self.match = match
    self.require = require
    self.when = when
    self.validate = validate
    self.enrich = enrich
    self.map = map
    self.split = split
    self.to = to
    self.tap = tap
    self.fallback = fallback
    self.shadow = shadow
    self.reply = reply
    self.deadline = deadline
    self.order = order
    self.keys = keys
    self.expiry = expiry
    self.keep = keep
    self.record = record
    self.why = why
    self.secrets = secrets
    self.signatures = signatures
    self.tests = tests
    self.place = place
  }

  /// Every program and schema text that the route uses, in the order in which it uses them.
  public var sources: [TextSource] {
    let first = (when.map { [$0] } ?? []) + validate.map(\.source) + enrich.map(\.with) + map.map(\.source)
    let answer = (reply?.validate.map(\.source) ?? []) + (reply?.map.map(\.source) ?? [])
    return first + (split.map { [$0.jq] } ?? []) + keys.map(\.jq) + answer + (shadow?.map.map(\.source) ?? [])
  }

  /// Every endpoint that the route names.
  public var addresses: [EndpointAddress] {
    let targets = to.compactMap { target -> EndpointAddress? in
      if case .endpoint(let address) = target { address } else { nil }
    }
    return enrich.map(\.call) + targets + tap + [fallback, shadow?.to].compactMap { $0 }
  }
}

extension Route: Hashable {
  /// Whether two routes say the same, at the same place.
  public static func == (left: Route, right: Route) -> Bool {
    guard left !== right else { return true }
    let isTaken = left.match == right.match && left.require == right.require && left.when == right.when
    let isMade =
      left.validate == right.validate && left.enrich == right.enrich && left.map == right.map
      && left.split == right.split && left.reply == right.reply
    let isSent =
      left.to == right.to && left.tap == right.tap && left.fallback == right.fallback
      && left.shadow == right.shadow && left.deadline == right.deadline && left.order == right.order
      && left.expiry == right.expiry
    let isKept =
      left.keys == right.keys && left.keep == right.keep && left.record == right.record && left.why == right.why
      && (left.secrets, left.signatures) == (right.secrets, right.signatures)
    return left.name == right.name && isTaken && isMade && isSent && isKept && left.tests == right.tests
      && left.place == right.place
  }

  /// Hashes the name only: it is unique in a configuration.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// An endpoint and, where its connector has several, one of its operations: `population/verify`.
public struct EndpointAddress: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Name of the endpoint in the configuration.
  public var endpoint: String
  /// Name of the operation; nil for the only or usual one.
  public var operation: String?

  /// Creates an address.
  public init(_ endpoint: String, operation: String? = nil) {
    self.endpoint = endpoint
    self.operation = operation
  }

  /// Reads `endpoint` or `endpoint/operation`.
  public init(text: String) {
    let parts = text.split(separator: "/", maxSplits: 1)
    self.init(parts.first.map(String.init) ?? "", operation: parts.count > 1 ? String(parts[1]) : nil)
  }

  /// As it stands in a route.
  public var description: String { operation.map { "\(endpoint)/\($0)" } ?? endpoint }
}

/// A question that a route puts before it goes on (Content Enricher).
public struct RouteCall: Sendable, Hashable {
  /// Under which name the answer stands in `$calls`.
  public var name: String
  /// Whom it asks.
  public var call: EndpointAddress
  /// A jq program over the message as it came, and the answers so far, that makes what is asked.
  public var with: TextSource
  /// True when the route goes on without an answer: `$calls.<name>` is then null.
  public var optional: Bool
  /// Envelope attributes of the question, such as its purpose, beside those of the message; `{subject}` and the like
  /// stand for the message's own.
  public var attributes: [String: String]

  /// Creates a call.
  public init(
    name: String, call: EndpointAddress, with: TextSource, optional: Bool = false, attributes: [String: String] = [:]
  ) {
    self.name = name
    self.call = call
    self.with = with
    self.optional = optional
    self.attributes = attributes
  }

  /// The outside of the question.
  public func envelope(of message: Envelope) -> Envelope {
    var envelope = message
    for (name, text) in attributes {
      envelope.extensions[name] = (try? KeyTemplate(text)).map { $0.key(for: message) ?? "" } ?? text
    }
    return envelope
  }
}

/// Makes several messages of one (Splitter).
public struct RouteSplit: Sendable, Hashable {
  /// A jq program over the mapped message that gives an array; each item becomes a message of its own.
  public var jq: TextSource
  /// Type of the new messages, by which they find their routes.
  public var type: String

  /// Creates a splitter.
  public init(jq: TextSource, type: String) {
    self.jq = jq
    self.type = type
  }
}

/// What a route does with the far system's answer before the caller gets it.
public struct RouteReply: Sendable, Hashable {
  /// What the answer must keep to.
  public var validate: [RouteValidation]
  /// How it is changed, in order.
  public var map: [RouteMapping]

  /// Creates a reply rule.
  public init(validate: [RouteValidation] = [], map: [RouteMapping] = []) {
    self.validate = validate
    self.map = map
  }
}

/// Who is asked the same question in shadow, to compare the answers. Nobody gets his answer, and nobody waits for it.
public struct RouteShadow: Sendable, Hashable {
  /// Whom; an operation that changes nothing there.
  public var to: EndpointAddress
  /// Brings his answer into the form of the one that it is compared with, in order.
  public var map: [RouteMapping]

  /// Creates one.
  public init(to: EndpointAddress, map: [RouteMapping] = []) {
    self.to = to
    self.map = map
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
  case endpoint(EndpointAddress)
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

/// When a question is on the disk.
public enum RouteRecord: String, Sendable, Hashable, CaseIterable {
  /// Before anybody is asked.
  case beforeCall = "before-call"
  /// Before the answer is given: a read that may be put twice leaves while its record is being written.
  case beforeReply = "before-reply"
}
