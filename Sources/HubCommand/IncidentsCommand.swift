internal import ArgumentParser
internal import HubBus
internal import HubJournal
internal import HubKit

/// `lgsp incidents`: what those who watch over security have to know.
struct IncidentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incidents",
    abstract: "Sự cố văn bản mật: bị chặn ở cửa, bị xoá sau / secret documents that were refused, or purged later.",
    discussion: """
      Mỗi sự cố: khi nào, ai gửi, loại, dấu nào ở đâu, giá trị băm có khoá; không có gì của nội dung. Không bị giới hạn
      tần suất, được ghi xuống đĩa trước khi bên gửi được trả lời.
      Each tells when, who, what type, which mark and where, and a keyed digest; nothing of the content. No limit holds
      them back, and they are on the disk before the sender is answered. For a SOC: a JSON line for each, to be passed
      on; Documentation/secrets.md shows how, over syslog.

      Ví dụ / examples:
        lgsp incidents --since 2026-11-23
        lgsp incidents --json | jq -c 'select(.kind=="secret-refused") | {at,by,finding}'
      """)

  @Option(help: "Từ / then or later: RFC 3339, or a day (+07:00).")
  var since: DayOrTime?
  @Option(help: "Trước / before then.")
  var until: DayOrTime?
  @Option(help: "Nhiều nhất / at most, oldest first.")
  var limit = 1000
  @Flag(help: "Mỗi sự cố một dòng JSON / one JSON line for each.")
  var json = false
  @OptionGroup var location: JournalLocation

  func run() async throws {
    try await reporting {
      let journal = try location.reading()
      let found = try IncidentLog(journal: journal).incidents(from: since?.time, to: until?.time, limit: limit)
      if json {
        for incident in found { try Output.json(incident) }
      } else {
        Output.table(
          ["Lúc / at", "Sự cố / incident", "Bởi / by", "Gửi / from", "Mã văn bản / subject", "Phát hiện / finding"],
          found.map { incident in
            [
              incident.at.description, incident.kind.rawValue, incident.by, incident.sender ?? "-",
              incident.subject ?? incident.id, incident.finding,
            ]
          })
        Output.line("\(found.count) sự cố / incidents")
      }
      await journal.close()
    }
  }
}
