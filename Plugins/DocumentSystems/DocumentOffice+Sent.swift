internal import AxisWire
internal import EdXMLWire
internal import HubKit
internal import JSONWire

// What a system's agencies send, and the list of it.

extension DocumentOffice {
  /// The answer to a send, and whether the hub has the file now.
  struct Sending: Sendable {
    var response: ServedResponse
    var isTaken: Bool

    static func refused(_ code: AxisFailure, _ description: String) -> Sending {
      Sending(response: AxisAnswer.fail(code, description), isTaken: false)
    }
  }

  /// Takes a file in. It answers OK once the file is on the disk; the same file again gets the same answer.
  func send(_ call: AxisRequest, _ body: Body) async -> Sending {
    guard let from = ownAgency(call.parameter("from")) else { return .refused(.unknownSender, "from") }
    let (bodies, digest) = (context.gateway.bodies, call.fileDigest)
    let look: Look
    switch await OffPool.dispatch.run({ Self.look(body, digest, in: bodies) }) {
    case .file(let value): look = value
    case .refused(let code, let reason): return .refused(code, reason)
    }
    var envelope = Envelope(
      id: look.id(for: call.receivers), source: "/vxp/\(settings.systemId)", type: look.type)
    envelope.sender = from.code
    envelope.dataContentType = "application/xml"
    envelope.extensions[ExtensionName.receiver] = receivers(call).joined(separator: ",")
    do throws(NotAccepted) {
      let message = Message(envelope: envelope, body: body, principal: .endpoint(context.endpoint))
      let receipts = try await context.gateway.accept([message], advancing: nil)
      let isNew = receipts.first?.duplicate == false
      return Sending(response: AxisAnswer.sent(receipts.first?.exchange.text ?? ""), isTaken: isNew)
    } catch {
      return Sending(response: Self.answer(error), isTaken: false)
    }
  }

  /// Each agency once, however often and by whatever code it is named.
  private func receivers(_ call: AxisRequest) -> [String] {
    var seen = Set<OrganisationCode>()
    return call.receivers.filter { text in
      guard let code = OrganisationCode(text) else { return true }
      return seen.insert(context.directory.agency(code)?.code ?? code).inserted
    }
  }

  /// What a file says of itself.
  private struct Look: Sendable {
    var type: String
    var documentId: String?
    var business: String
    var digest: [UInt8]

    /// The interface has no name for a send, so it is named by what is sent: a document by its own id, by what it does
    /// and by its receivers, so that other content under the same name is found out; a status by its bytes.
    func id(for receivers: [String]) -> String {
      let bytes = AxisDigest.hex(digest, style: .padded)
      guard type == EdXMLMessage.documentType, let documentId, documentId.utf8.count <= 512 else { return bytes }
      let whom = AxisDigest.text(Array(([business] + receivers.sorted()).joined(separator: "\n").utf8))
      return "\(documentId) \(whom.prefix(16))"
    }
  }

  private enum Looked: Sendable {
    case file(Look)
    case refused(AxisFailure, String)
  }

  private static func look(_ body: Body, _ announced: String, in bodies: any BodyStore) -> Looked {
    do throws(BodyError) {
      let digest = try AxisDigest.file(try bodies.reader(of: body))
      guard AxisDigest.matches(announced, digest) else {
        return .refused(.badFile, "hash-file không khớp với tệp / hash-file is not the digest of the file.")
      }
      let reader = try bodies.reader(of: body)
      do throws(InvalidMessage) {
        let header = try EdXMLReader.header(of: reader)
        return .file(
          Look(
            type: header.eventType, documentId: header.documentId, business: header.business?.rawValue ?? "",
            digest: digest))
      } catch {
        return .refused(.noEdXML, error.violations.map(\.description).joined(separator: "; "))
      }
    } catch {
      return .refused(.system, "Chưa đọc được tệp, hãy gửi lại / the file cannot be read now: send it again.")
    }
  }

  /// A refusal of the door in the axis' words.
  private static func answer(_ refusal: NotAccepted) -> ServedResponse {
    let code: AxisFailure =
      switch refusal.code {
      case .invalid: .noEdXML
      case .forbidden: .unknownSender
      case .secret, .conflict: .unprocessable
      case .tooLarge: .badFile
      case .unknownReceiver: .unknownReceiver
      case .noRoute, .tooMany, .unavailable, .full: .system
      }
    var response = AxisAnswer.fail(code, refusal.reason)
    guard code == .system, refusal.code != .noRoute else { return response }
    response.status = 503
    response.headers.append(HeaderField("Retry-After", "\(max(1, refusal.retryAfter?.components.seconds ?? 30))"))
    return response
  }

  // MARK: - List

  private static let sentMax = 1000

  /// What the agencies sent, a row for each receiver, newest first.
  func sent(_ call: AxisRequest) async -> ServedResponse {
    let type = call.messageType == "status" ? EdXMLMessage.statusType : EdXMLMessage.documentType
    let from = Self.day(call.parameter("fromDate")) ?? Timestamp(microseconds: 0)
    let to = Self.day(call.parameter("toDate")).map { $0 + .seconds(86_400) } ?? context.clock.now + .seconds(1)
    guard from < to else { return AxisAnswer.list([AxisSentRow]()) }
    guard
      let messages = try? await context.record.sent(
        by: agencies.map(\.code), type: type, in: from..<to, limit: Self.sentMax)
    else { return AxisAnswer.fail(.system, "Chưa đọc được sổ giao dịch / the journal cannot be read now.") }
    return AxisAnswer.list(call.page(of: messages.flatMap { Self.rows(of: $0, call.messageType) }))
  }

  /// The beginning of a day of Vietnam, as `dd/MM/yyyy`, `yyyy-MM-dd` or `yyyy/MM/dd`.
  private static func day(_ text: String?) -> Timestamp? {
    text.flatMap { EdXMLDate($0).iso }.flatMap { CalendarDay($0)?.beginning }
  }

  private static func rows(of message: SentMessage, _ messageType: String) -> [AxisSentRow] {
    message.exchange.deliveries.filter { $0.role == nil }.map { delivery in
      var row = AxisSentRow()
      (row.messageType, row.senderDocId, row.receiverDocId) = (messageType, message.exchange.id.text, delivery.id)
      (row.fromCode, row.toCode) = (message.exchange.sender?.text ?? "", delivery.receiver?.text ?? "")
      row.title = message.exchange.subject ?? ""
      row.notation = message.key("notation") ?? ""
      row.sentTime = AxisAnswer.time(message.exchange.receivedAt)
      row.receivedTime = message.exchange.settledAt.map { AxisAnswer.time($0) } ?? ""
      row.receiveStatus = delivery.state.axisWord
      row.receiveStatusDesc = delivery.reason ?? ""
      return row
    }
  }
}

extension DeliveryState {
  /// The axis' word for it.
  fileprivate var axisWord: String {
    switch self {
    case .waiting, .held: "initial"
    case .parked: "processing"
    case .delivered: "done"
    case .refused, .expired, .abandoned: "fail"
    }
  }
}
