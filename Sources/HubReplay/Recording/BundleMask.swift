public import HubBus
internal import HubKit
public import HubTransform

/// Takes personal data out of what is recorded. The same person is the same pseudonym throughout a bundle.
public struct BundleMask: Sendable {
  private let masking: Masking
  private let schemas: PersonalSchemas
  /// The pseudonyms that were made, by which a proof knows them again.
  public let notes = PseudonymNotes()

  /// Creates a mask.
  ///
  /// - Parameters:
  ///   - masking: holds the key of the pseudonyms.
  ///   - schemas: mark personal data.
  public init(masking: Masking, schemas: PersonalSchemas) {
    self.masking = masking
    self.schemas = schemas
  }

  /// A sentence of the bundle.
  public func text(_ text: String) -> String { masking.knowing([], notes: notes).masker().mask(text: text) }

  /// An exchange without personal data: what came in, what far systems answered, and what was asked about others. Names
  /// from marked places of any of its bodies are replaced in all of them and on the outside.
  ///
  /// - Parameter route: the route that took it according to the journal.
  /// - Throws: what a format throws that cannot read or write a body.
  func masked(_ recording: Recording, route: String?) throws -> Recording {
    var exchange = recording.exchange
    let parts = schemas.parts(of: exchange, route: route)
    let values = try parts.flatMap { try schemas.values(in: $0, recording.contents) }
    let official = exchange.envelope[ExtensionName.official].map { [$0] } ?? []
    let masking = masking.knowing(values.filter { !$0.isChoice }.map(\.text) + official, notes: notes)
    let masker = masking.masker()
    var contents = Contents()
    var rest = try parts.map { part in
      let bytes = recording.contents[part.content] ?? []
      let masked = try masking.masked(
        bytes, mediaType: part.content.type, places: part.places, formats: schemas.formats)
      return contents.add(masked ?? masker.mask(content: bytes), type: part.content.type)
    }[...]
    exchange.body = rest.removeFirst()
    for call in exchange.calls.indices {
      for attempt in exchange.calls[call].attempts.indices {
        let known = exchange.calls[call].attempts[attempt]
        exchange.calls[call].attempts[attempt].code = masker.mask(text: known.code)
        exchange.calls[call].attempts[attempt].reference = known.reference.map(masker.mask(text:))
        if known.reply != nil { exchange.calls[call].attempts[attempt].reply = rest.removeFirst() }
      }
    }
    exchange.envelope = Dictionary(
      uniqueKeysWithValues: exchange.envelope.map { ($0, masker.masked($1, ofAttribute: $0)) })
    exchange.origins = exchange.origins.map { origin in
      var origin = origin
      origin.value = masker.mask(text: origin.value)
      return origin
    }
    return Recording(exchange: exchange, contents: contents)
  }
}

extension Masker {
  /// Attributes that say whose, what and where to, and no more: routes go by them.
  private static let kept: Set<String> = [
    "specversion", "type", "time", "datacontenttype", "dataschema", ExtensionName.sender, ExtensionName.receiver,
    ExtensionName.service, ExtensionName.unit, ExtensionName.method, ExtensionName.deadline, ExtensionName.expiry,
    ExtensionName.classification, ExtensionName.traceParent, ExtensionName.traceState,
  ]

  /// An attribute of the outside; the official who asks is a person.
  func masked(_ value: String, ofAttribute name: String) -> String {
    if name == ExtensionName.official { return pseudonym(of: value) }
    return Self.kept.contains(name) ? value : mask(text: value)
  }
}
