public import HubKit

/// One exchange as a bundle holds it: what came in, what the far systems did, and what the configuration of its time
/// makes of the two.
public struct RecordedExchange: Sendable, Hashable, Codable {
  /// Its name in the journal.
  public var id: ExchangeID
  /// When the message was received: the time that its mappings see.
  public var receivedAt: Timestamp
  /// Who brought it, as `Principal.text` writes it.
  public var principal: String
  /// Digest of the configuration to which it was pinned.
  public var configuration: String
  /// The outside, by CloudEvents name.
  public var envelope: [String: String]
  /// The inside.
  public var body: Content
  /// What far systems did, those of the message's parts after its own.
  public var calls: [RecordedCall]
  /// Who had sent the documents that it answers: looked up in the journal, which a replay does not have.
  public var origins: [RecordedOrigin]
  /// What its own configuration makes of it.
  public var made: MadeExchange
  /// Where the journal tells another story than ``made``, each in a sentence: an operator stepped in, somebody else's
  /// message barred the way, or a program changed since.
  public var oddities: [String]
}

/// Bytes that a bundle holds under their digest.
public struct Content: Sendable, Hashable, Codable {
  /// SHA-256 in lower-case hex.
  public var digest: String
  /// How many there are.
  public var bytes: Int
  /// Their media type, where it is known.
  public var type: String?
}

/// What a far system did with one delivery.
public struct RecordedCall: Sendable, Hashable, Codable {
  /// The delivery's id, which the far system saw as idempotency key.
  public var delivery: String
  /// Which call of which exchange it stands for.
  public var name: CallName
  /// Every attempt, in order; those that a person's order made void are left out.
  public var attempts: [RecordedAttempt]
}

/// By what a delivery of one run is found again in another.
public struct CallName: Sendable, Hashable, Codable {
  /// The endpoint.
  public var endpoint: String
  /// Which of its operations.
  public var operation: String?
  /// Whom it was for.
  public var receiver: OrganisationCode?
  /// `tap` or `call`; nil: for the receiver.
  public var role: String?
  /// The name of the question that the route asked.
  public var call: String?

  /// The endpoint with its operation, as in `population/verify`.
  var place: String { operation.map { "\(endpoint)/\($0)" } ?? endpoint }

  /// For people, as in `population/verify → H24.12`.
  public var text: String {
    receiver.map { "\(place) → \($0.text)" } ?? place
  }
}

/// How one attempt ended.
public struct RecordedAttempt: Sendable, Hashable, Codable {
  /// What the end meant.
  public enum Verdict: String, Sendable, Hashable, Codable {
    case success, retry, outage, reject, inDoubt
  }

  /// What the end meant.
  public var verdict: Verdict
  /// The far system's code, or ours.
  public var code: String
  /// The far system's name for what it took.
  public var reference: String?
  /// How long it took.
  public var microseconds: Int64
  /// What was answered, when somebody asked.
  public var reply: Content?
}

/// The answer to one question about an earlier exchange.
public struct RecordedOrigin: Sendable, Hashable, Codable {
  /// Name and value of the business key.
  public var name, value: String
  /// Type of the message that asks.
  public var asking: String
  /// Who had sent the earlier one; nil: nobody.
  public var sender: OrganisationCode?
}

/// What a configuration makes of a message.
public struct MadeExchange: Sendable, Hashable, Codable {
  /// Code of the door's refusal; all else is then empty.
  public var refusal: String?
  /// The route that took it.
  public var route: String?
  /// How it ended; nil: it did not.
  public var state: ExchangeState?
  /// Rules that it broke, each once, sorted.
  public var violations: [String]
  /// What was sent, those of the parts after its own.
  public var deliveries: [MadeDelivery]
  /// What whoever asked got.
  public var answer: Content?
}

/// One delivery that a configuration makes.
public struct MadeDelivery: Sendable, Hashable, Codable {
  /// Which one.
  public var name: CallName
  /// The route that asked for it: that of the message, or of one of its parts.
  public var route: String
  /// How it ended.
  public var state: DeliveryState
  /// How often it was tried.
  public var attempts: Int
  /// What was handed to the endpoint's connector.
  public var body: Content
  /// What the connector put on the wire; nil: nobody saw it, as with a child process.
  public var requests: [MadeRequest]?
}

/// One request as a connector puts it on the wire, without credentials.
public struct MadeRequest: Sendable, Hashable, Codable {
  /// Method, as in `POST`; of a file what is done with it.
  public var method: String
  /// Absolute URL.
  public var url: String
  /// Header fields that matter: none of credentials, of the trace, or of the transfer itself.
  public var headers: [[String]]
  /// What is sent.
  public var body: Content?
}
