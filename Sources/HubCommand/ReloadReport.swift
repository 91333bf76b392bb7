internal import HubBus
internal import HubConfig
internal import HubKit
internal import HubRouting

/// What came of an order to load the configuration again.
struct ReloadReport: Sendable, Codable {
  enum Outcome: String, Sendable, Codable {
    /// What stands in the files is in force.
    case swapped
    /// It was in force already.
    case unchanged
    /// It cannot be used; the hub goes on as before.
    case refused
  }

  /// Names of what is new, other than before, and gone.
  struct Changes: Sendable, Codable {
    var added: [String] = []
    var changed: [String] = []
    var removed: [String] = []

    var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }
  }

  var outcome: Outcome
  /// Digest of the configuration that was in force, and of the one that is.
  var before, after: String
  /// When the files were looked at.
  var startedAt: Timestamp
  var routes = Changes()
  var endpoints = Changes()
  /// Whether the door shows another certificate now.
  var certificate = false
  /// All that was found; with an error among them the outcome is ``Outcome/refused``.
  var complaints: [Complaint] = []
}

extension ReloadReport.Changes {
  /// Compares what has a name.
  init<Thing>(from old: [Thing], to new: [Thing], name: (Thing) -> String, isSame: (Thing, Thing) -> Bool) {
    let before = Dictionary(old.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    let after = Set(new.map(name))
    removed = old.map(name).filter { !after.contains($0) }
    for thing in new {
      switch before[name(thing)] {
      case nil: added.append(name(thing))
      case let known? where !isSame(known, thing): changed.append(name(thing))
      default: break
      }
    }
  }

  /// Between two lists of routes. Where a route stands does not matter, and neither do its tests.
  init(from old: [Route], to new: [Route]) {
    self.init(from: old, to: new, name: \.name) { $0.meaning == $1.meaning }
  }

  /// Between two lists of endpoints.
  init(from old: [EndpointConfiguration], to new: [EndpointConfiguration]) {
    self.init(from: old, to: new, name: \.name) { $0.isSame(as: $1) }
  }

  /// As in `+new ~other -gone`.
  var words: String {
    let parts = added.map { "+\($0)" } + changed.map { "~\($0)" } + removed.map { "-\($0)" }
    return parts.isEmpty ? "=" : parts.joined(separator: " ")
  }
}

extension Route {
  /// The route without where its parts stand in the files, and without its tests.
  fileprivate var meaning: Route {
    let nowhere = SourcePlace(file: "")
    return Route(
      name: name, match: match, require: require, when: when?.bare, validate: validate.map(\.bare),
      enrich: enrich.map { call in
        var call = call
        call.with.place = nowhere
        return call
      },
      map: map.map(\.bare), split: split.map { RouteSplit(jq: $0.jq.bare, type: $0.type) }, to: to, tap: tap,
      fallback: fallback,
      reply: reply.map { RouteReply(validate: $0.validate.map(\.bare), map: $0.map.map(\.bare)) }, deadline: deadline,
      order: order, keys: keys.map { RouteKey(name: $0.name, jq: $0.jq.bare, personal: $0.personal) }, expiry: expiry,
      keep: keep, record: record, why: why, place: nowhere)
  }
}

extension TextSource {
  fileprivate var bare: TextSource { TextSource(name: name, text: text, place: SourcePlace(file: "")) }
}

extension RouteValidation {
  fileprivate var bare: RouteValidation {
    switch self {
    case .jsonSchema(let source): .jsonSchema(source.bare)
    case .xsd(let source): .xsd(source.bare)
    }
  }
}

extension RouteMapping {
  fileprivate var bare: RouteMapping {
    switch self {
    case .jq(let source): .jq(source.bare)
    case .xslt(let source): .xslt(source.bare)
    }
  }
}
