import HubKit

/// The counts at the top.
struct FiguresSection {
  let snapshot: OverviewSnapshot

  var html: HTML {
    let counts = snapshot.counts
    return .element("section", [.init("class", "figures"), .init("aria-labelledby", "figures")]) {
      HTML.element("h2", [.init("id", "figures")]) {
        Bilingual("Bản tin từ", "Messages since").html
        HTML(" ")
        Figures.time(counts.since, now: snapshot.takenAt)
      }
      HTML.element("dl") {
        tile("accepted", counts.accepted, Bilingual("Đã tiếp nhận", "Accepted"))
        tile("delivered", counts.delivered, Bilingual("Đã giao", "Delivered"))
        tile("underway", counts.received + counts.underway, Bilingual("Đang chuyển", "Under way"))
        tile("partly", counts.partly, Bilingual("Giao một phần", "Partly delivered"))
        tile("failed", counts.failed, Bilingual("Không giao được", "Failed"))
        tile("refused", counts.refused, Bilingual("Từ chối tại cửa", "Refused at the door"))
      }
    }
  }

  private func tile(_ kind: StaticString, _ count: Int, _ label: Bilingual) -> HTML {
    .element("div", [.init("class", "tile \(kind)\(count == 0 ? " zero" : "")")]) {
      HTML.element("dt") { label.html }
      HTML.element("dd") { Figures.count(count) }
    }
  }
}

/// The message store and the process.
struct JournalSection {
  let snapshot: OverviewSnapshot

  var html: HTML {
    let journal = snapshot.journal
    return .element("section", [.init("class", "card facts"), .init("aria-labelledby", "journal")]) {
      HTML.element("h2", [.init("id", "journal")]) { Bilingual("Nhật ký và tiến trình", "Journal and process").html }
      HTML.element("dl") {
        fact(Bilingual("Bản tin lưu giữ", "Exchanges kept"), HTML(Figures.count(journal.exchanges)))
        fact(Bilingual("Sự kiện", "Events"), HTML(Figures.count(journal.events)))
        fact(Bilingual("Dung lượng", "Size"), HTML(Figures.bytes(journal.bytes)))
        fact(Bilingual("Đĩa còn trống", "Free disk"), HTML(Figures.bytes(journal.freeBytes)))
        fact(Bilingual("Chờ lâu nhất từ", "Oldest open"), Figures.time(journal.oldestOpen, now: snapshot.takenAt))
        fact(Bilingual("Chờ người xử lý", "Parked"), HTML(Figures.count(snapshot.counts.parked)))
        fact(
          Bilingual("Đã chạy", "Uptime"), HTML(Figures.span(snapshot.takenAt - snapshot.startedAt)))
        fact(Bilingual("Phiên bản", "Version"), HTML(snapshot.version))
        fact(
          Bilingual("Cấu hình", "Configuration"), .element("code") { String(snapshot.configurationDigest.prefix(12)) })
      }
    }
  }

  private func fact(_ label: Bilingual, _ value: HTML) -> HTML {
    .element("div") {
      HTML.element("dt") { label.html }
      HTML.element("dd") { value }
    }
  }
}
