internal import HubKit

/// Makes the life of a document from what the journal holds, message by message in the order of receipt. The same
/// messages always give the same life.
struct DocumentFold {
  private(set) var life: DocumentLife

  init(_ documentId: String) { life = DocumentLife(documentId: documentId) }

  /// Takes in the next message.
  mutating func take(_ message: SentMessage) {
    let exchange = message.exchange
    let isStatus = exchange.type == EventTypes.documentStatus
    let code = message.attribute(ExtensionName.documentStatus)
    let action = message.attribute(ExtensionName.documentAction) ?? "new"
    life.exchanges.append(
      DocumentLife.Exchange(
        id: exchange.id, kind: isStatus ? "status \(code ?? "?")" : action, at: exchange.receivedAt,
        state: exchange.state))
    if isStatus {
      if let code { take(code, of: message) }
    } else if exchange.subject == life.documentId, action == "new" || life.sentAt == nil {
      send(message)
    } else {
      change(message, action)
    }
  }

  // MARK: - Documents

  private mutating func send(_ message: SentMessage) {
    let exchange = message.exchange
    life.sender = life.sender ?? exchange.sender
    life.sentAt = life.sentAt ?? exchange.receivedAt
    life.notation = life.notation ?? message.key("notation")
    for note in message.notes {
      if note.rule.contains("signature") { life.signatures.append(note.message) } else { life.notes.append("\(note)") }
    }
    let own = exchange.deliveries.filter { $0.role == nil }
    for code in exchange.receivers { _ = index(of: code) }
    for delivery in own {
      guard let code = delivery.receiver else { continue }
      let end = exchange.events.last { $0.receiver == code && $0.name == delivery.state.rawValue }?.at
      take(delivery, ended: end, of: index(of: code))
    }
  }

  private mutating func take(_ delivery: DeliveryView, ended: Timestamp?, of index: Int) {
    var receiver = life.receivers[index]
    // A document that is sent anew does not take back what is known of it.
    guard receiver.deliveredAt == nil else { return }
    (receiver.delivery, receiver.endpoint) = (delivery.id, delivery.endpoint)
    switch delivery.state {
    case .waiting, .held: receiver.state = .sent
    case .parked: receiver.state = .parked
    case .delivered:
      receiver.state = .delivered
      receiver.deliveredAt = ended
    case .refused, .expired, .abandoned: receiver.state = .undelivered
    }
    receiver.reason = delivery.state == .delivered ? nil : delivery.reason
    receiver.since = ended
    life.receivers[index] = receiver
  }

  private mutating func change(_ message: SentMessage, _ action: String) {
    let exchange = message.exchange
    life.changes.append(
      DocumentLife.Change(
        kind: action, documentId: exchange.subject, at: exchange.receivedAt, exchange: exchange.id,
        receivers: exchange.receivers))
    for code in exchange.receivers { life.receivers[index(of: code)].change = "asked" }
  }

  private mutating func index(of code: OrganisationCode) -> Int {
    if let index = life.receivers.firstIndex(where: { $0.receiver == code }) { return index }
    life.receivers.append(DocumentLife.Receiver(code))
    return life.receivers.count - 1
  }

  // MARK: - Statuses

  private mutating func take(_ code: String, of message: SentMessage) {
    let exchange = message.exchange
    for receiver in DocumentStatus.receivers(told: code, by: exchange.sender, to: exchange.receivers) {
      let index = index(of: receiver)
      let counted = move(&life.receivers[index], by: code, at: exchange.receivedAt)
      life.receivers[index].statuses.append(
        DocumentLife.Status(
          code: code, at: exchange.receivedAt, sender: exchange.sender, exchange: exchange.id, counted: counted))
    }
  }

  /// - Returns: whether it moved the document on.
  private func move(_ receiver: inout DocumentLife.Receiver, by code: String, at time: Timestamp) -> Bool {
    if code == "15" || code == "16" {
      guard receiver.change == "asked" else { return false }
      receiver.change = code == "15" ? "agreed" : "refused"
      let wasRecalled = life.changes.last { $0.receivers.contains(receiver.receiver) }?.kind == "revoke"
      if code == "15", wasRecalled { (receiver.state, receiver.since) = (.revoked, time) }
      return true
    }
    guard let next = DocumentStatus(rawValue: code)?.state, next.mayFollow(receiver.state) else { return false }
    (receiver.state, receiver.since) = (next, time)
    return true
  }
}

extension DocumentLife.State {
  /// How far it has come; what has ended goes nowhere.
  private var rank: Int {
    switch self {
    case .sent, .parked, .undelivered: 0
    case .delivered: 1
    case .arrived: 2
    case .accepted: 3
    case .assigned: 4
    case .processing: 5
    case .completed: 6
    case .refused, .takenBack, .revoked: 7
    }
  }

  /// Whether a status may take a document from one state to another: forward only; it is refused or taken back before
  /// it was accepted, or not at all.
  func mayFollow(_ earlier: DocumentLife.State) -> Bool {
    if self == .refused || self == .takenBack { return earlier.rank < DocumentLife.State.accepted.rank }
    return rank > earlier.rank
  }
}

/// The codes of status messages (QCVN 102:2016/BTTTT, amended by SĐ 1:2022).
public enum DocumentStatus: String, Sendable, CaseIterable {
  /// The receiver's system has it.
  case arrived = "01"
  /// It is not accepted, for a reason.
  case refused = "02"
  /// It is accepted.
  case accepted = "03"
  /// Somebody was given it.
  case assigned = "04"
  /// Somebody works on it.
  case processing = "05"
  /// It is dealt with.
  case completed = "06"
  /// Its sender takes it back.
  case takenBack = "13"
  /// The receiver agrees to a recall or change.
  case agreed = "15"
  /// He does not.
  case disagreed = "16"

  /// In the official words, then in English.
  public var words: String {
    switch self {
    case .arrived: "đã đến / arrived"
    case .refused: "từ chối tiếp nhận / refused"
    case .accepted: "đã tiếp nhận / accepted"
    case .assigned: "đã phân công / assigned"
    case .processing: "đang xử lý / in process"
    case .completed: "hoàn thành / completed"
    case .takenBack: "lấy lại / taken back"
    case .agreed: "đồng ý thu hồi, cập nhật / agrees to the change"
    case .disagreed: "từ chối thu hồi, cập nhật / refuses the change"
    }
  }

  /// Where the document stands by it; nil: it answers a recall or change.
  var state: DocumentLife.State? {
    switch self {
    case .arrived: .arrived
    case .refused: .refused
    case .accepted: .accepted
    case .assigned: .assigned
    case .processing: .processing
    case .completed: .completed
    case .takenBack: .takenBack
    case .agreed, .disagreed: nil
    }
  }
}
