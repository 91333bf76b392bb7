internal import HubJournal
internal import HubKit
public import HubRouting
public import HubTransform
internal import Logging

/// Masks bodies of routes with `keep: masked`.
public struct Masking: Sendable {
  private let secret: [UInt8]

  /// Takes the key under which pseudonyms are made.
  public init(secret: [UInt8]) {
    self.secret = secret
  }

  /// A masker of the places that a format and a route's schemas mark, and of what detectors find elsewhere.
  public func masker(personal paths: [String]) -> Masker {
    Masker(secret: secret, paths: paths)
  }

  /// A body without personal data, in its own format: the places that the format and the route's schemas mark, what
  /// detectors find elsewhere, and its attachments, which give way to a line that says so.
  ///
  /// - Parameters:
  ///   - mediaType: as the envelope tells it.
  ///   - route: the route that took the message.
  ///   - formats: the formats of the configuration in use.
  /// - Returns: nil when no format knows the bytes.
  /// - Throws: what the format throws when it cannot read or write them.
  public func masked(
    _ body: [UInt8], mediaType: String?, route: Route, formats: FormatCatalogue
  ) throws -> [UInt8]? {
    let store = MemoryBodyStore()
    guard let codec = try formats.codec(for: .inline(body), mediaType: mediaType, in: store) else { return nil }
    var document = try codec.decode(BytesReader(body), into: store, limits: formats.limits)
    document.json = try masker(personal: codec.personalPaths + route.personalPaths).mask(json: document.json)
    document.attachments = document.attachments.map { _ in .inline(Array("%PDF-1.4 masked\n".utf8)) }
    let writer = BytesWriter()
    try codec.encode(document, from: store, into: writer, limits: formats.limits)
    return writer.bytes
  }
}

extension Route {
  /// The places in a message that the route's schemas mark as personal.
  public var personalPaths: [String] {
    validate.flatMap { step -> [String] in
      guard case .jsonSchema(let source) = step else { return [] }
      return HubTransform.personalPaths(inSchema: source.text)
    }
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
        mediaType: message.envelope.dataContentType, route: route, formats: setup.planner.formats)
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
