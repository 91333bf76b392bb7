internal import ArgumentParser
internal import HubBus
internal import HubConfig
internal import HubInsight
internal import HubJournal
internal import HubKit

/// `lgsp document`: what became of documents.
struct DocumentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "document",
    abstract: "Văn bản: vòng đời, quá hạn, báo cáo tháng / documents: their life, what is overdue, monthly reports.",
    subcommands: [DocumentShowCommand.self, DocumentReportCommand.self],
    defaultSubcommand: DocumentShowCommand.self)
}

/// `lgsp document <id>`: what became of a document, at all of its receivers.
struct DocumentShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Vòng đời của một văn bản ở mọi nơi nhận / the whole life of a document, at all of its receivers.",
    discussion: """
      Ví dụ / examples:
        lgsp document 123/SNV-VP                              theo số, ký hiệu / by number and notation
        lgsp document H24.2,2026/11/20,118/SNV-VP             theo mã văn bản / by the document's own id
        lgsp document 0199f3c2-7a10-7c44-9d0e-2f6a8c1b5e70    theo giao dịch / by an exchange that carried it
        lgsp document 123/SNV-VP --json | jq '.receivers[] | [.receiver, .state]'
        lgsp document --overdue                               nơi nhận chưa báo gì quá `documents.arrivalWithin`
                                                              / of which receivers have said nothing in time

      Trạng thái chỉ tiến, không lùi: bản tin trạng thái đến muộn hoặc lặp lại vẫn được giữ, nhưng không đổi gì.
      Statuses only move a document forward: late and repeated ones are kept, marked (–), and change nothing.
      """)

  @Argument(help: "Mã văn bản, số ký hiệu, hoặc mã giao dịch / document id, notation, or exchange id.")
  var id: String?
  @Flag(help: "Các văn bản quá hạn báo đến / documents of which a receiver has said nothing in time.")
  var overdue = false
  @Flag(help: "In JSON / print JSON.")
  var json = false
  @OptionGroup var location: JournalLocation

  func validate() throws {
    guard overdue == (id == nil) else {
      throw ValidationError("Cần mã văn bản, hoặc --overdue / say which document, or --overdue.")
    }
  }

  func run() async throws {
    try await reporting {
      let journal = try location.reading()
      if let id { try show(id, in: journal) } else { try await showOverdue(in: journal) }
      await journal.close()
    }
  }

  private func show(_ id: String, in journal: Journal) throws {
    let documents = DocumentHistory(ExchangeHistory(journal: journal))
    let found = try documents.find(id)
    guard found.count <= 1 else {
      throw Failure(
        "\(found.count) văn bản có số, ký hiệu \(id), hãy hỏi bằng mã / documents bear it, ask by their ids:\n"
          + found.map { "  lgsp document '\($0)'" }.joined(separator: "\n"))
    }
    guard let documentId = found.first, let life = try documents.life(of: documentId) else {
      throw Failure(
        "Không có văn bản \(id) / no document is known by \(id). Try: lgsp search --text \(id)",
        exitCode: ExitStatus.notFound)
    }
    if json { try Output.json(life, pretty: true) } else { DocumentSheet(life: life).show() }
  }

  private func showOverdue(in journal: Journal) async throws {
    let settings = try Site.load(try Site.files(in: location.location.folder), secrets: .unresolved).hub.documents
    let reading = DocumentReading(EventFeed(journal: journal, scope: DocumentReading.scope))
    var progress = ProgressLine("nhật ký / journal", of: nil)
    var found = try await reading.overdue(at: SystemClock().now, by: DocumentWatch(settings)) { done, total in
      progress.advance(to: done, of: total)
    }
    progress.end()
    let history = ExchangeHistory(journal: journal)
    for index in found.indices {
      found[index].notation = try history.message(found[index].exchange)?.key("notation")
    }
    if json { return try Output.json(found, pretty: true) }
    Output.table(
      ["Gửi lúc / sent", "Mã văn bản / document", "Số, ký hiệu / notation", "Nơi gửi / from", "Nơi nhận / receiver"],
      found.map {
        [$0.sentAt.description, $0.documentId, $0.notation ?? "-", $0.sender?.text ?? "-", $0.receiver.text]
      })
    Output.line("\(found.count) lượt quá hạn / overdue")
  }
}

/// The life of a document for people.
private struct DocumentSheet {
  let life: DocumentLife

  func show() {
    Output.line("\(life.documentId)  \(life.notation ?? "")")
    Output.line("  nơi gửi / sender   \(life.sender?.text ?? "-")")
    Output.line("  lúc gửi / sent at  \(life.sentAt?.description ?? "-")")
    for note in life.signatures { Output.line("  chữ ký / signature \(note)") }
    for note in life.notes { Output.line("  lưu ý / note       \(note)") }
    Output.line()
    for receiver in life.receivers { show(receiver) }
    for change in life.changes {
      let whom = change.receivers.map(\.text).joined(separator: ", ")
      Output.line("  \(change.at)  \(change.words) \(change.documentId ?? "") → \(whom)")
    }
    Output.line()
    for exchange in life.exchanges {
      Output.line("  \(exchange.at)  \(exchange.id)  \(exchange.kind)  \(exchange.state.label)")
    }
  }

  private func show(_ receiver: DocumentLife.Receiver) {
    let since = receiver.since.map { ", \($0)" } ?? ""
    Output.line("  \(receiver.receiver)  \(receiver.state.words)\(since)")
    if let reason = receiver.reason { Output.line("      \(reason)") }
    if let change = receiver.change { Output.line("      thu hồi, cập nhật / recall, change: \(change)") }
    for status in receiver.statuses {
      let words = DocumentStatus(rawValue: status.code)?.words ?? "?"
      Output.line("      \(status.counted ? "✓" : "–") \(status.at)  \(status.code) \(words)")
    }
  }
}

extension DocumentLife.Change {
  fileprivate var words: String {
    switch kind {
    case "revoke": "thu hồi / revoked by"
    case "update": "cập nhật / updated by"
    case "replace": "thay thế / replaced by"
    default: kind
    }
  }
}

extension DocumentLife.State {
  /// Vietnamese first, English second.
  fileprivate var words: String {
    switch self {
    case .sent: "đang chuyển / on its way"
    case .parked: "treo, chờ người xử lý / parked"
    case .undelivered: "không chuyển được / not delivered"
    case .delivered: "đã chuyển, chưa báo đến / delivered, not confirmed"
    case .arrived: DocumentStatus.arrived.words
    case .refused: DocumentStatus.refused.words
    case .accepted: DocumentStatus.accepted.words
    case .assigned: DocumentStatus.assigned.words
    case .processing: DocumentStatus.processing.words
    case .completed: DocumentStatus.completed.words
    case .takenBack: DocumentStatus.takenBack.words
    case .revoked: "đã thu hồi / revoked"
    }
  }
}
