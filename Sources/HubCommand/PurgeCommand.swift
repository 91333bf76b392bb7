internal import ArgumentParser
internal import HubAdmin
internal import HubBus
internal import HubKit

/// `lgsp purge`: removes content that should never have passed.
struct PurgeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge",
    abstract: "Xoá nội dung lọt qua nhầm và nêu ai đã nhận / remove content for good, and say who received it.",
    discussion: """
      Dùng khi phát hiện sau một văn bản mật đã đi qua: nội dung, câu trả lời, bản chờ gửi và bản trong hộp nhận bị xoá
      hẳn; lượt chờ kết thúc ngay. Ai ra lệnh, khi nào, vì sao được ghi vào sổ và vào sự cố. Chuỗi băm vẫn kiểm được.
      For a secret document that is found later: body, answers, what waits to be sent and what lies in inboxes go for
      good, with all that the message was split into; what waits ends at once. Who, when and why stand in the trace and
      among the incidents (lgsp incidents). Digests stay, so `lgsp journal verify` holds. It cannot be undone.

      Không xoá được / it does not reach: bản sao lưu (lgsp journal backup), bản ghi (lgsp record, kết quả phát lại), và
      hệ thống đã nhận / backups, recordings and replay results, and the systems that have received it. Tell them; they
      are listed. Documentation/secrets.md says how backups are dealt with.

      Ví dụ / examples:
        lgsp purge 01a20778-… --reason "Văn bản TỐI MẬT, không đóng dấu ở tệp quét"
        lgsp purge 01a20778-… --reason "…" --json | jq -r '.receivers[] | select(.mayHaveIt) | .receiver'
      """)

  @Argument(help: "Mã giao dịch / exchange.")
  var id: ExchangeName
  @Option(help: "Lý do, được ghi lại / why; it is recorded. No personal data, nothing of the content.")
  var reason: String
  @Flag(help: "In JSON / print JSON.")
  var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let done: ControlPurge = try await ControlClient.open(location) { client in
        try await client.post("/exchanges/\(id.exchange)/purge", ControlClient.Order(reason: reason))
      }
      if json { return try Output.json(done) }
      Output.table(
        ["Lượt giao / delivery", "Nơi đến / to", "Trạng thái / state", "Lúc / at", "Có thể đã nhận / may have it"],
        done.receivers.map { receiver in
          let place = [receiver.endpoint, receiver.receiver, receiver.role.map { "(\($0))" }].compactMap { $0 }
          return [
            receiver.id, place.joined(separator: " "), receiver.state.rawValue, receiver.at?.description ?? "-",
            receiver.mayHaveIt ? "có / yes" : "không / no",
          ]
        })
      let informed = done.receivers.filter(\.mayHaveIt).count
      Output.line(
        "\(id.exchange): đã xoá / removed \(done.bytesRemoved) bytes; \(informed) nơi cần được báo / have to be told")
    }
  }
}

/// An exchange as it is named on the command line.
struct ExchangeName: ExpressibleByArgument, Sendable {
  let exchange: ExchangeID

  init?(argument: String) {
    guard let exchange = ExchangeID(argument) else { return nil }
    self.exchange = exchange
  }
}

/// Removal, as the bus understands it.
extension ControlAdapter {
  func purge(_ exchange: ExchangeID, by: String, reason: String) async throws(ControlRefusal) -> ControlPurge {
    let report = try await obeyed { () async throws(OrderRefusal) in
      try await bus.purge(exchange, by: by, reason: reason)
    }
    return ControlPurge(
      exchanges: report.exchanges,
      receivers: report.receivers.map { receiver in
        ControlPurge.Receiver(
          id: receiver.id, endpoint: receiver.endpoint, receiver: receiver.receiver?.text, role: receiver.role,
          state: receiver.state, at: receiver.at, mayHaveIt: receiver.mayHaveIt)
      }, bytesRemoved: report.bytesRemoved)
  }
}
