internal import AxisWire
internal import EdXMLWire
internal import FoundationEssentials
internal import HubKit

/// One call of an operation.
struct AxisCall {
  private let request: AxisRequest
  private let body: [UInt8]

  init(_ request: ServedRequest) {
    self.request = AxisRequest(request)
    body = request.body
  }

  var operation: String { request.operation }
  private var system: String { request.system }

  /// The agencies that a fault could be meant for.
  func agencies(in state: AxisState) -> [String] {
    switch operation {
    case "sendEdoc": request.receivers
    case "getEdoc", "updateStatus", "downloadEdoc": (request.docId.flatMap { state.item($0)?.to }).map { [$0] } ?? []
    default: state.agencies.filter { $0.system == system }.map(\.code)
    }
  }

  // MARK: - Operations

  func carryOut(on state: inout AxisState, at now: Timestamp, spoiledBy fault: AxisFault.Kind?) -> ServedResponse {
    guard request.hasRightMethod else { return ServedResponse(status: 405) }
    guard request.isSigned(with: state.systems[system]) else {
      return AxisAnswer.fail(.badSignature, "system name or signature is wrong")
    }
    switch operation {
    case "sendEdoc": return send(&state, at: now)
    case "getReceivedEdocList": return list(state, repeating: fault == .duplicateDocId)
    case "getSentEdocList": return sentList(state)
    case "getEdoc": return get(state, truncated: fault == .truncatedBase64)
    case "downloadEdoc": return download(state)
    case "updateStatus": return update(&state, at: now)
    case "countReceiveEdoc": return AxisAnswer.count(waiting(state, "edoc").count)
    case "countReceiveStatus": return AxisAnswer.count(waiting(state, "status").count)
    case "getAgenciesList": return agencies(state, .plain)
    case "getAgenciesListQD20": return agencies(state, .decision20)
    case "getSynchronizeUnit": return agencies(state, .unit)
    case "registerAgency": return register(&state)
    case "deleteAgency": return delete(&state)
    default: return ServedResponse(status: 404)
    }
  }

  private func send(_ state: inout AxisState, at now: Timestamp) -> ServedResponse {
    guard let from = request.parameter("from"), state.agency(from) != nil else {
      return AxisAnswer.fail(.unknownSender, "the sender is not registered")
    }
    let to = request.receivers
    guard !to.isEmpty, to.allSatisfy({ state.agency($0) != nil }) else {
      return AxisAnswer.fail(.unknownReceiver, "a receiver is not known")
    }
    let bytes = body.suffix(2) == [0x0D, 0x0A] ? Array(body.dropLast(2)) : body
    guard let digest = try? AxisDigest.file(BytesReader(bytes)), AxisDigest.matches(request.fileDigest, digest) else {
      return AxisAnswer.fail(.badFile, "the digest does not match the file")
    }
    guard let message = try? EdXMLReader.header(of: BytesReader(bytes)) else {
      return AxisAnswer.fail(.noEdXML, "the file is no edXML")
    }
    let summary = EdXMLSummary(
      documentId: message.subjectId ?? "", title: message.subject ?? "", notation: message.notation ?? "")
    let name = state.take(
      AxisFile(
        messageType: request.messageType, from: from, to: to, bytes: bytes,
        digest: AxisDigest.hex(digest, style: .padded), summary: summary), at: now)
    return AxisAnswer.sent(name)
  }

  private func waiting(_ state: AxisState, _ messageType: String) -> [AxisState.Item] {
    state.waitingItems(for: state.agencies.lazy.filter { $0.system == system }.map(\.code))
      .filter { $0.messageType == messageType }
  }

  private func list(_ state: AxisState, repeating: Bool) -> ServedResponse {
    let items = request.page(of: waiting(state, request.messageType))
    return AxisAnswer.list((repeating ? items.prefix(1) + items : items).map(\.receivedRow))
  }

  private func sentList(_ state: AxisState) -> ServedResponse {
    let type = request.parameter("messagetype")
    let own = state.items.filter { state.owns(system, $0.from) && (type == nil || $0.messageType == type) }
    return AxisAnswer.list(request.page(of: own).map(\.sentRow))
  }

  private func agencies(_ state: AxisState, _ shape: AxisAgencyRow.Shape) -> ServedResponse {
    AxisAnswer.list(
      state.agencies.enumerated().map { index, agency in
        AxisAgencyRow(
          number: index + 1, code: agency.code, name: agency.name, oldCode: AxisAnswer.oldCode(agency.code),
          system: agency.system, shape)
      })
  }

  private static let noItem = AxisAnswer.fail(.unprocessable, "there is no such item for this system")

  private func ownItem(_ state: AxisState) -> AxisState.Item? {
    guard let item = request.docId.flatMap({ state.item($0) }), state.owns(system, item.to) else { return nil }
    return item
  }

  private func get(_ state: AxisState, truncated: Bool) -> ServedResponse {
    guard let item = ownItem(state) else { return Self.noItem }
    let text = Base64Encoder.encode(item.bytes)
    return AxisAnswer.item(truncated ? Array(text.prefix(text.count / 2 | 1)) : text)
  }

  private func download(_ state: AxisState) -> ServedResponse {
    guard let item = ownItem(state) else { return Self.noItem }
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", "application/octet-stream")], body: item.bytes)
  }

  private func update(_ state: inout AxisState, at now: Timestamp) -> ServedResponse {
    guard let item = ownItem(state) else { return Self.noItem }
    guard let status = request.parameter("status").flatMap(AxisState.ItemState.init) else {
      return AxisAnswer.fail(.system, "the status is not done, fail or processing")
    }
    state.mark(item.docId, status, description: request.parameter("statusDesc") ?? "", at: now)
    return AxisAnswer.good
  }

  private struct Registration: Decodable {
    var code: String
    var name: String?
  }

  private func register(_ state: inout AxisState) -> ServedResponse {
    guard let form = try? JSONDecoder().decode(Registration.self, from: Data(body)), !form.code.isEmpty else {
      return AxisAnswer.fail(.system, "the agency cannot be read")
    }
    state.register(AxisState.Agency(code: form.code, name: form.name ?? form.code, system: system))
    return AxisAnswer.good
  }

  private func delete(_ state: inout AxisState) -> ServedResponse {
    let code = request.parameter("AgencyCode") ?? ""
    guard state.removeAgency(code, of: system) else {
      return AxisAnswer.fail(.unknownReceiver, "there is no such agency")
    }
    return AxisAnswer.good
  }
}

extension AxisState.Item {
  fileprivate var receivedRow: AxisReceivedRow {
    AxisReceivedRow(
      docId: docId, messageType: messageType, created: AxisAnswer.time(createdAt), updated: AxisAnswer.time(updatedAt),
      from: from, to: to, status: state.rawValue, statusDescription: stateDescription)
  }

  fileprivate var sentRow: AxisSentRow {
    var row = AxisSentRow()
    (row.messageType, row.senderDocId, row.receiverDocId) = (messageType, senderDocId, docId)
    (row.fromCode, row.toCode, row.title, row.notation) = (from, to, summary.title, summary.notation)
    (row.sentTime, row.receivedTime) = (AxisAnswer.time(createdAt), AxisAnswer.time(updatedAt))
    (row.receiveStatus, row.receiveStatusDesc) = (state.rawValue, stateDescription)
    return row
  }
}
