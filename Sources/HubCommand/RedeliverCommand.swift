internal import ArgumentParser
internal import HubAdmin
internal import HubKit

/// `lgsp redeliver`: puts back what waits for a person, one thing or many.
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

      Nhiều bản tin: một đợt do hub tự làm, không mất khi lệnh này dừng hay hub khởi động lại.
      Many at once are a job of the hub: it goes on when this command ends and after a restart of the hub, oldest
      receipt first, and takes only what waited when it was ordered. Every filter given must hold; --all means
      everything. --stop-at-errors looks at what the job put back and has ended, from 20 on; so give it a --rate at
      which the far system can answer.

      Ví dụ / examples:
        lgsp redeliver 01a20778-….1 --reason "Cục Thuế đã sửa"
        lgsp redeliver 01a20778-… --reason "đã sửa ánh xạ"                mọi lượt giao / all that waits of it
        lgsp redeliver 01a20778-….1 --resend --reason "Sở làm mất"        gửi mới, khoá mới / anew, new key
        lgsp redeliver --endpoint tax-register --code http-422 --dry-run  xem trước / look first
        lgsp redeliver --endpoint tax-register --code http-422 --reason "đã sửa" --rate 5 --stop-at-errors 20%
        lgsp redeliver --from 2026-11-23 --to 2026-11-24 --reason "sự cố ngày 23" --detach
        lgsp redeliver jobs                                               các đợt / the jobs
        lgsp redeliver jobs 7                                             kết quả / what became of it
        lgsp redeliver pause 7 --reason "giờ cao điểm"

      Mọi tuỳ chọn / all options:  lgsp redeliver start --help
      """,
    subcommands: [Start.self, Jobs.self, Pause.self, Resume.self, Stop.self], defaultSubcommand: Start.self)

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "start",
      abstract: "Giao lại một bản tin, hoặc một đợt theo bộ lọc / one thing by its id, or a job by filter.")

    @Argument(help: "Mã giao dịch hoặc lượt giao / <exchange> or <exchange>.<delivery>.")
    var id: DeliveryName?
    @Option(help: "Lý do, được ghi lại / why; it is recorded.")
    var reason: String?
    @Flag(help: "Gửi mới với khoá mới, kể cả đã giao / send anew under a new key, also what was delivered.")
    var resend = false
    @Flag(help: "Tất cả những gì chờ xử lý mà bộ lọc tìm thấy / everything that waits and the filter finds.")
    var all = false
    @OptionGroup(title: "Bộ lọc / filter") var filter: DeadLetterOptions
    @Option(help: "Nhiều nhất bao nhiêu / most in all.")
    var limit: Int?
    @Option(help: "Nhiều nhất mỗi giây / most a second.")
    var rate = ControlRedeliveryOrder.rateDefault
    @Option(help: "Dừng khi tỉ lệ lỗi lại đạt mức này / stop when this share failed again, as in 20%.")
    var stopAtErrors: Share?
    @Flag(help: "Chỉ liệt kê và đếm / only list and count; changes nothing.")
    var dryRun = false
    @Flag(help: "Không chờ / return at once; the job goes on in the hub.")
    var detach = false
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func validate() throws {
      let isBulk = all || !filter.isEmpty
      guard (id != nil) != isBulk else {
        throw ValidationError(
          "Cần một mã, hoặc ít nhất một bộ lọc, hoặc --all / give an id, or at least one filter, or --all; not both.")
      }
      guard !(isBulk && resend) else {
        throw ValidationError("--resend: từng bản tin một / --resend sends one at a time; give an id.")
      }
      guard isBulk || !(dryRun || detach || limit != nil || stopAtErrors != nil) else {
        throw ValidationError(
          "--dry-run, --detach, --limit, --stop-at-errors đi với bộ lọc / go with a filter, not with an id.")
      }
      guard dryRun || !(reason ?? "").allSatisfy(\.isWhitespace) else {
        throw ValidationError("Cần --reason / --reason is needed: it is recorded with the order.")
      }
      guard rate > 0, rate <= 10_000 else {
        throw ValidationError("--rate: trên 0 đến 10000 / above 0, at most 10000.")
      }
      guard limit ?? 1 > 0 else { throw ValidationError("--limit: từ 1 / at least 1.") }
    }

    func run() async throws {
      try await reporting {
        try await ControlClient.open(location) { client in
          if let id {
            let order = ControlClient.Order(delivery: id.delivery, resend: resend ? true : nil, reason: reason)
            try show(id, try await client.order("redeliver", id, order))
          } else if dryRun {
            try await look(client)
          } else {
            try await startJob(client)
          }
        }
      }
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

    private func startJob(_ client: ControlClient) async throws {
      let order = ControlRedeliveryOrder(
        filter: filter.filter, all: all ? true : nil, rate: rate, errorShareMax: stopAtErrors?.value, limit: limit)
      let job = try await client.redeliver(order, reason: reason ?? "")
      if detach {
        if json { try Output.json(job) } else { RedeliveryText.show(job) }
        return
      }
      let end = try await RedeliveryFollowing(client: client, job: job.job).follow()
      if json { try Output.json(end) } else { RedeliveryText.show(end) }
      if end.state != "done" || end.refused > 0 { throw ExitStatus.refused }
    }

    /// What a job would put back; nothing is changed.
    private func look(_ client: ControlClient) async throws {
      if let endpoint = filter.endpoint {
        let _: ControlEndpoint = try await client.get("/endpoints/\(endpoint)")
      }
      let (letters, hasMore) = try await client.deadLetters(filter.filter, limit: limit ?? .max)
      if json {
        for letter in letters { try Output.json(letter) }
      } else {
        for letter in letters { Output.line("\(letter.id)  \(letter.state)  \(letter.reason ?? "")") }
        if !letters.isEmpty { RedeliveryText.showCounts(letters) }
      }
      let more = hasMore ? " (còn nữa / more wait: --limit)" : ""
      Output.note("\(letters.count) sẽ được giao lại / would be delivered again\(more)")
    }
  }
}

/// A share of a whole, as a person writes it: `20%` or `0.2`.
struct Share: ExpressibleByArgument, Sendable {
  /// Above 0, at most 1.
  let value: Double

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let number = Double(isPercent ? String(argument.dropLast()) : argument) else { return nil }
    value = isPercent ? number / 100 : number
    guard value > 0, value <= 1 else { return nil }
  }
}
