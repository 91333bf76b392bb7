import HubKit

/// How the hub is, in one word.
enum Health: String, Sendable, CaseIterable {
  /// Nothing for a person to do.
  case well
  /// Messages pass, but a person should look at something.
  case attention
  /// The hub takes no more messages, or soon will not.
  case trouble
}

/// One thing that a person should know, with how bad it is.
struct HealthNote: Sendable, Hashable {
  let health: Health
  let text: Bilingual
}

extension OverviewSnapshot {
  /// The worst of all notes.
  var health: Health {
    if notes.contains(where: { $0.health == .trouble }) { return .trouble }
    return notes.isEmpty ? .well : .attention
  }

  /// What a person should look at, worst first; empty when all is well. Only counts: the names stand in the tables.
  var notes: [HealthNote] {
    var notes: [HealthNote] = []
    let free = Figures.bytes(journal.freeBytes)
    if journal.freeBytes < journal.freeBytesMin {
      notes.append(
        HealthNote(
          health: .trouble,
          text: Bilingual(
            "Đĩa chỉ còn \(free): hub không nhận thêm bản tin", "Only \(free) of disk left: the hub takes no more")))
    }
    func note(_ count: Int, _ text: Bilingual) {
      if count > 0 { notes.append(HealthNote(health: .attention, text: text)) }
    }
    note(
      configurationRefusedAt == nil ? 0 : 1,
      Bilingual(
        "Cấu hình mới có lỗi: hub chạy tiếp cấu hình cũ (lgsp reload)",
        "The new configuration is refused: the hub goes on with the old one (lgsp reload)"))
    let down = endpoints.count { $0.state == .down }
    note(
      down,
      Bilingual("\(down) hệ thống không trả lời", "\(down) far \(down == 1 ? "system does" : "systems do") not answer"))
    let paused = endpoints.count { $0.state == .paused }
    note(
      paused,
      Bilingual("\(paused) điểm kết nối đang tạm dừng", "\(paused) \(paused == 1 ? "endpoint" : "endpoints") paused"))
    let parked = counts.parked
    note(
      parked,
      Bilingual("\(Figures.count(parked)) lượt giao chờ người xử lý", "\(Figures.count(parked)) parked for a person"))
    let overdue = Figures.count(overdueDocuments ?? 0)
    note(
      overdueDocuments ?? 0,
      Bilingual(
        "\(overdue) lượt văn bản quá hạn báo đến (lgsp document --overdue)",
        "\(overdue) overdue at receivers of documents (lgsp document --overdue)"))
    if journal.freeBytes >= journal.freeBytesMin, journal.freeBytes < journal.freeBytesMin * 2 {
      note(1, Bilingual("Đĩa còn \(free)", "\(free) of disk left"))
    }
    return notes
  }
}
