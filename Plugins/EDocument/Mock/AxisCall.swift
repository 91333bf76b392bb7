internal import EdXMLWire
internal import FoundationEssentials
internal import HubKit

/// One call of an operation.
struct AxisCall {
  private let request: ServedRequest
  let operation: String
  private let system: String

  init(_ request: ServedRequest) {
    self.request = request
    operation = request.path.split(separator: "/").last.map(String.init) ?? ""
    system = request.headers["XroadVnpt-systemid"] ?? ""
  }

  /// A parameter; field names know no case, so both spellings of docId are one.
  private func parameter(_ key: String) -> String? { request.headers["XroadVnpt-\(key)"] }

  /// The agencies that a fault could be meant for.
  func agencies(in state: AxisState) -> [String] {
    switch operation {
    case "sendEdoc": receivers
    case "getEdoc", "updateStatus", "downloadEdoc": (docId.flatMap { state.item($0)?.to }).map { [$0] } ?? []
    default: state.agencies.filter { $0.system == system }.map(\.code)
    }
  }

  private var docId: String? { parameter("docId") ?? parameter("filePath") }

  /// `to` is a JSON array in a string; some clients write a bare code.
  private var receivers: [String] {
    guard let text = parameter("to") else { return [] }
    let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8))
    return list ?? [text]
  }

  // MARK: - Operations

  func carryOut(on state: inout AxisState, at now: Timestamp, spoiledBy fault: AxisFault.Kind?) -> ServedResponse {
    let expected = ["countReceiveEdoc", "countReceiveStatus", "downloadEdoc"].contains(operation) ? "GET" : "POST"
    guard request.method == expected else { return ServedResponse(status: 405) }
    guard AxisSignature.isGood(request.headers, secret: state.systems[system]) else {
      return AxisAnswer.fail("15", "system name or signature is wrong")
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
    case "getAgenciesList": return AxisAnswer.agencies(state.agencies, .plain)
    case "getAgenciesListQD20": return AxisAnswer.agencies(state.agencies, .decision20)
    case "getSynchronizeUnit": return AxisAnswer.agencies(state.agencies, .unit)
    case "registerAgency": return register(&state)
    case "deleteAgency": return delete(&state)
    default: return ServedResponse(status: 404)
    }
  }

  private func send(_ state: inout AxisState, at now: Timestamp) -> ServedResponse {
    let messageType = parameter("messagetype") ?? "edoc"
    guard let from = parameter("from"), state.agency(from) != nil else {
      return AxisAnswer.fail("19", "the sender is not registered")
    }
    let to = receivers
    guard !to.isEmpty, to.allSatisfy({ state.agency($0) != nil }) else {
      return AxisAnswer.fail("18", "a receiver is not known")
    }
    let bytes = request.body.suffix(2) == [0x0D, 0x0A] ? Array(request.body.dropLast(2)) : request.body
    let hash = parameter("hash-file") ?? request.headers["hash-file"] ?? ""
    guard AxisSignature.digestMatches(hash, bytes) else {
      return AxisAnswer.fail("10", "the digest does not match the file")
    }
    guard let message = try? EdXMLReader.header(of: BytesReader(bytes)) else {
      return AxisAnswer.fail("22", "the file is no edXML")
    }
    let summary = EdXMLSummary(
      documentId: message.subjectId ?? "", title: message.subject ?? "", notation: message.notation ?? "")
    let name = state.take(
      AxisFile(
        messageType: messageType, from: from, to: to, bytes: bytes, digest: AxisSignature.digest(bytes),
        summary: summary), at: now)
    return AxisAnswer.sent(name)
  }

  private func waiting(_ state: AxisState, _ messageType: String) -> [AxisState.Item] {
    state.waitingItems(for: state.agencies.lazy.filter { $0.system == system }.map(\.code))
      .filter { $0.messageType == messageType }
  }

  private func page<Element>(_ all: [Element]) -> [Element] {
    let size = max(1, parameter("pageSize").flatMap { Int($0) } ?? 100)
    let index = max(1, parameter("pageIndex").flatMap { Int($0) } ?? 1)
    return Array(all.dropFirst((index - 1) * size).prefix(size))
  }

  private func list(_ state: AxisState, repeating: Bool) -> ServedResponse {
    let items = page(waiting(state, parameter("messagetype") ?? "edoc"))
    return AxisAnswer.received(repeating ? items.prefix(1) + items : items)
  }

  private func sentList(_ state: AxisState) -> ServedResponse {
    let type = parameter("messagetype")
    return AxisAnswer.sentList(
      page(state.items.filter { state.owns(system, $0.from) && (type == nil || $0.messageType == type) }))
  }

  private func ownItem(_ state: AxisState) -> AxisState.Item? {
    guard let item = docId.flatMap({ state.item($0) }), state.owns(system, item.to) else { return nil }
    return item
  }

  private func get(_ state: AxisState, truncated: Bool) -> ServedResponse {
    guard let item = ownItem(state) else { return AxisAnswer.fail("21", "there is no such item for this system") }
    let text = Base64Encoder.encode(item.bytes)
    return AxisAnswer.text(truncated ? Array(text.prefix(text.count / 2 | 1)) : text)
  }

  private func download(_ state: AxisState) -> ServedResponse {
    guard let item = ownItem(state) else { return AxisAnswer.fail("21", "there is no such item for this system") }
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", "application/octet-stream")], body: item.bytes)
  }

  private func update(_ state: inout AxisState, at now: Timestamp) -> ServedResponse {
    guard let item = ownItem(state) else { return AxisAnswer.fail("21", "there is no such item for this system") }
    guard let status = parameter("status").flatMap(AxisState.ItemState.init) else {
      return AxisAnswer.fail("20", "the status is not done, fail or processing")
    }
    state.mark(item.docId, status, description: parameter("statusDesc") ?? "", at: now)
    return AxisAnswer.good
  }

  private struct Registration: Decodable {
    var code: String
    var name: String?
  }

  private func register(_ state: inout AxisState) -> ServedResponse {
    guard let form = try? JSONDecoder().decode(Registration.self, from: Data(request.body)), !form.code.isEmpty else {
      return AxisAnswer.fail("20", "the agency cannot be read")
    }
    state.register(AxisState.Agency(code: form.code, name: form.name ?? form.code, system: system))
    return AxisAnswer.good
  }

  private func delete(_ state: inout AxisState) -> ServedResponse {
    let code = parameter("AgencyCode") ?? ""
    return state.removeAgency(code, of: system) ? AxisAnswer.good : AxisAnswer.fail("18", "there is no such agency")
  }
}
