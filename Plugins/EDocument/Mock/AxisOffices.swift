internal import AxisWire
internal import EdXMLWire
internal import HubKit

/// Plays the receiving offices: each document for one of them is picked up, acknowledged, and answered by status
/// messages to its sender over the axis itself. Each document is answered once, and the same calls at the same times
/// give the same bytes.
enum AxisOffices {
  private static let system = "mock.offices"
  private static let descriptions = [
    "01": "Đã đến", "02": "Từ chối tiếp nhận: sai nơi nhận", "03": "Đã tiếp nhận", "04": "Đã phân công",
    "05": "Đang xử lý", "06": "Hoàn thành", "15": "Đồng ý thu hồi, cập nhật", "16": "Từ chối thu hồi, cập nhật",
  ]

  /// Opens offices; codes that nobody registered get an account.
  static func open(_ codes: [String], statuses: [String]?, in state: inout AxisState) {
    if let statuses { state.officeStatuses = statuses }
    state.systems[system] = state.systems[system] ?? "mock-offices-key"
    for code in codes {
      state.offices.insert(code)
      if state.agency(code) == nil {
        state.register(AxisState.Agency(code: code, name: "Văn phòng \(code)", system: system))
      }
    }
  }

  /// Works off what lies on the desks.
  static func work(_ state: inout AxisState, at now: Timestamp) {
    guard !state.offices.isEmpty else { return }
    let waiting = state.waitingItems(for: state.offices).filter { $0.messageType == "edoc" && !$0.answered }
    for item in waiting {
      state.markAnswered(item.docId)
      state.mark(item.docId, .done, description: "picked up by the office", at: now)
      for code in state.officeStatuses { answer(item, code, &state, at: now) }
    }
  }

  private static func answer(_ item: AxisState.Item, _ code: String, _ state: inout AxisState, at now: Timestamp) {
    guard state.agency(item.from) != nil, let bytes = status(item, code, state, at: now) else { return }
    let summary = EdXMLSummary(documentId: item.summary.documentId, title: "", notation: item.summary.notation)
    _ = state.take(
      AxisFile(
        messageType: "status", from: item.to, to: [item.from], bytes: bytes, digest: AxisDigest.text(bytes),
        summary: summary), at: now)
  }

  private static func status(
    _ item: AxisState.Item, _ code: String, _ state: AxisState, at now: Timestamp
  ) -> [UInt8]? {
    guard let document = try? EdXMLReader.header(of: BytesReader(item.bytes)) else { return nil }
    var message = EdXMLMessage(kind: .status)
    message.updateMessageHeader { header in
      header = EdXMLElement(
        "MessageHeader",
        children: [
          EdXMLElement("From", children: [text("OrganId", item.to), text("OrganName", state.agency(item.to)?.name)]),
          EdXMLElement(
            "ResponseFor",
            children: [
              text("OrganId", item.from), text("Code", document.notation),
              text("PromulgationDate", document.promulgationDate?.text), text("DocumentId", document.documentId),
            ]),
          EdXMLElement("StaffInfo", children: [text("Department", "Văn thư"), text("Staff", "Cán bộ văn thư")]),
          text("StatusCode", code), text("Description", descriptions[code] ?? "Trạng thái \(code)"),
          text("Timestamp", TraceStamp.text(of: now)),
        ])
    }
    let writer = BytesWriter()
    guard (try? EdXMLWriter.write(message, from: MemoryBodyStore(), into: writer)) != nil else { return nil }
    return writer.bytes
  }

  private static func text(_ name: String, _ value: String?) -> EdXMLElement {
    EdXMLElement(name, text: value ?? "")
  }
}
