internal import FoundationEssentials
internal import HubKit

/// The axis' answers: JSON with `status`, `ErrorCode`, `ErrorDesc` and what was asked for.
enum AxisAnswer {
  private struct Answer<Data: Encodable>: Encodable {
    var status = "OK"
    var errorCode = "0"
    var errorDesc = ""
    var data: Data?
    var docId: String?
    var count: Int?

    enum CodingKeys: String, CodingKey {
      case status, data, count
      case errorCode = "ErrorCode"
      case errorDesc = "ErrorDesc"
      case docId = "DocId"
    }
  }

  static let good = json(Answer<String>())

  static func fail(_ code: String, _ description: String) -> ServedResponse {
    json(Answer<String>(status: "FAIL", errorCode: code, errorDesc: description))
  }

  static func sent(_ docId: String) -> ServedResponse { json(Answer<String>(docId: docId)) }

  static func count(_ count: Int) -> ServedResponse { json(Answer<String>(count: count)) }

  /// Base64 text is appended as it is: it needs no escaping and may be long.
  static func text(_ base64: [UInt8]) -> ServedResponse {
    let front = Array("{\"ErrorCode\":\"0\",\"ErrorDesc\":\"\",\"status\":\"OK\",\"data\":\"".utf8)
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", "application/json")],
      body: front + base64 + Array("\"}".utf8))
  }

  // MARK: - Lists

  private struct Received: Encodable {
    var docId, serviceType, messageType, created, updated, from, to, status, statusDescription: String

    enum CodingKeys: String, CodingKey {
      case docId, serviceType, messageType, from, to, status
      case created = "created_time"
      case updated = "updated_time"
      case statusDescription = "status_desc"
    }
  }

  static func received(_ items: some Sequence<AxisState.Item>) -> ServedResponse {
    json(
      Answer(
        data: items.map { item in
          Received(
            docId: item.docId, serviceType: "eDoc", messageType: item.messageType, created: time(item.createdAt),
            updated: time(item.updatedAt), from: item.from, to: item.to, status: item.state.rawValue,
            statusDescription: item.stateDescription)
        }))
  }

  private struct Sent: Encodable {
    var serviceType, messageType, senderDocId, receiverDocId, fromCode, toCode, title, notation, sentTime: String
    var receivedTime, sendStatus, sendStatusDesc, receiveStatus, receiveStatusDesc: String
  }

  static func sentList(_ items: [AxisState.Item]) -> ServedResponse {
    json(
      Answer(
        data: items.map { item in
          Sent(
            serviceType: "eDoc", messageType: item.messageType, senderDocId: item.senderDocId,
            receiverDocId: item.docId, fromCode: item.from, toCode: item.to, title: item.summary.title,
            notation: item.summary.notation, sentTime: time(item.createdAt), receivedTime: time(item.updatedAt),
            sendStatus: "done", sendStatusDesc: "", receiveStatus: item.state.rawValue,
            receiveStatusDesc: item.stateDescription)
        }))
  }

  enum AgencyShape { case plain, decision20, unit }

  private struct AgencyRow: Encodable {
    var id, pid, code, name, mail, oldCode: String
    var code102, version, centerCode, modifyDate: String?
    var deleted, isAgency: Bool?
  }

  static func agencies(_ agencies: [AxisState.Agency], _ shape: AgencyShape) -> ServedResponse {
    json(
      Answer(
        data: agencies.enumerated().map { index, agency in
          var row = AgencyRow(
            id: String(index + 1), pid: "0", code: agency.code, name: agency.name, mail: "",
            oldCode: oldCode(agency.code))
          if shape == .decision20 { row.code102 = oldCode(agency.code) }
          if shape == .unit {
            row.version = "1"
            row.centerCode = agency.system
            row.modifyDate = ""
            row.deleted = false
            row.isAgency = true
          }
          return row
        }))
  }

  /// The form of QCVN 102:2016 of a code of Decision 20/2020: groups from right to left, three, two and two digits.
  /// Codes of other shapes stay as they are.
  static func oldCode(_ code: String) -> String {
    let groups = code.split(separator: ".").map(String.init)
    guard groups.count <= 4, let province = groups.first, province.count == 3, province.first?.isLetter == true,
      groups.dropFirst().allSatisfy({ $0.allSatisfy(\.isNumber) })
    else { return code }
    let widths = [2, 2, 3]
    let padded = (0..<3).map { index in
      let group = groups.count > index + 1 ? groups[index + 1] : ""
      return String(repeating: "0", count: max(0, widths[index] - group.count)) + group
    }
    return (padded.reversed() + [province]).joined(separator: ".")
  }

  // MARK: - Text

  static func json(_ value: some Encodable) -> ServedResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return ServedResponse(status: 500) }
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", "application/json")], body: Array(data))
  }

  /// Vietnam's time.
  static func time(_ time: Timestamp) -> String {
    let text = (time + .seconds(7 * 3600)).description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
  }
}
