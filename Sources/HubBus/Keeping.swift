internal import HubJournal
internal import HubKit
public import HubRouting
public import HubTransform
internal import Logging

/// Masks bodies of routes with `keep: masked`, and what is recorded.
public struct Masking: Sendable {
  private let secret: [UInt8]
  private var names: [String] = []
  private var notes: PseudonymNotes?

  /// Takes the key under which pseudonyms are made.
  public init(secret: [UInt8]) {
    self.secret = secret
  }

  /// The same with what is known beside each body.
  ///
  /// - Parameters:
  ///   - names: texts of marked places elsewhere in the exchange; those of people are replaced here too.
  ///   - notes: takes down each pseudonym.
  public func knowing(_ names: [String], notes: PseudonymNotes?) -> Masking {
    var masking = self
    masking.names = names
    masking.notes = notes
    return masking
  }

  /// A masker of the given places, of what detectors find elsewhere, and of the names that are known.
  public func masker(_ places: [PersonalPlace] = []) -> Masker {
    Masker(secret: secret, places: places, names: names, notes: notes)
  }

  /// A body without personal data, in its own format: the places that the format and the route's schemas mark, what
  /// detectors find elsewhere, the names of its marked places wherever they occur, and its attachments, which give way
  /// to empty files of their kind.
  ///
  /// - Parameters:
  ///   - mediaType: as the envelope tells it.
  ///   - places: what the schemas mark that the body keeps to.
  ///   - formats: the formats of the configuration in use.
  /// - Returns: nil when no format knows the bytes.
  /// - Throws: what the format throws when it cannot read or write them.
  public func masked(
    _ body: [UInt8], mediaType: String?, places: [PersonalPlace], formats: FormatCatalogue
  ) throws -> [UInt8]? {
    let store = MemoryBodyStore()
    guard let (codec, found) = try Self.document(body, mediaType, formats) else { return nil }
    var document = found
    let places = codec.personalPaths.map { PersonalPlace($0) } + places
    let own = try PersonalMarks(places).values(inJSON: document.json).filter { !$0.isChoice }
    let masking = knowing(names + own.map(\.text), notes: notes)
    document.json = try masking.masker(places).mask(json: document.json)
    document.attachments = try document.attachments.map { attachment in
      .inline(Masker.placeholder(for: try store.reader(of: attachment).read(upTo: 4096)))
    }
    if codec.name == FormCodec().name { return try FormCodec.written(document.json) }
    let writer = BytesWriter()
    try codec.encode(document, from: store, into: writer, limits: formats.limits)
    return writer.bytes
  }

  /// What stands at marked places of a body.
  ///
  /// - Parameters: as for ``masked(_:mediaType:places:formats:)``.
  /// - Returns: nothing when no format knows the bytes.
  /// - Throws: what the format throws when it cannot read them.
  public static func values(
    in body: [UInt8], mediaType: String?, places: [PersonalPlace], formats: FormatCatalogue
  ) throws -> [PersonalMarks.Value] {
    guard let (codec, document) = try document(body, mediaType, formats) else { return [] }
    return try PersonalMarks(codec.personalPaths.map { PersonalPlace($0) } + places).values(inJSON: document.json)
  }

  private static func document(
    _ body: [UInt8], _ mediaType: String?, _ formats: FormatCatalogue
  ) throws -> (any Codec, Document)? {
    let store = MemoryBodyStore()
    guard let codec = try formats.codec(for: .inline(body), mediaType: mediaType, in: store) else { return nil }
    return (codec, try codec.decode(BytesReader(body), into: store, limits: formats.limits))
  }
}

extension Route {
  /// The places in a message that the route's schemas mark as personal.
  public var personalPlaces: [PersonalPlace] { validate.flatMap(\.personalPlaces) }
}

extension RouteValidation {
  /// The places that a schema marks as personal.
  public var personalPlaces: [PersonalPlace] {
    guard case .jsonSchema(let source) = self else { return [] }
    return HubTransform.personalPlaces(inSchema: source.text)
  }
}

extension Bus {
  /// How long dead letters keep what a person needs to decide about them.
  static let deadLetterKeep = Duration.seconds(90 * 86_400)
  /// How long masking may take. What is not masked by then goes with the next sweep: a body that may be kept only
  /// masked must not lie there as it came because masking failed.
  static let maskingTime = Duration.seconds(60)

  /// What the journal may keep of an exchange that has settled.
  func keepPolicy(of record: BusCore.Record) -> KeepPolicy {
    guard !record.hasDeadLetters else { return .duration(Self.deadLetterKeep) }
    // A question that ended before a route took it.
    guard let route = record.rules else { return .digest }
    switch route.keep {
    case .duration(let duration): return .duration(duration)
    case .digest: return .digest
    case .masked: return .duration(Self.maskingTime)
    }
  }

  /// The route whose `keep: masked` asks for the body of an exchange to be masked now.
  func maskingRoute(of record: BusCore.Record) -> Route? {
    guard record.state.isSettled, !record.hasDeadLetters, let route = record.rules else { return nil }
    return route.keep == .masked ? route : nil
  }

  /// Replaces a settled body by its masked form.
  func mask(_ id: ExchangeID, by route: Route) async {
    let setup = setup
    do {
      // The end was handed to the journal before this job began; an empty record ends with its commit.
      try await journal.record([])
      guard let stored = try journal.exchange(id), !stored.isMasked, let message = stored.message else { return }
      let masked = try masking.masked(
        try journal.bytes(of: message.body, limit: setup.limits.codec.documentBytesMax),
        mediaType: message.envelope.dataContentType, places: route.personalPlaces, formats: setup.planner.formats)
      guard let masked else {
        logger.error("a body in no known format cannot be masked, and goes", metadata: ["exchange": "\(id)"])
        return
      }
      try await journal.replaceBody(of: id, with: masked, keep: .duration(Self.deadLetterKeep))
    } catch {
      logger.error("a body could not be masked", metadata: ["exchange": "\(id)", "reason": "\(error)"])
    }
  }
}

extension BusCore.Record {
  /// The route that took the message, as it was when the message was received.
  fileprivate var rules: Route? { route.flatMap { book?.table[$0] } }
}
