internal import AxisWire
internal import EdXMLWire
internal import HubKit
internal import JSONWire

// What waits for a system's agencies: listed, fetched, and gone once it was acknowledged. What is not acknowledged
// comes again with the next list; the lease bears the system's name, so that it is its own again.

extension DocumentOffice {
  private var lease: String { "vxp \(settings.systemId)" }

  private static let pageMax = 500

  func received(_ call: AxisRequest) async -> ServedResponse {
    guard ["initial", "processing", nil].contains(call.parameter("status")) else {
      return AxisAnswer.list([AxisReceivedRow]())
    }
    let wanted = min(Self.pageMax, call.pageSize * call.pageIndex)
    let items = await waiting(call.messageType, limit: wanted)
    return AxisAnswer.list(
      call.page(of: items).map { item in
        AxisReceivedRow(
          docId: item.id, messageType: item.envelope.type == EdXMLMessage.statusType ? "status" : "edoc",
          created: AxisAnswer.time(item.receivedAt), updated: AxisAnswer.time(item.receivedAt),
          from: item.envelope.sender?.text ?? "", to: item.envelope.receivers.first?.text ?? "", status: "initial",
          statusDescription: "")
      })
  }

  /// Oldest first, over all agencies of the system.
  private func waiting(_ messageType: String, limit: Int) async -> [InboxItem] {
    let type = messageType == "status" ? EdXMLMessage.statusType : EdXMLMessage.documentType
    var items: [InboxItem] = []
    for agency in agencies {
      items += await context.inbox.fetch(for: agency.code, limit: limit, type: type, holder: lease)
    }
    return Array(items.sorted { ($0.receivedAt, $0.id) < ($1.receivedAt, $1.id) }.prefix(limit))
  }

  /// An item that the system holds; after a restart of the hub nobody holds anything, so it is fetched anew.
  private func held(_ docId: String?) async -> (item: InboxItem, agency: Agency)? {
    guard let docId else { return nil }
    for isAgain in [false, true] {
      for agency in agencies {
        if isAgain { _ = await context.inbox.fetch(for: agency.code, limit: Self.pageMax, type: nil, holder: lease) }
        if let item = await context.inbox.held(docId, by: agency.code, lease: lease) { return (item, agency) }
      }
    }
    return nil
  }

  private static func unknown(_ docId: String?) -> ServedResponse {
    AxisAnswer.fail(
      .unprocessable,
      "Không có văn bản \(docId ?? "-") chờ hệ thống này / no such item waits for this system: it may have been "
        + "acknowledged before.")
  }

  func item(_ call: AxisRequest) async -> ServedResponse {
    guard let (item, _) = await held(call.docId) else { return Self.unknown(call.docId) }
    let (bodies, organisation) = (context.gateway.bodies, settings.organisation)
    let isText = call.operation == "getEdoc"
    return await OffPool.dispatch.run {
      do {
        let file =
          item.envelope.type == EdXMLMessage.documentType
          ? try OutgoingEdXML(stamping: item.body, in: bodies, organisation: organisation, time: item.receivedAt)
          : OutgoingEdXML(item.body, in: bodies)
        return isText ? try Self.text(of: file) : try Self.bytes(of: file)
      } catch {
        return AxisAnswer.fail(.system, "Chưa đọc được nội dung, hãy thử lại / the content cannot be read now.")
      }
    }
  }

  private static func text(of file: OutgoingEdXML) throws(BodyError) -> ServedResponse {
    var response = ServedResponse(status: 200, headers: [HeaderField("Content-Type", "application/json")])
    response.stream = ServedStream(
      Base64Reader(try file.open(), front: AxisAnswer.itemFront, back: AxisAnswer.itemBack),
      byteCount: AxisAnswer.itemFront.count + Base64Reader.byteCount(of: file.byteCount) + AxisAnswer.itemBack.count)
    return response
  }

  private static func bytes(of file: OutgoingEdXML) throws(BodyError) -> ServedResponse {
    var response = ServedResponse(status: 200, headers: [HeaderField("Content-Type", "application/octet-stream")])
    response.stream = ServedStream(try file.open(), byteCount: file.byteCount)
    return response
  }

  /// `done` ends it; `fail` ends it as refused, with the reason; `processing` leaves it with the system.
  func acknowledge(_ call: AxisRequest) async -> ServedResponse {
    guard let (item, agency) = await held(call.docId) else { return Self.unknown(call.docId) }
    let refusal: String?
    switch call.parameter("status") {
    case "done": refusal = nil
    case "fail":
      let reason = call.parameter("statusDesc").flatMap { PercentDecoding.path($0) } ?? ""
      refusal = reason.isEmpty ? "fail" : String(reason.prefix(500))
    case "processing": return AxisAnswer.good
    default:
      return AxisAnswer.fail(.system, "status phải là done, fail hoặc processing / must be one of these.")
    }
    switch await context.inbox.acknowledge(item.id, by: agency.code, lease: lease, refusal: refusal) {
    case .done: return AxisAnswer.good
    case .unknown, .leaseEnded: return Self.unknown(call.docId)
    }
  }
}
