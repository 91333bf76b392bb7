public import HubKit

/// A proof of one route: what comes in, what the far systems answer, and what must come out. Runs without network.
public struct RouteTest: Sendable, Hashable {
  /// What is proved, in a few words.
  public var name: String
  /// The outside of the message. What the format's codec reads from the body (type, sender, receivers, subject) need
  /// not be repeated.
  public var attributes: [String: String]
  /// The inside.
  public var body: TestContent
  /// Exchanges that the journal is to know beforehand.
  public var earlier: [EarlierExchange]
  /// What endpoints answer; one that is not named takes everything.
  public var replies: [TestReply]
  /// What must come out.
  public var expect: RouteExpectation
  /// Where the test begins.
  public var place: SourcePlace

  /// Creates a test.
  public init(
    name: String, attributes: [String: String] = [:], body: TestContent, earlier: [EarlierExchange] = [],
    replies: [TestReply] = [], expect: RouteExpectation, place: SourcePlace = SourcePlace(file: "")
  ) {
    self.name = name
    self.attributes = attributes
    self.body = body
    self.earlier = earlier
    self.replies = replies
    self.expect = expect
    self.place = place
  }
}

/// Bytes that a test hands in or expects.
public struct TestContent: Sendable, Hashable {
  /// The file's path relative to the configuration folder; nil when the text stands in the test itself.
  public var file: String?
  /// The bytes.
  public var bytes: [UInt8]
  /// Where the test names the file or holds the text.
  public var place: SourcePlace

  /// Creates content.
  public init(file: String? = nil, bytes: [UInt8], place: SourcePlace = SourcePlace(file: "")) {
    self.file = file
    self.bytes = bytes
    self.place = place
  }
}

/// An exchange that a test presupposes: found by its business key, answered to its sender.
public struct EarlierExchange: Sendable, Hashable {
  /// The key by which it is found.
  public var key: BusinessKey
  /// Who sent it.
  public var sender: OrganisationCode

  /// Creates an earlier exchange.
  public init(key: BusinessKey, sender: OrganisationCode) {
    self.key = key
    self.sender = sender
  }
}

/// What an endpoint answers in a test.
public struct TestReply: Sendable, Hashable {
  /// How it answers.
  public enum Answer: Sendable, Hashable {
    /// It takes the message, with this code and body.
    case success(code: String, body: TestContent?)
    /// It fails in one of the ways an adapter knows.
    case failure(TestFailure, code: String)
  }

  /// Which endpoint.
  public var endpoint: String
  /// Only to this receiver; nil: to all.
  public var receiver: OrganisationCode?
  /// How it answers.
  public var answer: Answer

  /// Creates a reply.
  public init(endpoint: String, receiver: OrganisationCode? = nil, answer: Answer) {
    self.endpoint = endpoint
    self.receiver = receiver
    self.answer = answer
  }
}

/// The ways in which an attempt fails; the words of ``HubKit/AdapterError/Verdict``.
public enum TestFailure: String, Sendable, Hashable, CaseIterable {
  /// Try again; the endpoint is well.
  case retry
  /// The far system is away.
  case outage
  /// It will never take the message.
  case reject
  /// It was sent and the answer was lost.
  case inDoubt
}

/// What must come out of a test. What is nil is not compared.
public struct RouteExpectation: Sendable, Hashable {
  /// The route that takes the message; nil: the one that the test stands in. See ``noRoute``.
  public var route: String?
  /// True when no route may take the message.
  public var noRoute: Bool
  /// Where the exchange ends.
  public var state: ExchangeState?
  /// What is sent, in any order; nil: not compared, empty: nothing may be sent.
  public var deliveries: [ExpectedDelivery]?
  /// What a question's caller gets; nil: not compared.
  public var answer: TestContent?
  /// Stable words of the violations that are found, in any order, each once however often it is found; empty: there
  /// may be none.
  public var violations: [String]

  /// Creates an expectation.
  public init(
    route: String? = nil, noRoute: Bool = false, state: ExchangeState? = nil, deliveries: [ExpectedDelivery]? = nil,
    answer: TestContent? = nil, violations: [String] = []
  ) {
    self.route = route
    self.noRoute = noRoute
    self.state = state
    self.deliveries = deliveries
    self.answer = answer
    self.violations = violations
  }
}

/// One delivery that a test expects.
public struct ExpectedDelivery: Sendable, Hashable {
  /// Through which endpoint.
  public var endpoint: String
  /// For whom; nil: not compared.
  public var receiver: OrganisationCode?
  /// The bytes; JSON is compared as values, XML in canonical form, all else byte for byte. Nil: not compared.
  public var body: TestContent?
  /// Media type; nil: not compared.
  public var mediaType: String?

  /// Creates an expected delivery.
  public init(
    endpoint: String, receiver: OrganisationCode? = nil, body: TestContent? = nil, mediaType: String? = nil
  ) {
    self.endpoint = endpoint
    self.receiver = receiver
    self.body = body
    self.mediaType = mediaType
  }
}
