public import HubKit
internal import JSONWire

/// The axis' answers: JSON with `status`, `ErrorCode`, `ErrorDesc` and what was asked for.
public enum AxisAnswer {
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

  /// It is done.
  public static let good = ServedResponse.encoding(Answer<String>())

  /// It is not done.
  public static func fail(_ code: AxisFailure, _ description: String) -> ServedResponse {
    fail(code: code.rawValue, description)
  }

  /// It is not done, for a reason that the list of ours does not have.
  public static func fail(code: String, _ description: String) -> ServedResponse {
    .encoding(Answer<String>(status: "FAIL", errorCode: code, errorDesc: description))
  }

  /// A message was taken under a name.
  public static func sent(_ docId: String) -> ServedResponse { .encoding(Answer<String>(docId: docId)) }

  /// How many wait.
  public static func count(_ count: Int) -> ServedResponse { .encoding(Answer<String>(count: count)) }

  /// What stands before and behind the base64 text of an item, which needs no escaping.
  public static let itemFront = Array("{\"ErrorCode\":\"0\",\"ErrorDesc\":\"\",\"status\":\"OK\",\"data\":\"".utf8)
  /// See ``itemFront``.
  public static let itemBack = Array("\"}".utf8)

  /// An item, as base64 text.
  public static func item(_ base64: [UInt8]) -> ServedResponse {
    ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", "application/json")], body: itemFront + base64 + itemBack)
  }

  /// A list.
  public static func list(_ rows: [some Encodable]) -> ServedResponse { .encoding(Answer(data: rows)) }

  /// The form of QCVN 102:2016 of a code of Decision 20/2020: groups from right to left, three, two and two digits.
  /// Codes of other shapes stay as they are.
  public static func oldCode(_ code: String) -> String {
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

  /// Vietnam's time.
  public static func time(_ time: Timestamp) -> String {
    let text = (time + CalendarDay.offset).description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
  }
}
