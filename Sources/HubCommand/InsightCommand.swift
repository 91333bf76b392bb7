internal import ArgumentParser
internal import HubBus
internal import HubInsight
internal import HubJournal
internal import HubKit

/// `lgsp insight`: the indicators, made from the journal.
struct InsightCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "insight",
    abstract: "Chỉ số điều hành, tính lại từ nhật ký / the indicators, made anew from the journal.",
    discussion: """
      Chỉ đọc; chạy được khi hub đang chạy hay đã dừng / only reads; the hub may run or not.

      Ví dụ / examples:
        lgsp insight
        lgsp insight --days 31 --json
      """)

  @Option(help: "Số ngày gần nhất / newest days shown.") var days = Indicators.daysSent
  @Flag(help: "JSON theo lược đồ của bản tin chỉ số / JSON, as it is sent.") var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let journal = try JournalAccess.reading(location.folder)
      let projection = try await rebuilt(from: journal)
      await journal.close()
      // Whole seconds, as in the name of the figures.
      let now = Timestamp(seconds: SystemClock().now.microseconds / 1_000_000)
      let indicators = projection.indicators(at: now, daysMax: days)
      if json { try Output.json(indicators) } else { InsightTables(indicators).show() }
    }
  }

  private func rebuilt(from journal: Journal) async throws -> IndicatorProjection {
    let feed = EventFeed(journal: journal)
    var projection = IndicatorProjection()
    do {
      while true {
        let events = try await feed.events(after: projection.sequence, limit: Self.pageSize)
        for event in events { projection.apply(event) }
        guard events.count == Self.pageSize else { return projection }
      }
    } catch {
      throw Failure("\(error)")
    }
  }

  private static let pageSize = 2000
}

/// The indicators for people.
struct InsightTables {
  private let indicators: Indicators

  init(_ indicators: Indicators) {
    self.indicators = indicators
  }

  func show() {
    Output.line("Đến / as of \(indicators.takenAt), từ / since \(indicators.since?.description ?? "-")")
    Output.line("Hồ sơ chưa xong / open dossiers: \(indicators.openDossiers.open)")
    Output.line("Hồ sơ quá hạn / overdue dossiers: \(indicators.openDossiers.overdue)")
    Output.line()
    Output.table(
      ["Chỉ số / indicator", "Tổng / total"] + indicators.days.map(\.day),
      Self.rows.map { label, value in
        [label] + ([indicators.total] + indicators.days.map(\.figures)).map { String(value($0)) }
      })
    showNamed("Từ chối ở cổng / refused at the door", indicators.total.refusedAtTheDoor)
    showNamed("Cơ quan tra cứu / who looked persons up", indicators.total.lookups.byAgency)
    showEndpoints()
  }

  private static let rows: [(String, @Sendable (Indicators.Period) -> Int)] = [
    ("Hồ sơ tiếp nhận / dossiers received", { $0.dossiers.received }),
    ("Hồ sơ đúng hạn / finished on time", { $0.dossiers.finishedOnTime }),
    ("Hồ sơ trễ hạn / finished late", { $0.dossiers.finishedLate }),
    ("Hồ sơ xong, không rõ hạn / finished, no due time", { $0.dossiers.finishedUndated }),
    ("Không tiếp nhận, rút, dừng / not accepted, withdrawn, stopped", { $0.dossiers.endedOtherwise }),
    ("Văn bản nhận / documents taken in", { $0.documents.received }),
    ("Văn bản đã chuyển / documents carried", { $0.documents.carried }),
    ("Trạng thái đã chuyển / document statuses carried", { $0.documentStatuses.carried }),
    ("Lượt tra cứu người / look-ups of persons", { $0.lookups.total }),
    ("Trong đó không nêu mục đích / without a purpose", { $0.lookups.withoutPurpose }),
    ("Bản tin nhận / messages taken in", { $0.exchanges.received }),
    ("Bản tin thất bại / messages failed", { $0.exchanges.failed }),
  ]

  private func showNamed(_ title: String, _ counts: [String: Int]) {
    guard !counts.isEmpty else { return }
    Output.line()
    Output.table(
      [title, "Số / count"],
      counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { [$0.key, String($0.value)] })
  }

  private func showEndpoints() {
    guard !indicators.total.endpoints.isEmpty else { return }
    Output.line()
    Output.table(
      [
        "Điểm kết nối / endpoint", "Đã giao / delivered", "Từ chối / refused", "Treo / parked",
        "Hết hạn / expired", "Lần thử hỏng / failed attempts", "Chờ TB / mean ms", "p50 ms", "p95 ms",
      ],
      indicators.total.endpoints.sorted { $0.key < $1.key }.map { name, endpoint in
        [
          name, String(endpoint.delivered), String(endpoint.refused), String(endpoint.parked),
          String(endpoint.expired + endpoint.abandoned), String(endpoint.failedAttempts),
          Self.text(endpoint.waiting.meanMilliseconds), Self.text(endpoint.waiting.p50Milliseconds),
          Self.text(endpoint.waiting.p95Milliseconds),
        ]
      })
  }

  private static func text(_ value: Int64?) -> String { value.map(String.init) ?? "-" }
}
