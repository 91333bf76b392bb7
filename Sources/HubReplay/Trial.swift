internal import FoundationEssentials
public import HubBus
public import HubKit
public import HubRouting
internal import HubTransform

/// A sample on its way through a route or a mapping: every step, then the end. For whoever writes them.
public struct Trial: Sendable {
  /// What came of it.
  public struct Report: Sendable, Encodable {
    /// One step.
    public struct Step: Sendable, Encodable {
      /// `when`, `validate`, `keys`, `enrich`, `map`, `split` or `reply`.
      public var kind: String
      /// The program or schema; for a question whom it asks.
      public var source: String
      /// What it saw.
      public var input: String
      /// What it made; nil: nothing.
      public var output: String?
      /// What it complains of.
      public var violations: [Violation]
      /// Whether the message goes on.
      public var goesOn: Bool
    }

    /// One delivery.
    public struct Delivery: Sendable, Encodable {
      /// Through which endpoint.
      public var endpoint: String
      /// For whom; nil: for no receiver.
      public var receiver: String?
      /// How it ended.
      public var state: String
      /// Of what type is what was sent.
      public var mediaType: String?
      /// What was sent.
      public var body: String
    }

    /// The route or the file.
    public var subject: String
    /// The route that the hub itself would choose for the message; nil: none, or a file was tried.
    public var route: String?
    /// The sample itself.
    public var sample: String
    /// The steps that were taken.
    public var steps: [Step] = []
    /// What is sent at the end.
    public var deliveries: [Delivery] = []
    /// What a question's caller gets.
    public var answer: String?
    /// How the exchange ends; nil: a file was tried, or the door refused the message.
    public var state: String?
    /// Why it ends so, or why the door refused it.
    public var reason: String?
    /// Whether it went the whole way.
    public var isWhole = true
  }

  private let rehearsal: Rehearsal
  private let body: [UInt8]
  private let attributes: [String: String]
  private let replies: [String: TestReply.Answer]

  /// Takes the sample.
  ///
  /// - Parameters:
  ///   - rehearsal: plays the message's way.
  ///   - body: the sample's bytes.
  ///   - attributes: of its envelope, by name; the type is by default that of the route.
  ///   - replies: what endpoints answer; one that is not named takes everything and answers nothing.
  public init(rehearsal: Rehearsal, body: [UInt8], attributes: [String: String], replies: [String: TestReply.Answer]) {
    self.rehearsal = rehearsal
    self.body = body
    self.replies = replies
    var attributes = attributes
    // What a file says of itself: good enough to find its format.
    attributes["datacontenttype"] = attributes["datacontenttype"] ?? Self.mediaType(of: body)
    self.attributes = attributes
  }

  /// Takes the sample through a route.
  ///
  /// - Throws: ``HubTransform/TransformUnavailable`` when no worker could look at it.
  public func run(_ route: Route) async throws -> Report {
    var report = Report(subject: route.name, sample: String(decoding: body, as: UTF8.self))
    let message = RouteTestRunner.message(attributes, body, for: route)
    do {
      let (steps, result) = try await rehearsal.walk(
        message, by: route, receivedAt: RouteTestRunner.now, bodies: MemoryBodyStore(),
        farSide: { [replies] attempt in
          Rehearsal.Ending(RouteTestRunner.answer(replies[attempt.planned.endpoint], of: "sample"))
        })
      report.steps = steps.map(Report.Step.init)
      report.route = result.route
      report.state = result.outcome?.state.rawValue
      report.reason = result.outcome?.reason ?? result.refusal?.reason
      report.deliveries = result.sent.filter { $0.role != .call }.map(Report.Delivery.init)
      report.answer = result.answer.map { Self.text($0.body) }
      report.isWhole = result.route == route.name && result.outcome?.state == .delivered
    } catch let refusal as NotAccepted {
      report.refuse(refusal.reason, refusal.violations, by: "door")
    } catch let invalid as InvalidMessage {
      report.refuse(nil, invalid.violations, by: "format")
    }
    return report
  }

  /// Takes the sample through a file by itself: a mapping (`.jq`, `.xslt`) or a schema (`.json`, `.xsd`).
  ///
  /// - Throws: ``HubTransform/TransformUnavailable`` when no worker could look at it.
  public func run(file: [UInt8], named name: String) async throws -> Report {
    let source = ShapeSource(name: name, text: String(decoding: file, as: UTF8.self))
    let (step, plan): (RouteStep.Kind, TransformPlan) =
      switch name.split(separator: ".").last {
      case "xslt", "xsl": (.map, TransformPlan(id: name, map: [.xslt(source)]))
      case "xsd": (.validate, TransformPlan(id: name, validate: [.xsd(source)]))
      case "json": (.validate, TransformPlan(id: name, validate: [.jsonSchema(source)]))
      default: (.map, TransformPlan(id: name, map: [.jq(source)]))
      }
    var report = Report(subject: name, sample: String(decoding: body, as: UTF8.self))
    let nowhere = Route(name: name, to: [])
    do {
      let steps = try await rehearsal.walk(
        RouteTestRunner.message(attributes, body, for: nowhere), step: step, by: plan,
        receivedAt: RouteTestRunner.now, bodies: MemoryBodyStore())
      report.steps = steps.map(Report.Step.init)
      report.isWhole = report.steps.allSatisfy(\.goesOn)
    } catch let invalid as InvalidMessage {
      report.refuse(nil, invalid.violations, by: "format")
    }
    return report
  }

  static func text(_ body: Body) -> String {
    if case .inline(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "…" }
  }

  private static func mediaType(of body: [UInt8]) -> String {
    switch body.first(where: { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }) {
    case UInt8(ascii: "<"): "application/xml"
    case UInt8(ascii: "{"), UInt8(ascii: "["): "application/json"
    default: "text/plain"
    }
  }
}

extension Trial.Report {
  fileprivate mutating func refuse(_ reason: String?, _ violations: [Violation], by source: String) {
    steps.append(
      Step(kind: "door", source: source, input: "", output: nil, violations: violations, goesOn: false))
    self.reason = reason
    isWhole = false
  }
}

extension Trial.Report.Step {
  fileprivate init(_ step: RouteStep) {
    kind = step.kind.rawValue
    source = step.source
    input = String(decoding: step.input, as: UTF8.self)
    output = step.output.map { String(decoding: $0, as: UTF8.self) }
    violations = step.violations
    goesOn = step.goesOn
  }
}

extension Trial.Report.Delivery {
  fileprivate init(_ sent: Rehearsal.Sent) {
    endpoint = sent.endpoint
    receiver = sent.receiver?.text
    state = sent.state.rawValue
    mediaType = sent.mediaType
    body = Trial.text(sent.body)
  }
}
