internal import ArgumentParser
internal import HubBus
internal import HubJournal
internal import HubKit

/// `lgsp trace`: what happened to one exchange.
struct TraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Hành trình của một giao dịch, thời gian từng bước / the journey of an exchange, with time per step.",
    discussion: """
      Ví dụ / examples:
        lgsp trace 0199f3c2-7a10-7c44-9d0e-2f6a8c1b5e70
        lgsp trace 123/SNV-VP            theo số ký hiệu, mã hồ sơ / by notation, document id or dossier code
        lgsp trace <id> --json | jq .state
        lgsp trace <id> --results monday-next   trong kết quả phát lại / in the results of a replay
      """)

  @Argument(help: "Mã giao dịch, mã văn bản, số ký hiệu hoặc mã hồ sơ / exchange id, or any business key.")
  var id: String

  @Flag(help: "In JSON / print JSON.")
  var json = false

  @OptionGroup var location: JournalLocation

  func run() async throws {
    try await reporting {
      let journal = try location.reading()
      let history = ExchangeHistory(journal: journal)
      guard let view = try find(in: history) else {
        throw Failure(
          "Không có giao dịch \(id) / no exchange is known by \(id). Try: lgsp search --text \(id)",
          exitCode: ExitStatus.notFound)
      }
      if json { try Output.json(view, pretty: true) } else { show(view) }
      await journal.close()
    }
  }

  private func find(in history: ExchangeHistory) throws -> ExchangeView? {
    if let exchange = ExchangeID(id), let view = try history.exchange(exchange) { return view }
    var query = SearchQuery()
    query.businessKey = (nil, id)
    query.limit = 1
    return try history.search(query).first
  }

  private func show(_ view: ExchangeView) {
    Output.line("\(view.id)  \(view.state.label)")
    Output.line("  loại / type        \(view.type)")
    Output.line("  nơi gửi / sender   \(view.sender?.text ?? "-")")
    Output.line("  nơi nhận / to      \(view.receivers.map(\.text).joined(separator: ", "))")
    if let subject = view.subject { Output.line("  mã / subject       \(subject)") }
    if let reason = view.reason { Output.line("  lý do / reason     \(reason)") }
    Output.line()
    for delivery in view.deliveries {
      let receiver = delivery.receiver.map { " \($0)" } ?? ""
      Output.line("  \(delivery.endpoint)\(receiver): \(delivery.state.label), \(delivery.attempts) lần / attempts")
    }
    Output.line()
    var previous = view.receivedAt
    for event in view.events {
      let step = (event.at - previous).milliseconds
      previous = event.at
      let place = [event.endpoint, event.receiver?.text].compactMap { $0 }.joined(separator: " ")
      let spent = event.durationMilliseconds.map { " (\(Self.milliseconds($0)))" } ?? ""
      Output.line("  \(event.at)  +\(Self.milliseconds(step))  \(event.name) \(place)\(spent)")
      if let detail = event.detail { Output.line("      \(detail)") }
    }
  }

  private static func milliseconds(_ value: Double) -> String {
    "\((value * 10).rounded() / 10) ms"
  }
}

extension ExchangeState {
  /// Vietnamese first, English second.
  var label: String {
    switch self {
    case .received: "đã nhận / received"
    case .underway: "đang xử lý / underway"
    case .delivered: "đã chuyển / delivered"
    case .partly: "chuyển một phần / partly delivered"
    case .failed: "không chuyển được / failed"
    }
  }
}

extension DeliveryState {
  /// Vietnamese first, English second.
  var label: String {
    switch self {
    case .waiting: "đang chờ / waiting"
    case .held: "chờ bản tin trước / held behind a parked message"
    case .delivered: "đã chuyển / delivered"
    case .refused: "nơi nhận từ chối / refused"
    case .parked: "treo, chờ người xử lý / parked"
    case .expired: "quá hạn / expired"
    case .abandoned: "bỏ dở / abandoned"
    }
  }
}
