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
        lgsp search --results monday-next --key replay=different   trong kết quả phát lại / in a replay's results
      """)

  @Option(help: "Số định danh cá nhân, tìm theo mã băm có khoá / personal number, looked up by keyed hash.")
  var person: String?
  @OptionGroup var filter: ExchangeFilter
  @Option(help: "Số dòng nhiều nhất / most rows.")
  var limit = 50
  @Flag(help: "Mỗi giao dịch một dòng JSON / one JSON line for each exchange.")
  var json = false
  @OptionGroup var location: JournalLocation

  func run() async throws {
    try await reporting {
      let journal = try location.reading()
      var query = try filter.query(limit: limit)
      query.person = person
      let found = try ExchangeHistory(journal: journal).search(query)
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
}
