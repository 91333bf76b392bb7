import HubKit

/// The latest exchanges.
struct ExchangeSection {
  let snapshot: OverviewSnapshot

  var html: HTML {
    Table(
      id: "exchanges", title: Bilingual("Bản tin gần đây", "Recent exchanges"),
      columns: [
        Column("Mã", "Id", "id"), Column("Lúc", "Time", "when"), Column("Trạng thái", "State", "state"),
        Column("Loại", "Type", "code"), Column("Từ → đến", "From → to", "code"), Column("Lý do", "Reason", "wide"),
      ],
      rows: snapshot.recentExchanges.prefix(OverviewSnapshot.recentMax).map(row),
      empty: Bilingual("Chưa có bản tin nào", "No exchange yet")
    ).html
  }

  private func row(_ exchange: ExchangeRow) -> [HTML] {
    [
      .element("code", [.init("title", exchange.id.text)]) { exchange.id.text },
      Figures.time(exchange.receivedAt, now: snapshot.takenAt), badge(exchange.state), HTML(exchange.type),
      HTML("\(exchange.sender ?? "–") → \(parties(exchange.receivers))"), HTML(exchange.reason ?? ""),
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
        Column("Mã lỗi", "Code", "id"), Column("Lúc", "Time", "when"), Column("Bên gửi", "Caller", "code"),
        Column("Loại", "Type", "code"), Column("Lý do", "Reason", "wide"),
      ],
      rows: snapshot.recentRefusals.prefix(OverviewSnapshot.recentMax).map { refusal in
        [
          .element("code") { refusal.code }, Figures.time(refusal.time, now: snapshot.takenAt),
          HTML(refusal.principal ?? "–"), HTML(refusal.type ?? "–"), HTML(refusal.reason),
        ]
      },
      empty: Bilingual("Chưa từ chối bản tin nào", "Nothing was refused")
    ).html
  }
}
