internal import ArgumentParser
internal import HubBus
internal import HubConfig
internal import HubJournal
internal import HubKit
internal import HubRouting

/// `lgsp compare`: how far an endpoint and the one that is asked in shadow agree.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "So hai hệ thống trên câu hỏi thật / how far two far systems agree on live questions.",
    discussion: """
      Đọc sổ giao dịch, hub chạy hay không cũng được. Cần `shadow:` ở luồng, hoặc `next: {shadow: true}` ở điểm kết nối.
      Chỉ có vị trí và số đếm, không bao giờ có giá trị / reads the journal, whether the hub runs or not. It needs
      `shadow:` in a route, or `next: {shadow: true}` in an endpoint. Places and counts, never values.

      Ví dụ / examples:
        lgsp compare parcel-lookup                        VBDLIS và VNPT iLIS, theo từng trường / field by field
        lgsp compare parcel-lookup --from 2026-11-23
        lgsp compare tax-register                         hai phiên bản / the two versions of an endpoint
        lgsp compare parcel-lookup --json | jq '.fields[] | select(.agree < .seen)'
        lgsp trace <id>                                   một giao dịch trong cột ví dụ / one of the examples

      Mã thoát / exit codes: 0 mọi câu trả lời đều giống nhau / all answers agree, 6 có câu khác nhau hoặc không trả
      lời / some differ or were not given, 5 chưa so sánh lượt nào / nothing was compared, or there is no such name.
      """)

  @Argument(help: "Tên luồng hoặc điểm kết nối / a route, or an endpoint (endpoint/operation).")
  var name: String
  @Option(help: "Từ / compared from then on: RFC 3339, or a day (+07:00).")
  var from: String?
  @Option(help: "Đến trước / compared before then: RFC 3339, or a day (+07:00).")
  var to: String?
  @Flag(help: "In JSON / print JSON.")
  var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let journal = try JournalAccess.reading(location.folder)
      let report = try ExchangeHistory(journal: journal).comparisons(
        of: name, from: ExchangeFilter.time(from, "--from"), to: ExchangeFilter.time(to, "--to"))
      await journal.close()
      guard let report else { throw try nothing() }
      if json { try Output.json(report, pretty: true) } else { ComparisonText.show(report) }
      if report.different + report.failed > 0 { throw ExitStatus.different }
      if report.compared == 0 { throw ExitStatus.notFound }
    }
  }

  /// Why there is no report.
  private func nothing() throws -> Failure {
    let configuration = try Site.load(Site.files(in: location.folder), secrets: .unresolved)
    let endpoint = EndpointAddress(text: name).endpoint
    let isKnown =
      configuration.routes.contains { $0.name == name } || configuration.endpoints.contains { $0.name == endpoint }
    return Failure(
      isKnown
        ? "Chưa so sánh lượt nào của \(name); cần `shadow:` / nothing of \(name) has been compared; it needs `shadow:`"
        : "Không có luồng hay điểm kết nối \(name) / no route and no endpoint is called \(name)",
      exitCode: ExitStatus.notFound)
  }
}

/// A report for people.
enum ComparisonText {
  /// Most fields that are shown; `--json` has all.
  private static let fieldsMax = 100

  static func show(_ report: ComparisonReport) {
    Output.line("\(report.endpoint)  ⇄  \(report.shadow)" + (report.route.map { "  (luồng / route \($0))" } ?? ""))
    Output.line(
      "đã so / compared \(report.compared): giống / same \(report.same), khác / different \(report.different); "
        + "không trả lời / failed \(report.failed), không hỏi / not asked \(report.dropped)")
    if !report.reasons.isEmpty {
      let reasons = report.reasons.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      Output.line("lý do / reasons: \(reasons.joined(separator: ", "))")
    }
    if let live = report.latency.live, let shadow = report.latency.shadow {
      Output.line("thời gian / time p50, p95: \(words(live)); \(report.shadow) \(words(shadow))")
    }
    show(report.fields)
    let more = max(0, report.fields.count - fieldsMax) + report.fieldsLeftOut
    if more > 0 { Output.line("… \(more) trường nữa / more fields") }
    if report.cut > 0 {
      Output.line("\(report.cut) lượt có nhiều trường hơn mức được ghi / comparisons had more fields than are kept")
    }
    for other in report.others { Output.line("còn / also: \(other)") }
  }

  private static func show(_ fields: [ComparisonReport.Field]) {
    guard !fields.isEmpty else { return }
    Output.line()
    Output.table(
      [
        "Trường / field", "Số lần / seen", "giống / agree", "khác / differ", "chỉ bên chính / only live",
        "chỉ bên bóng / only shadow", "Ví dụ / examples",
      ],
      fields.prefix(fieldsMax).map { field in
        [
          field.path.isEmpty ? "(toàn bộ / the whole)" : field.path, "\(field.seen)", "\(field.agree)",
          "\(field.differ)", "\(field.onlyLive)", "\(field.onlyShadow)",
          field.examples.map(\.text).joined(separator: " "),
        ]
      })
  }

  private static func words(_ spread: ComparisonReport.Spread) -> String {
    "\((spread.p50Milliseconds * 10).rounded() / 10) ms, \((spread.p95Milliseconds * 10).rounded() / 10) ms"
  }
}
