import HubKit

/// Documents of a month, agency by agency: who sent, who received, who is late.
struct DocumentsPage {
  let documents: DocumentMonth
  /// Months that can be asked for, newest first.
  let months: [CalendarMonth]
  let nonce: String

  /// The whole document.
  var html: String {
    BarePage(title: "\(documents.month) – LGSP Hub", nonce: nonce, content: content).html
  }

  private var content: HTML { .joined([head, table]) }

  private var head: HTML {
    .element("section", [.init("class", "card")]) {
      HTML.element("h2") { Bilingual("Văn bản tháng \(documents.month)", "Documents of \(documents.month)").html }
      HTML.element("p") {
        Bilingual("Số liệu đến", "As of").html
        HTML(" ")
        Figures.time(documents.madeAt, now: Timestamp(microseconds: 0))
        HTML(". ")
        Bilingual(
          "Trễ: \(allowed) sau khi hub nhận vẫn chưa có trạng thái nào. Thời gian: trung vị, lâu nhất.",
          "Overdue: no status came within \(allowed) of the hub's receipt. Times: median, worst."
        ).html
      }
      HTML.element("p") {
        HTML.element("a", [.init("href", "/")]) { Bilingual("Trang trạng thái", "Status page").html }
        HTML(" · ")
        HTML.element("a", [.init("href", "/documents.csv?month=\(documents.month)")]) {
          Bilingual("Tải CSV", "Download CSV").html
        }
      }
      HTML.element("nav", [.init("aria-label", "Tháng / months")]) {
        for month in months { link(to: month) }
      }
    }
  }

  private func link(to month: CalendarMonth) -> HTML {
    .joined([
      .element(
        "a",
        [
          .init("href", "/documents?month=\(month.text)"),
          .init("aria-current", month.text == documents.month ? "page" : nil),
        ]
      ) { month.text }, HTML(" "),
    ])
  }

  private var allowed: String { Figures.span(.seconds(documents.arrivalWithinSeconds)) }

  private var table: HTML {
    Table(
      id: "documents", title: Bilingual("Theo cơ quan", "By agency"),
      columns: [
        Column("Cơ quan", "Agency", "name"), Column("Gửi", "Sent", "number"), Column("Nhận", "Received", "number"),
        Column("Đã báo", "Arrived", "number"), Column("Tiếp nhận", "Accepted", "number"),
        Column("Từ chối", "Refused", "number"), Column("Xong", "Completed", "number"),
        Column("Trễ", "Overdue", "number"), Column("Không chuyển được", "Not delivered", "number"),
        Column("Đến 01", "To 01", "number"), Column("Đến 03", "To 03", "number"),
        Column("Đến 06", "To 06", "number"),
      ],
      rows: rows, empty: Bilingual("Không có văn bản nào trong tháng", "There are no documents in this month")
    ).html
  }

  private var rows: [[HTML]] {
    guard !documents.agencies.isEmpty else { return [] }
    let total = row(Bilingual("Tổng", "Total").html, documents.total)
    return documents.agencies.map { agency in
      row(
        .joined([
          .element("b") { agency.name ?? agency.code.text },
          .element("span", [.init("class", "sub")]) { agency.code.text },
        ]), agency.figures)
    } + [total]
  }

  private func row(_ name: HTML, _ figures: DocumentMonth.Figures) -> [HTML] {
    let counts = [
      figures.sent, figures.received, figures.arrived, figures.accepted, figures.refused, figures.completed,
      figures.overdue, figures.undelivered,
    ]
    return [name] + counts.map { HTML(Figures.count($0)) }
      + [figures.toArrive, figures.toAccept, figures.toComplete].map(times)
  }

  private func times(_ times: DocumentMonth.Times) -> HTML {
    guard let median = times.medianMilliseconds, let worst = times.worstMilliseconds else { return HTML("–") }
    return .joined([
      HTML(Figures.span(.milliseconds(median))),
      .element("span", [.init("class", "sub")]) { Figures.span(.milliseconds(worst)) },
    ])
  }
}
