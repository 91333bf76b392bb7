internal import FoundationEssentials
internal import HubKit

/// An item of the list of received documents.
public struct AxisItem: Sendable, Hashable {
  /// The axis' name for it.
  public var docId: String
  /// `edoc` or `status`.
  public var messageType: String
  /// Code of the sender.
  public var from: String
  /// Code of the receiver.
  public var to: String
  /// When the axis took it, as it writes it.
  public var createdTime: String?
}

/// An agency as the axis lists it.
public struct AxisAgency: Sendable, Hashable {
  /// Code in use.
  public var code: String
  /// Name.
  public var name: String
  /// The older code of QCVN 102:2016; only in the list by Decision 20/2020.
  public var code102: String?

  /// Creates an agency.
  public init(code: String, name: String, code102: String? = nil) {
    self.code = code
    self.name = name
    self.code102 = code102
  }
}

/// A number or a text: the axis writes codes as either.
struct AxisText: Decodable {
  var text: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      text = String(number)
    } else {
      text = try container.decode(String.self)
    }
  }
}

/// What every answer of the axis begins with.
struct AxisEnvelope: Decodable {
  var status: String
  var errorCode: AxisText?
  var errorDesc: String?
  var docId: AxisText?
  var count: AxisText?

  enum CodingKeys: String, CodingKey {
    case status, count
    case errorCode = "ErrorCode"
    case errorDesc = "ErrorDesc"
    case docId = "DocId"
  }

  /// Success needs both: a status without a code is no answer.
  var isGood: Bool { status == "OK" && errorCode?.text == "0" }
}

struct AxisData<Data: Decodable>: Decodable {
  var data: Data
}

struct AxisItemReply: Decodable {
  var docId: AxisText
  var messageType: String?
  var from: String?
  var to: String?
  var created: String?

  enum CodingKeys: String, CodingKey {
    case docId, messageType, from, to
    case created = "created_time"
  }
}

struct AxisAgencyReply: Decodable {
  var code: String
  var name: String?
  var code102: String?
  var deleted: AxisFlag?
}

/// A flag, a number or a text: nobody has published which.
struct AxisFlag: Decodable {
  var value: Bool

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      value = flag
    } else if let number = try? container.decode(Int.self) {
      value = number != 0
    } else {
      value = ["true", "1"].contains(try container.decode(String.self).lowercased())
    }
  }
}
