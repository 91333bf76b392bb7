internal import HubKit

/// Something that goes wrong on purpose, a number of times.
struct CitizenFault: Codable {
  /// The mock's own list of errors: ours, not C06's.
  enum Code: String, Codable, CaseIterable {
    /// A part of the request is missing, double, or out of order.
    case incomplete = "DC-01"
    /// User name or password is wrong.
    case credentials = "DC-02"
    /// The timestamp is too far from the clock.
    case clock = "DC-03"
    /// The account may not use this service.
    case service = "DC-04"
    /// The official may not ask.
    case official = "DC-05"
    /// A value has the wrong form.
    case value = "DC-06"
    /// Too many questions.
    case tooMany = "DC-07"
    /// The database failed.
    case inside = "DC-08"
    /// The MaYeuCau was used for another question.
    case reused = "DC-09"

    var words: String {
      switch self {
      case .incomplete: "Yêu cầu thiếu thông tin hoặc sai thứ tự"
      case .credentials: "Sai tài khoản hoặc mật khẩu"
      case .clock: "Timestamp lệch thời gian cho phép"
      case .service: "Tài khoản không được dùng dịch vụ này"
      case .official: "Cán bộ không được phép tra cứu"
      case .value: "Giá trị không đúng định dạng"
      case .tooMany: "Vượt quá số lượt tra cứu"
      case .inside: "Lỗi hệ thống"
      case .reused: "Mã yêu cầu đã dùng cho yêu cầu khác"
      }
    }

    /// Whether the caller is at fault.
    var isCallers: Bool { self != .inside && self != .tooMany }
  }

  enum Kind: String, Codable, CaseIterable {
    /// The answer waits for `milliseconds`.
    case slow
    /// As if the caller's clock were off (DC-03); nothing is written down.
    case skew
    /// The fault `code`; nothing is written down.
    case errorCode = "error-code"
    /// Status 503; nothing is written down.
    case unavailable
    /// The answer's data are in another namespace.
    case wrongSchema = "wrong-schema"
    /// Status 200 and no body, after the question was written down.
    case emptyBody = "empty-body"
    /// Status 200 and a page of HTML, after the question was written down.
    case html
    /// The answer names another MaYeuCau.
    case otherRequest = "other-request"
    /// The answer is about another person.
    case otherPerson = "other-person"
    /// The answer names a second person.
    case twoPersons = "two-persons"
    /// The answer begins with a document type declaration and an entity that grows.
    case doctype
    /// The answer nests a thousand elements.
    case deep
    /// The answer ends in the middle.
    case truncated
  }

  var fault: Kind
  /// How many calls it spoils; nil: one; negative: all.
  var times: Int?
  /// `verify` or `lookup`; nil: both.
  var operation: String?
  /// Code of `error-code`; nil: DC-08.
  var code: Code?
  /// Delay of `slow`; nil: a second.
  var milliseconds: Int?
}

extension CitizenState {
  /// The fault that spoils a call, if there is one; it is used up by that.
  mutating func fault(for operation: CitizenCall.Operation) -> CitizenFault? {
    let word = operation == .verify ? "verify" : "lookup"
    guard let position = faults.firstIndex(where: { $0.times != 0 && ($0.operation ?? word) == word }) else {
      return nil
    }
    let fault = faults[position]
    let left = (fault.times ?? 1) - 1
    if left == 0 {
      faults.remove(at: position)
    } else if left > 0 {
      faults[position].times = left
    }
    return fault
  }
}
