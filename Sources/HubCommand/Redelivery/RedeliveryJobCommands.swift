internal import ArgumentParser
internal import HubAdmin
internal import HubKit

extension RedeliverCommand {
  struct Jobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "jobs",
      abstract: "Các đợt giao lại, hoặc kết quả một đợt / the redelivery jobs, or what became of one.",
      discussion: """
        Với một số: đếm theo kết quả và những lỗi đầu tiên; lgsp trace <mã> cho biết đợt nào đã giao lại.
        With a number: counts by end, and the first of those that failed again or could not be put back. lgsp trace
        of an exchange names the job that put it back.

        Ví dụ / examples:
          lgsp redeliver jobs
          lgsp redeliver jobs 7 --json | jq .failures
        """)
    @Argument(help: "Số của đợt / number of a job.")
    var job: Int64?
    @Flag(help: "Mỗi đợt một dòng JSON / one JSON line for each.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let jobs = try await ControlClient.open(location) { client in
          if let job { [try await client.redelivery(job)] } else { try await client.redeliveries() }
        }
        if json {
          for job in jobs { try Output.json(job) }
        } else if job != nil {
          for job in jobs { RedeliveryText.show(job) }
        } else {
          RedeliveryText.showTable(jobs)
        }
      }
    }
  }

  /// Which job, and why.
  struct Change: ParsableArguments {
    @Argument(help: "Số của đợt / number of the job.")
    var job: Int64
    @Option(help: "Lý do, được ghi lại / why; it is recorded. No personal data.")
    var reason: String
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func carryOut(_ change: ControlRedelivery.Change) async throws {
      let changed = try await ControlClient.open(location) { client in
        try await client.change(job, change, reason: reason)
      }
      if json { try Output.json(changed) } else { RedeliveryText.show(changed) }
    }
  }

  struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pause",
      abstract: "Tạm ngừng một đợt / halt a job, also over a restart of the hub; what it put back goes on.")
    @OptionGroup var change: Change
    func run() async throws { try await reporting { try await change.carryOut(.pause) } }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "resume",
      abstract: "Cho một đợt đi tiếp / let a job go on where it was, also one that stopped at errors.",
      discussion: "Tỉ lệ lỗi được đo lại từ đầu / the share of errors is measured anew.")
    @OptionGroup var change: Change
    func run() async throws { try await reporting { try await change.carryOut(.resume) } }
  }

  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "stop",
      abstract: "Thôi một đợt / stop a job: the rest stays as it is; what was put back goes on.")
    @OptionGroup var change: Change
    func run() async throws { try await reporting { try await change.carryOut(.stop) } }
  }
}

extension ControlClient {
  private struct Jobs: Decodable { var jobs: [ControlRedelivery] }

  /// An order for many, as it is posted.
  private struct BulkOrder: Encodable {
    var filter: ControlFilter
    var all: Bool?
    var rate: Double?
    var errorShareMax: Double?
    var limit: Int?
    var reason: String
    var by: String?
  }

  func redeliver(_ order: ControlRedeliveryOrder, reason: String) async throws -> ControlRedelivery {
    try await post(
      "/redeliveries",
      BulkOrder(
        filter: order.filter, all: order.all, rate: order.rate, errorShareMax: order.errorShareMax, limit: order.limit,
        reason: reason, by: Order().by))
  }

  func redeliveries() async throws -> [ControlRedelivery] {
    let listing: Jobs = try await get("/redeliveries")
    return listing.jobs
  }

  func redelivery(_ job: Int64) async throws -> ControlRedelivery { try await get("/redeliveries/\(job)") }

  func change(_ job: Int64, _ change: ControlRedelivery.Change, reason: String) async throws -> ControlRedelivery {
    try await post("/redeliveries/\(job)/\(change.rawValue)", Order(reason: reason))
  }
}
