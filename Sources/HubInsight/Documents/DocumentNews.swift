internal import HubBus
internal import HubKit

/// What the feed tells of documents whose receivers are to answer: new ones, and those that replace others. A recall or
/// an update is answered in another way (15, 16).
enum DocumentNews {
  /// The hub has a document.
  case sent(Sent)
  /// A receiver told where it stands, or its sender took it back from him (13).
  case answered(document: String, whose: [OrganisationCode], code: String, at: Timestamp)
  /// A delivery came to an end; for `parked` it waits for a person.
  case ended(document: String, exchange: ExchangeID, receiver: OrganisationCode, DeliveryState)
  /// Nothing of an exchange reached anybody, perhaps because nothing was to be delivered.
  case failed(document: String, exchange: ExchangeID)

  /// A document as it came.
  struct Sent {
    var document: String
    var exchange: ExchangeID
    var sender: OrganisationCode?
    var receivers: [OrganisationCode]
    var at: Timestamp
  }

  /// All that the feed must tell of: what becomes of a status matters to nobody here.
  static let scope = FeedScope(
    receipts: [EventTypes.document, EventTypes.documentStatus], ends: [EventTypes.document])

  /// Nil for news of anything else.
  init?(_ news: FeedEvent.News) {
    switch news {
    case .received(let origin, let envelope):
      guard let document = origin.subject, !document.isEmpty else { return nil }
      switch origin.type {
      case EventTypes.document:
        let action = envelope.extensions[ExtensionName.documentAction] ?? "new"
        guard action == "new" || action == "replace" else { return nil }
        self = .sent(
          Sent(
            document: document, exchange: origin.exchange, sender: envelope.sender, receivers: envelope.receivers,
            at: origin.receivedAt))
      case EventTypes.documentStatus:
        guard let code = envelope.extensions[ExtensionName.documentStatus] else { return nil }
        let whose = DocumentStatus.receivers(told: code, by: envelope.sender, to: envelope.receivers)
        self = .answered(document: document, whose: whose, code: code, at: origin.receivedAt)
      default: return nil
      }
    case .ended(let state, let delivery):
      let origin = delivery.origin
      guard origin.type == EventTypes.document, let document = origin.subject, let receiver = delivery.receiver
      else { return nil }
      self = .ended(document: document, exchange: origin.exchange, receiver: receiver, state)
    case .settled(.failed, let origin, _):
      guard origin.type == EventTypes.document, let document = origin.subject else { return nil }
      self = .failed(document: document, exchange: origin.exchange)
    case .attemptFailed, .settled, .refusedAtTheDoor: return nil
    }
  }
}

extension DocumentStatus {
  /// Whose state a status is about: its sender's, except for 13, by which a document's own sender takes it back from
  /// receivers.
  static func receivers(
    told code: String, by sender: OrganisationCode?, to receivers: [OrganisationCode]
  ) -> [OrganisationCode] {
    code == takenBack.rawValue ? receivers : [sender].compactMap(\.self)
  }
}
