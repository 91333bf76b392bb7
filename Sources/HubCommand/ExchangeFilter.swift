internal import ArgumentParser
internal import HubJournal
internal import HubKit

/// Which exchanges a command is about: the same options for `search`, `record` and `replay`.
struct ExchangeFilter: ParsableArguments {
  @Option(help: "Khoá nghiệp vụ / business key, as name=value or value.")
  var key: String?
  @Option(help: "Cơ quan gửi / sending agency.")
  var sender: String?
  @Option(help: "Cơ quan nhận / receiving agency.")
  var receiver: String?
  @Option(help: "Loại bản tin / event type.")
  var type: String?
  @Option(help: "Trạng thái / state: \(ExchangeState.allCases.map(\.rawValue).joined(separator: ", ")).")
  var state: String?
  @Option(help: "Từ / received from then on: RFC 3339, or a day (+07:00).")
  var from: String?
  @Option(help: "Đến trước / received before then: RFC 3339, or a day (+07:00).")
  var to: String?
  @Option(help: "Mã giao dịch, mã bản tin hoặc subject, hoặc phần đầu / id, message id or subject, or its beginning.")
  var text: String?

  /// Whether nothing was asked for.
  var isEmpty: Bool { [key, sender, receiver, type, state, from, to, text].allSatisfy { $0 == nil } }

  /// What was asked for, in words.
  var words: String {
    let parts = [
      ("key", key), ("sender", sender), ("receiver", receiver), ("type", type), ("state", state), ("from", from),
      ("to", to), ("text", text),
    ]
    return parts.compactMap { name, value in value.map { "\(name) \($0)" } }.joined(separator: ", ")
  }

  /// The query.
  ///
  /// - Throws: ``Failure`` that names the option that makes no sense.
  func query(limit: Int) throws -> SearchQuery {
    var query = SearchQuery()
    query.limit = limit
    if let key {
      let parts = key.split(separator: "=", maxSplits: 1).map(String.init)
      query.businessKey = parts.count == 2 ? (parts[0], parts[1]) : (nil, key)
    }
    query.sender = sender
    query.receiver = receiver
    query.type = type
    query.text = text
    if let state {
      guard let known = ExchangeState(rawValue: state) else {
        let all = ExchangeState.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure("Không có trạng thái \(state) / no such state; known: \(all)")
      }
      query.state = known
    }
    query.from = try Self.time(from, "--from")
    query.to = try Self.time(to, "--to")
    return query
  }

  /// Reads an option that is a time, or a day.
  static func time(_ text: String?, _ option: String) throws -> Timestamp? {
    guard let text else { return nil }
    guard let time = Timestamp(dayOrTime: text) else {
      throw Failure(
        "\(option) \(text): không phải thời điểm RFC 3339 / no RFC 3339 time such as 2026-11-23T08:00:00+07:00")
    }
    return time
  }
}

extension Timestamp {
  /// A moment as in RFC 3339, or the beginning of a day of Viet Nam's time, as in `2026-11-23`.
  init?(dayOrTime text: String) {
    guard let time = Timestamp(rfc3339: text) ?? CalendarDay(text)?.beginning else { return nil }
    self = time
  }
}
