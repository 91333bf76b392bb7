internal import ArgumentParser
internal import HubAdmin
internal import HubKit

/// `lgsp redeliver`: puts back what waits for a person.
struct RedeliverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redeliver",
    abstract: "Giao lại bản tin bị từ chối hoặc treo / deliver again what was refused or parked.",
    discussion: """
      Lượt giao trở về đúng chỗ trong làn, cùng khoá chống trùng, đếm lại số lần thử; các bản tin sau nó đi theo thứ tự.
      The delivery goes back to its place in its lane, under the same idempotency key, its attempts begin anew, and
      those held behind it follow in order. A message that was invalid or had no route is planned again by the
      configuration in use. What was delivered is sent again only with --resend: under a NEW key, so the far system will
      take it for another message. Do not put personal data into the reason.

      Ví dụ / examples:
        lgsp redeliver 01a20778-….1 --reason "Cục Thuế đã sửa"
        lgsp redeliver 01a20778-… --reason "đã sửa ánh xạ"                mọi lượt giao / all that waits of it
        lgsp redeliver 01a20778-….1 --resend --reason "Sở làm mất"        gửi mới, khoá mới / anew, new key
        lgsp redeliver --all --endpoint tax-register --dry-run            xem trước / look first
        lgsp redeliver --all --endpoint tax-register --reason "đã sửa"
      """)

  @Argument(help: "Mã giao dịch hoặc lượt giao / <exchange> or <exchange>.<delivery>.")
  var id: DeliveryName?
  @Option(help: "Lý do, được ghi lại / why; it is recorded.")
  var reason: String?
  @Flag(help: "Gửi mới với khoá mới, kể cả đã giao / send anew under a new key, also what was delivered.")
  var resend = false
  @Flag(help: "Tất cả của một điểm kết nối / everything that waits at --endpoint.")
  var all = false
  @Option(help: "Điểm kết nối, với --all / the endpoint, with --all.")
  var endpoint: String?
  @Option(help: "Nhiều nhất, với --all / at most, with --all.")
  var limit = 1000
  @Flag(help: "Chỉ liệt kê, với --all / only list, with --all.")
  var dryRun = false
  @Flag(help: "Mỗi lượt giao một dòng JSON / one JSON line for each delivery.")
  var json = false
  @OptionGroup var location: ConfigLocation

  func validate() throws {
    guard (id != nil) != all else {
      throw ValidationError("Cần mã, hoặc --all --endpoint / an id is needed, or --all --endpoint; not both.")
    }
    guard all == (endpoint != nil) else {
      throw ValidationError("--all và --endpoint đi cùng nhau / --all and --endpoint go together.")
    }
    guard !(all && resend) else {
      throw ValidationError("--resend: từng bản tin một / --resend sends one at a time; give an id.")
    }
    guard all || !dryRun else { throw ValidationError("--dry-run cần --all / --dry-run needs --all.") }
    guard dryRun || !(reason ?? "").allSatisfy(\.isWhitespace) else {
      throw ValidationError("Cần --reason / --reason is needed: it is recorded with the order.")
    }
    guard (1...100_000).contains(limit) else { throw ValidationError("--limit 1…100000") }
  }

  func run() async throws {
    try await reporting {
      try await ControlClient.open(location) { client in
        if let id {
          try show(id, try await client.order("redeliver", id, order(of: id)))
        } else {
          try await redeliverAll(client)
        }
      }
    }
  }

  private func order(of name: DeliveryName) -> ControlClient.Order {
    ControlClient.Order(delivery: name.delivery, resend: resend ? true : nil, reason: reason)
  }

  private func show(_ name: DeliveryName, _ deliveries: [ControlDelivery]) throws {
    if json {
      for delivery in deliveries { try Output.json(delivery) }
    } else if deliveries.isEmpty {
      Output.line("\(name.text): xử lý lại theo cấu hình hiện tại / planned again by the configuration in use")
    } else {
      for delivery in deliveries { Output.line("\(delivery.id)  \(delivery.state.label)") }
    }
  }

  /// One after the other, in the order of receipt: a lane's first comes first.
  private func redeliverAll(_ client: ControlClient) async throws {
    let (letters, hasMore) = try await client.deadLetters(endpoint: endpoint, limit: limit)
    var refused = 0
    for (index, letter) in letters.enumerated() {
      guard let name = DeliveryName(argument: letter.id) else { continue }
      guard !dryRun else {
        if json {
          try Output.json(letter)
        } else {
          Output.line("\(letter.id)  \(letter.state)  \(letter.reason ?? "")")
        }
        continue
      }
      do {
        try show(name, try await client.order("redeliver", name, order(of: name)))
      } catch let failure as Failure where failure.exitCode == ExitStatus.refused {
        refused += 1
        Output.note("\(letter.id): \(failure.description)")
      }
      if (index + 1) % 100 == 0 { Output.note("\(index + 1)/\(letters.count) …") }
    }
    let more = hasMore ? " (còn nữa / more wait: --limit)" : ""
    Output.note(
      dryRun
        ? "\(letters.count) sẽ được giao lại / would be delivered again\(more)"
        : "\(letters.count - refused) giao lại / put back, \(refused) không được / refused\(more)")
    if refused > 0 { throw ExitStatus.refused }
  }
}
