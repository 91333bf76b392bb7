internal import FoundationEssentials
internal import HubConfig
internal import HubKit
internal import HubRouting
internal import HubTransform
internal import JSONWire

/// Asks a far system for what is new, as a manifest says. The cursor is the bus's: it moves with the messages, in one
/// transaction.
struct ManifestSource: PollingSource {
  private let source: HTTPSource
  private let far: FarSystem
  private let evaluation: ManifestEvaluation
  private let rules: AnswerRules
  private let program: ShapeSource

  var name: String { source.name }

  init(_ source: HTTPSource, far: FarSystem, evaluation: ManifestEvaluation) {
    self.source = source
    self.far = far
    self.evaluation = evaluation
    let label = "\(far.context.endpoint)/\(source.name)"
    rules = AnswerRules(far.site.manifest.errors, name: "\(label) answer")
    // One trip to a worker for all that an answer is asked.
    let cursor = source.cursor?.text ?? "null"
    let more = source.more?.text ?? "false"
    program = ShapeSource(
      name: "\(label) events",
      text: "{events: [\n\(source.events.text)\n][0], cursor: [\n\(cursor)\n][0], more: [\n\(more)\n][0]}")
  }

  func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page {
    let values = { (name: String) -> String? in
      switch name {
      case "cursor": cursor
      case "limit": String(limit)
      default: nil
      }
    }
    let response = try await far.send(source.request, values: values)
    let found = try await found(in: response)
    let events = try EventReading.events(
      found.events.bytes, source: "/endpoints/\(far.context.endpoint)", name: program.name)
    var items: [Page.Item] = []
    for event in events {
      let body = try await keep(event, in: bodies)
      items.append(Page.Item(reference: event.envelope.id, envelope: event.envelope, body: body))
    }
    return Page(items: items, cursor: found.cursor.word ?? cursor, hasMore: found.more.isTrue)
  }

  /// Marks what was accepted as taken. What the hub refused is not marked: it stays the far side's.
  func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError) {
    guard let acknowledge = source.acknowledge else { return }
    for (index, item) in page.items.enumerated() where refusals[index] == nil {
      let values = { (name: String) -> String? in
        name.hasPrefix("event.") ? item.envelope[String(name.dropFirst(6))] : nil
      }
      let response = try await far.send(acknowledge, values: values)
      _ = try await rules.look(at: response, by: evaluation)
    }
  }

  /// Looks inside an answer. Reading takes nothing: whatever cannot be read is asked again.
  private func found(in response: OutboundResponse) async throws(AdapterError) -> Found {
    do throws(AdapterError) {
      let document = try await rules.look(at: response, by: evaluation, wantsDocument: true).document
      let result = try await evaluation.run(program, over: document?.json ?? [])
      if let found = try? JSONDecoder().decode(Found.self, from: Data(result)) { return found }
      throw AdapterError(.outage(after: nil), code: "no-events", reason: "\(program.name) gave nothing that is known.")
    } catch {
      var failure = error
      switch failure.verdict {
      case .inDoubt, .reject: failure.verdict = .outage(after: nil)
      case .retry, .outage, .cancelled: break
      }
      throw failure
    }
  }

  private func keep(_ event: EventReading.Event, in bodies: any BodyStore) async throws(AdapterError) -> Body {
    do throws(BodyError) {
      return try await OffPool.dispatch.keep(event.body, mediaType: event.envelope.dataContentType, in: bodies)
    } catch {
      throw AdapterError(
        .outage(after: nil), code: "body", reason: "The message's bytes cannot be kept.", cause: "\(error)")
    }
  }

  private struct Found: Decodable {
    var events: JSONValue
    var cursor: JSONValue
    var more: JSONValue
  }
}
