public import HubBus
public import HubKit
public import HubRouting

/// Runs the `tests:` of routes: each message goes the whole way, from the door to the far sides' answers, without a
/// network and in virtual time.
public struct RouteTestRunner: Sendable {
  /// Makes the parts that a test needs, with the exchanges that the journal is to know beforehand.
  public typealias Stage = @Sendable (_ earlier: [EarlierExchange]) -> Rehearsal

  private let stage: Stage

  /// Takes the maker of rehearsals; their directory must let the principal `endpoint:route-test` send.
  public init(stage: @escaping Stage) {
    self.stage = stage
  }

  /// The time at which every route test takes place: mappings that use `$now` give the same result each time.
  public static let now = Timestamp(seconds: 1_767_225_600)

  /// What a test found.
  public struct Finding: Sendable, Hashable {
    /// The route and the test.
    public var route, test: String
    /// Where the test stands.
    public var place: SourcePlace
    /// What is not as expected, in a sentence; one for each difference.
    public var message: String
  }

  /// Runs the tests of a route.
  ///
  /// - Returns: nothing when all is as expected.
  public func run(_ route: Route) async -> [Finding] {
    var findings: [Finding] = []
    for test in route.tests {
      findings += await run(test, of: route).map {
        Finding(route: route.name, test: test.name, place: test.place, message: $0)
      }
    }
    return findings
  }

  private func run(_ test: RouteTest, of route: Route) async -> [String] {
    let message = Self.message(test.attributes, test.body.bytes, for: route)
    let replies = test.replies
    let result = await stage(test.earlier).run(
      message, at: Rehearsal.Occasion(Self.now), bodies: MemoryBodyStore(),
      farSide: { Rehearsal.Ending(Self.answer(replies, $0.planned.endpoint, $0.planned.receiver)) })
    return Comparison(test.expect, route: route).differences(from: result)
  }

  /// A message as the door would hand it in. Without a type or service it is of the one of its route.
  ///
  /// - Parameters:
  ///   - attributes: the envelope's, by name.
  ///   - body: its bytes.
  ///   - route: the route that it is meant for.
  public static func message(_ attributes: [String: String], _ body: [UInt8], for route: Route) -> Message {
    let service = only(route.match.patterns[ExtensionName.service])
    let ownType = service == nil ? only(route.match.patterns["type"]) ?? "" : Question.eventType
    var envelope = Envelope(attributes: attributes)
    if attributes["id"] == nil { envelope.id = "test" }
    if attributes["source"] == nil { envelope.source = "/test" }
    if attributes["type"] == nil { envelope.type = ownType }
    envelope.extensions[ExtensionName.service] = attributes[ExtensionName.service] ?? service
    return Message(envelope: envelope, body: .inline(body), principal: .endpoint("route-test"))
  }

  /// The one value that fits, when there is but one.
  private static func only(_ patterns: [Pattern]?) -> String? {
    patterns?.count == 1 && patterns?.first?.isLiteral == true ? patterns?.first?.text : nil
  }

  static func answer(
    _ replies: [TestReply], _ endpoint: String, _ receiver: OrganisationCode?
  ) -> Result<Reply, AdapterError> {
    let reply = replies.first { $0.endpoint == endpoint && ($0.receiver == nil || $0.receiver == receiver) }
    return answer(reply?.answer, of: "test")
  }

  /// What a far side that is only played does; nil: it takes everything and says nothing.
  static func answer(_ answer: TestReply.Answer?, of whose: String) -> Result<Reply, AdapterError> {
    switch answer {
    case nil: return .success(Reply(code: "200"))
    case .success(let code, let body): return .success(Reply(code: code, body: .inline(body?.bytes ?? [])))
    case .failure(let failure, let code):
      return .failure(AdapterError(failure.verdict, code: code, reason: "The \(whose)'s far side answers \(code)."))
    }
  }
}

extension TestFailure {
  fileprivate var verdict: AdapterError.Verdict {
    switch self {
    case .retry: .retry(after: nil)
    case .outage: .outage(after: nil)
    case .reject: .reject
    case .inDoubt: .inDoubt
    }
  }
}
