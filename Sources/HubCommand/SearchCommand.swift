internal import ArgumentParser
internal import HubBus
internal import HubJournal
internal import HubKit

/// `lgsp search`: find exchanges.
struct SearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Tìm giao dịch / find exchanges.",
    discussion: """
      Ví dụ / examples:
        lgsp search --state failed
        lgsp search --key document=000.00.00.G22,2015/09/30,7816/VPCP
        lgsp search --sender H24.12 --from 2026-11-23T00:00:00Z --json
        lgsp search --person 031099000123   ai đã tra cứu người này / who looked at this person
      """)

  @Option(help: "Khoá nghiệp vụ / business key, as name=value or value.")
  var key: String?
  @Option(help: "Số định danh cá nhân, tìm theo mã băm có khoá / personal number, looked up by keyed hash.")
  var person: String?
  @Option(help: "Cơ quan gửi / sending agency.")
  var sender: String?
  @Option(help: "Cơ quan nhận / receiving agency.")
  var receiver: String?
  @Option(help: "Loại bản tin / event type.")
  var type: String?
  @Option(help: "Trạng thái / state: \(ExchangeState.allCases.map(\.rawValue).joined(separator: ", ")).")
  var state: String?
  @Option(help: "Từ / from, RFC 3339.")
  var from: String?
  @Option(help: "Đến / to, RFC 3339.")
  var to: String?
  @Option(help: "Mã giao dịch, mã bản tin hoặc subject, hoặc phần đầu / id, message id or subject, or its beginning.")
  var text: String?
  @Option(help: "Số dòng nhiều nhất / most rows.")
  var limit = 50
  @Flag(help: "Mỗi giao dịch một dòng JSON / one JSON line for each exchange.")
  var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let journal = try JournalAccess.reading(location.folder)
      let found = try ExchangeHistory(journal: journal).search(try query())
      if json {
        for view in found { try Output.json(view) }
      } else {
        Output.table(
          ["Nhận lúc / received", "Mã / id", "Loại / type", "Gửi / from", "Nhận / to", "Trạng thái / state"],
          found.map { view in
            [
              view.receivedAt.description, view.id.text, view.type, view.sender?.text ?? "-",
              view.receivers.map(\.text).joined(separator: ","), view.state.rawValue,
            ]
          })
        Output.line("\(found.count) giao dịch / exchanges")
      }
      await journal.close()
    }
  }

  private func query() throws -> SearchQuery {
    var query = SearchQuery()
    query.limit = limit
    if let key {
      let parts = key.split(separator: "=", maxSplits: 1).map(String.init)
      query.businessKey = parts.count == 2 ? (parts[0], parts[1]) : (nil, key)
    }
    query.person = person
    query.sender = sender
    query.receiver = receiver
    query.type = type
    query.text = text
    if let state {
      guard let known = ExchangeState(rawValue: state) else {
        throw Failure("Không có trạng thái \(state) / no such state; known: \(ExchangeState.allCases.map(\.rawValue))")
      }
      query.state = known
    }
    query.from = try Timestamp.option(from, "--from")
    query.to = try Timestamp.option(to, "--to")
    return query
  }
}

extension Timestamp {
  /// Reads an option that is a time.
  ///
  /// - Throws: ``Failure`` when it is none.
  static func option(_ text: String?, _ option: String) throws -> Timestamp? {
    guard let text else { return nil }
    guard let time = Timestamp(rfc3339: text) else {
      throw Failure(
        "\(option) \(text): không phải thời điểm RFC 3339 / no RFC 3339 time such as 2026-11-23T08:00:00+07:00")
    }
    return time
  }
}
