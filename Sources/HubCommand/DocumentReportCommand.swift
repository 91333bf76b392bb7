internal import ArgumentParser
internal import Foundation
internal import HubBus
internal import HubConfig
internal import HubInsight
internal import HubJournal
internal import HubKit

/// `lgsp document report`: documents of a month, agency by agency.
struct DocumentReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Báo cáo tháng theo cơ quan: gửi, nhận, trễ, thời gian / a month's documents, agency by agency.",
    discussion: """
      Chỉ đọc nhật ký; chạy được khi hub đang chạy hay đã dừng / only reads the journal; the hub may run or not.
      Trễ: chưa có trạng thái nào trong `documents.arrivalWithin` sau khi hub nhận / overdue: no status in that time.
      Thời gian tính từ khi hub nhận đến trạng thái 01, 03, 06 / times are from the hub's receipt to these statuses.

      Ví dụ / examples:
        lgsp document report                                   tháng này / this month
        lgsp document report --month 2026-11
        lgsp document report --month 2026-11 --csv > 2026-11.csv     mở được bằng Excel / opens in Excel
        lgsp document report --month 2026-11 --json | jq '.agencies[] | select(.figures.overdue > 0) | .code'
      """)

  @Option(help: "Tháng, như 2026-11; bỏ trống: tháng này / month; left out: this one.")
  var month: String?
  @Flag(help: "CSV UTF-8 (có BOM), thời gian tính bằng giây / CSV with times in seconds.")
  var csv = false
  @Flag(help: "In JSON / print JSON.")
  var json = false
  @OptionGroup var location: JournalLocation

  func validate() throws {
    guard !csv || !json else { throw ValidationError("--csv hoặc/or --json?") }
    guard month.map({ CalendarMonth($0) != nil }) ?? true else {
      throw ValidationError("--month \(month ?? ""): cần dạng năm-tháng / no month such as 2026-11")
    }
  }

  func run() async throws {
    try await reporting {
      let configuration = try Site.load(try Site.files(in: location.location.folder), secrets: .unresolved)
      let journal = try location.reading()
      let now = SystemClock().now
      var progress = ProgressLine("nhật ký / journal", of: nil)
      let reading = DocumentReading(EventFeed(journal: journal, scope: DocumentReading.scope))
      var report = try await reading.month(
        month.flatMap(CalendarMonth.init) ?? CalendarMonth(of: now), at: now,
        by: DocumentWatch(configuration.hub.documents)
      ) { done, total in progress.advance(to: done, of: total) }
      progress.end()
      await journal.close()
      report.name(by: try LiveDirectory(folder: location.location.folder))
      if json { return try Output.json(report, pretty: true) }
      if csv { return FileHandle.standardOutput.write(Data(report.csv.utf8)) }
      DocumentMonthTable(report: report).show()
    }
  }
}

extension DocumentMonth {
  /// Adds the names that `agencies.yaml` has.
  mutating func name(by directory: LiveDirectory) {
    for index in agencies.indices { agencies[index].name = directory.agency(agencies[index].code)?.name }
  }
}

/// A month for people.
private struct DocumentMonthTable {
  let report: DocumentMonth

  func show() {
    Output.line("Văn bản tháng / documents of \(report.month), đến / as of \(report.madeAt)")
    Output.line()
    let rows = report.agencies.map { row($0.code.text, $0.name ?? "-", $0.figures) }
    Output.table(
      [
        "Mã / code", "Tên / name", "Gửi / sent", "Nhận / received", "Đã báo / arrived", "Tiếp nhận / accepted",
        "Từ chối / refused", "Xong / completed", "Trễ / overdue", "Không chuyển / not delivered",
        "01 trung vị, lâu nhất / median, worst", "03", "06",
      ], rows + [row("", "Tổng / total", report.total)])
  }

  private func row(_ code: String, _ name: String, _ figures: DocumentMonth.Figures) -> [String] {
    let counts = [
      figures.sent, figures.received, figures.arrived, figures.accepted, figures.refused, figures.completed,
      figures.overdue, figures.undelivered,
    ]
    return [code, name] + counts.map(String.init)
      + [figures.toArrive, figures.toAccept, figures.toComplete].map { times in
        times.medianMilliseconds == nil ? "-" : "\(span(times.medianMilliseconds)), \(span(times.worstMilliseconds))"
      }
  }

  private func span(_ milliseconds: Int64?) -> String {
    (milliseconds ?? 0).formattedSpan
  }
}

extension Int64 {
  /// Milliseconds in the unit that suits them, as in `1 d 3 h`, `2 h 5 m`, `12 s`.
  fileprivate var formattedSpan: String {
    let seconds = self / 1000
    if seconds >= 86_400 { return "\(seconds / 86_400) d \(seconds / 3600 % 24) h" }
    if seconds >= 3600 { return "\(seconds / 3600) h \(seconds / 60 % 60) m" }
    return seconds >= 60 ? "\(seconds / 60) m \(seconds % 60) s" : "\(seconds) s"
  }
}
