import HubKit

/// The latest exchanges.
struct ExchangeSection {
  let snapshot: OverviewSnapshot

  var html: HTML {
    Table(
      id: "exchanges", title: Bilingual("Bản tin gần đây", "Recent exchanges"),
      columns: [
        Column("Mã, lúc nhận", "Id, received", "id"), Column("Trạng thái", "State", "state"),
        Column("Loại, từ → đến", "Type, from → to", "code"), Column("Lý do", "Reason", "wide"),
      ],
      rows: snapshot.recentExchanges.prefix(OverviewSnapshot.recentMax).map(row),
      empty: Bilingual("Chưa có bản tin nào", "No exchange yet")
    ).html
  }

  private func row(_ exchange: ExchangeRow) -> [HTML] {
    [
      .joined([
        .element("code") { exchange.id.text }, .sub(Figures.time(exchange.receivedAt, now: snapshot.takenAt)),
      ]),
      badge(exchange.state),
      .joined([
        HTML(exchange.type), .sub(HTML("\(exchange.sender ?? "–") → \(parties(exchange.receivers))")),
      ]),
      .reason(exchange.reason),
    ]
  }

  /// The first receivers, and how many more there are: a document can go to hundreds.
  private func parties(_ codes: [String]) -> String {
    guard !codes.isEmpty else { return "–" }
    let shown = codes.prefix(2).joined(separator: ", ")
    return codes.count > 2 ? "\(shown) +\(codes.count - 2)" : shown
  }

  private func badge(_ state: ExchangeState) -> HTML {
    switch state {
    case .received: Badge.html("calm", Sign.dot, Bilingual("Đã nhận", "Received"))
    case .underway: Badge.html("move", Sign.arrow, Bilingual("Đang chuyển", "Under way"))
    case .delivered: Badge.html("good", Sign.tick, Bilingual("Đã giao", "Delivered"))
    case .partly: Badge.html("warn", Sign.half, Bilingual("Một phần", "Partly"))
    case .failed: Badge.html("bad", Sign.cross, Bilingual("Không giao được", "Failed"))
    }
  }
}

/// The latest refusals at the door.
struct RefusalSection {
  let snapshot: OverviewSnapshot

  var html: HTML {
    Table(
      id: "refusals", title: Bilingual("Từ chối gần đây", "Recent refusals"),
      columns: [
        Column("Mã lỗi, lúc", "Code, time", "id"), Column("Bên gửi, loại", "Caller, type", "code"),
        Column("Lý do", "Reason", "wide"),
      ],
      rows: snapshot.recentRefusals.prefix(OverviewSnapshot.recentMax).map { refusal in
        [
          .joined([
            .element("code") { refusal.code }, .sub(Figures.time(refusal.time, now: snapshot.takenAt)),
          ]),
          .joined([
            refusal.principal.map { HTML($0) } ?? Bilingual("chưa xác thực", "not authenticated").html,
            refusal.type.map { .sub(HTML($0)) } ?? .nothing,
          ]),
          .reason(refusal.reason),
        ]
      },
      empty: Bilingual("Chưa từ chối bản tin nào", "Nothing was refused")
    ).html
  }
}

extension HTML {
  /// The second, softer line of a cell.
  fileprivate static func sub(_ content: HTML) -> HTML {
    .element("span", [.init("class", "sub")]) { content }
  }

  /// A reason, of which two lines are shown and all is in its title: rows keep their height, so nothing below moves.
  fileprivate static func reason(_ text: String?) -> HTML {
    guard let text, !text.isEmpty else { return .nothing }
    return .element("span", [.init("class", "clamp"), .init("title", text)]) { text }
  }
}
