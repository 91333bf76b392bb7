import HubKit

/// The far systems.
struct EndpointSection {
  let snapshot: OverviewSnapshot

  var html: HTML {
    Table(
      id: "endpoints", title: Bilingual("Điểm kết nối", "Endpoints"),
      columns: [
        Column("Tên", "Name", "name"), Column("Trạng thái", "State", "state"),
        Column("Chờ", "Waiting", "number"), Column("Đang gửi", "In flight", "number"),
        Column("Đã giao", "Delivered", "number"), Column("Hỏng", "Failed", "number"),
        Column("Giao gần nhất", "Last success", "number"), Column("p50", "median", "number"),
        Column("p95", "95th", "number"),
      ],
      rows: snapshot.endpoints.map(row),
      empty: Bilingual("Chưa khai báo điểm kết nối nào", "No endpoint is configured")
    ).html
  }

  private func row(_ endpoint: EndpointRow) -> [HTML] {
    [
      .joined([
        .element("a", [.init("href", "/endpoints/\(endpoint.name)")]) { HTML.element("b") { endpoint.name } },
        .element("span", [.init("class", "sub")]) { endpoint.connector },
      ]),
      state(endpoint), HTML(Figures.count(endpoint.waiting)), HTML(Figures.count(endpoint.inFlight)),
      HTML(Figures.count(endpoint.delivered)), HTML(Figures.count(endpoint.failed)),
      Figures.time(endpoint.lastSuccess, now: snapshot.takenAt), HTML(Figures.latency(endpoint.p50)),
      HTML(Figures.latency(endpoint.p95)),
    ]
  }

  private func state(_ endpoint: EndpointRow) -> HTML {
    .joined([
      badge(endpoint.state),
      endpoint.state == .running ? .nothing : details(endpoint),
    ])
  }

  private func badge(_ state: EndpointRow.State) -> HTML {
    switch state {
    case .running: Badge.html("good", Sign.tick, Bilingual("Đang chạy", "Running"))
    case .paused: Badge.html("warn", Sign.bars, Bilingual("Tạm dừng", "Paused"))
    case .down: Badge.html("bad", Sign.cross, Bilingual("Không trả lời", "Down"))
    }
  }

  private func details(_ endpoint: EndpointRow) -> HTML {
    .element("span", [.init("class", "sub")]) {
      if let since = endpoint.since {
        Bilingual("từ", "since").html
        HTML(" ")
        Figures.time(since, now: snapshot.takenAt)
      }
      if let next = endpoint.nextTry {
        HTML(" · ")
        Bilingual("thử lại", "next try").html
        HTML(" ")
        Figures.time(next, now: snapshot.takenAt)
      }
      if let reason = endpoint.reason {
        HTML.element("span", [.init("class", "reason")]) { reason }
      }
    }
  }
}
