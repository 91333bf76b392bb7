internal import ArgumentParser
internal import HubAdmin
internal import HubKit

/// `lgsp deadletters`: what waits for a person.
struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deadletters",
    abstract: "Bản tin chờ người xử lý / what waits for a person: refused, parked, invalid, without a route.",
    discussion: """
      Mỗi dòng là một lượt giao bị từ chối hoặc treo, hoặc một bản tin sai. Bản tin cùng làn đứng sau nó phải chờ.
      Each line is a delivery that was refused or parked, or a message that was never fit. What comes behind it in the
      same lane waits. First see why (lgsp trace <id>), have the cause mended, then decide:

        lgsp redeliver <id> --reason "…"         đưa lại đúng chỗ, cùng khoá / back to its place, same key
        lgsp deadletters drop <id> --reason "…"  thôi hẳn, làn đi tiếp / give it up, its lane goes on

      Ví dụ / examples:
        lgsp deadletters
        lgsp deadletters --endpoint tax-register --json | jq -r .id
      """,
    subcommands: [List.self, Drop.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Liệt kê, cũ nhất trước / list, oldest first.")
    @OptionGroup(title: "Bộ lọc / filter") var filter: DeadLetterOptions
    @Option(help: "Nhiều nhất / at most.")
    var limit = 200
    @Flag(help: "Mỗi mục một dòng JSON / one JSON line for each.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let (letters, hasMore) = try await ControlClient.open(location) { client in
          try await client.deadLetters(filter.filter, limit: limit)
        }
        if json {
          for letter in letters { try Output.json(letter) }
          return
        }
        Output.table(
          [
            "Mã / id", "Từ / since", "Nơi đến / to", "Trạng thái / state", "Mã lỗi / code", "chờ sau / behind",
            "Lý do / reason",
          ], letters.map(Self.row))
        let more = hasMore ? " (còn nữa / more: --limit)" : ""
        Output.line("\(letters.count) chờ người xử lý / wait for a person\(more)")
      }
    }

    private static func row(_ letter: ControlDeadLetter) -> [String] {
      let place = [letter.endpoint, letter.receiver].compactMap { $0 }.joined(separator: " ")
      return [
        letter.id, letter.since.description, place.isEmpty ? letter.type : place, letter.state, letter.code ?? "",
        "\(letter.waitingBehind)", letter.reason ?? "",
      ]
    }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "drop",
      abstract: "Thôi hẳn một bản tin chờ xử lý / give up what waits for a person; its lane goes on.",
      discussion: """
        Bản tin vẫn ở trạng thái không chuyển được; ai, khi nào, vì sao được ghi vào hành trình.
        The exchange stays failed or partly delivered; who, when and why stand in its trace. Do not put personal data
        into the reason.

        Ví dụ / example:  lgsp deadletters drop 01a20778-….1 --reason "Sở đã nhận bản giấy"
        """)
    @Argument(help: "Mã giao dịch hoặc lượt giao / <exchange> or <exchange>.<delivery>.")
    var id: DeliveryName
    @Option(help: "Lý do, được ghi lại / why; it is recorded.")
    var reason: String
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let done = try await ControlClient.open(location) { client in
          try await client.order("drop", id, ControlClient.Order(delivery: id.delivery, reason: reason))
        }
        if json {
          for delivery in done { try Output.json(delivery) }
        } else {
          Output.line("\(id.text): đã cho thôi / given up (\(max(1, done.count)))")
        }
      }
    }
  }
}

/// What an order is about: an exchange, or one of its deliveries.
struct DeliveryName: ExpressibleByArgument, Sendable {
  let text: String
  let exchange: ExchangeID
  let delivery: Int?

  init?(argument: String) {
    text = argument
    if let exchange = ExchangeID(argument) {
      self.exchange = exchange
      delivery = nil
      return
    }
    guard let dot = argument.lastIndex(of: "."), let exchange = ExchangeID(String(argument[..<dot])),
      let number = Int(argument[argument.index(after: dot)...]), number > 0
    else { return nil }
    self.exchange = exchange
    delivery = number
  }
}

extension ControlClient {
  private struct Deliveries: Decodable { var deliveries: [ControlDelivery] }

  /// One order about an exchange.
  func order(_ verb: String, _ name: DeliveryName, _ order: Order) async throws -> [ControlDelivery] {
    let done: Deliveries = try await post("/exchanges/\(name.exchange)/\(verb)", order)
    return done.deliveries
  }

  /// What waits for a person, page by page, up to a limit.
  func deadLetters(
    _ filter: ControlFilter, limit: Int
  ) async throws -> (letters: [ControlDeadLetter], hasMore: Bool) {
    var letters: [ControlDeadLetter] = []
    var next: Int64? = 0
    let fields = filter.fields.map { "&\($0.name)=\(Self.escaped($0.value))" }.joined()
    while let after = next, letters.count < limit {
      let page: ControlDeadLetters = try await get("/dead-letters?limit=200&after=\(after)\(fields)")
      letters += page.items
      next = page.next
    }
    return (Array(letters.prefix(limit)), next != nil || letters.count > limit)
  }
}
