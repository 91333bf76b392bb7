public import HubConfig
public import HubKit
internal import JSONWire

extension ConnectorKind {
  /// The connector whose program a manifest names.
  ///
  /// - Parameter folder: where the program runs: the connector's own folder.
  public init(_ manifest: ConnectorManifest, process: ProcessManifest, folder: String) {
    let descriptor = manifest.descriptor
    self.init(descriptor: descriptor, hosting: .process, digest: manifest.digest) { (settings) throws(SettingError) in
      try settings.requireAll(descriptor.settings)
      return { (context) throws(AdapterError) in
        let seat = try ChildSeat(
          connector: descriptor.name, endpoint: context.endpoint, process: process,
          settings: settings.json(declared: descriptor.settings), folder: folder, logger: context.logger)
        return ConnectorParts(
          outbound: process.delivers ? ProcessOutbound(seat: seat, process: process, clock: context.clock) : nil,
          sources: process.sources.map {
            ProcessSource(name: $0, endpoint: context.endpoint, seat: seat, process: process)
          },
          resident: seat)
      }
    }
  }
}

/// Hands deliveries to a child.
struct ProcessOutbound: OutboundAdapter {
  let seat: ChildSeat
  let process: ProcessManifest
  let clock: any HubClock

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let left = delivery.deadline - clock.now
    guard left > .zero else {
      throw AdapterError(.retry(after: nil), code: "deadline", reason: "The attempt's time was over before it began.")
    }
    let answer = try await seat.settle(
      delivery.id, try await params(of: delivery, left), patience: left + process.health)
    var reply = Reply(code: answer["code"]?.word ?? "0", reference: answer["reference"]?.word)
    guard delivery.question != nil, let bytes = answer.bodyBytes else { return reply }
    reply.mediaType = answer["mediaType"]?.string
    do throws(BodyError) {
      reply.body = try await OffPool.dispatch.keep(bytes, mediaType: reply.mediaType, in: delivery.bodies)
    } catch {
      throw AdapterError(
        .inDoubt, code: "reply-not-kept", reason: "The far system answered, and the answer could not be kept.",
        cause: "\(error)")
    }
    return reply
  }

  private func params(of delivery: Delivery, _ left: Duration) async throws(AdapterError) -> JSONValue {
    // A byte that is no text needs at most six in JSON; base64 less.
    let limit = process.lineBytesMax / 2
    guard delivery.body.byteCount <= limit else {
      throw AdapterError(
        .reject, code: "too-large",
        reason: "The body has more than \(limit) bytes, half of the connector's `lineBytesMax`.")
    }
    let bytes = try await BodyBytes.read(delivery, limit: limit, on: .dispatch)
    var members: [String: JSONValue] = [
      "id": .text(delivery.id), "attempt": .whole(delivery.attempt), "event": delivery.envelope.json,
      "asked": .flag(delivery.question != nil),
      "secondsLeft": .number(Double(left.components.seconds) + Double(left.components.attoseconds) / 1e18),
    ]
    members["operation"] = delivery.operation.map { .text($0) }
    members["receiver"] = delivery.receiver.map { .text($0.text) }
    JSONValue.body(bytes, into: &members)
    return .object(members)
  }

  func probe() async throws(AdapterError) {
    _ = try await seat.call("probe", .object([:]), patience: process.health + .seconds(30))
  }
}

/// Asks a child for what is new.
struct ProcessSource: PollingSource {
  let name: String
  let endpoint: String
  let seat: ChildSeat
  let process: ProcessManifest

  func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page {
    var params: [String: JSONValue] = ["source": .text(name), "limit": .whole(limit)]
    params["cursor"] = cursor.map { .text($0) }
    let answer = try await seat.call("poll", .object(params), patience: process.health + .seconds(60))
    guard case .list(let list)? = answer["items"] else {
      throw AdapterError(.outage(after: nil), code: "no-events", reason: "The source \(name) gave no list of items.")
    }
    var items: [Page.Item] = []
    for value in list {
      guard let event = value["event"], let envelope = Envelope(event, source: "/endpoints/\(endpoint)"),
        let bytes = value.bodyBytes
      else {
        throw AdapterError(
          .outage(after: nil), code: "no-events",
          reason: "The source \(name) gave an item without `event.id`, `event.type`, or `body`.")
      }
      let reference = value["reference"]?.word ?? envelope.id
      do throws(BodyError) {
        let body = try await OffPool.dispatch.keep(bytes, mediaType: envelope.dataContentType, in: bodies)
        items.append(Page.Item(reference: reference, envelope: envelope, body: body))
      } catch {
        throw AdapterError(
          .outage(after: nil), code: "body", reason: "The message's bytes cannot be kept.", cause: "\(error)")
      }
    }
    return Page(items: items, cursor: answer["cursor"]?.word ?? cursor, hasMore: answer["hasMore"] == .flag(true))
  }

  func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError) {
    var (accepted, refused): ([JSONValue], [JSONValue]) = ([], [])
    for (index, item) in page.items.enumerated() {
      if let refusal = refusals[index] {
        refused.append(
          .object([
            "reference": .text(item.reference), "code": .text(refusal.code.rawValue), "reason": .text(refusal.reason),
          ]))
      } else {
        accepted.append(.text(item.reference))
      }
    }
    let params: [String: JSONValue] = [
      "source": .text(name), "accepted": .list(accepted), "refused": .list(refused),
    ]
    _ = try await seat.call("acknowledge", .object(params), patience: process.health + .seconds(60))
  }
}
