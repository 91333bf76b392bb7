internal import ArgumentParser
internal import Foundation
internal import HubKit
internal import HubTransport

/// `lgsp inbox`: what waits for an agency that cannot be called.
struct InboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inbox",
    abstract: "Hộp nhận của cơ quan / an agency's inbox.",
    discussion: """
      Ví dụ / examples:
        lgsp inbox list --as H24.106
        lgsp inbox ack 01a20778-….1 --lease 01a2… --as H24.106
        lgsp inbox ack --all --as H24.106                      lấy và xác nhận hết / fetch and acknowledge everything
        lgsp inbox nack 01a20778-….1 --lease 01a2… --as H24.106 --reason "Không đúng thẩm quyền"

      Bản tin đã lấy mà không xác nhận kịp sẽ được đưa ra lại / what is not acknowledged in time is offered again.
      """,
    subcommands: [List.self, Acknowledge.self, Refuse.self])

  /// Whose inbox, and where.
  struct Door: ParsableArguments {
    @Option(name: .customLong("as"), help: "Mã định danh cơ quan / organisation code.")
    var agency: String
    @Option(help: "Địa chỉ hub / the hub's address; read from the configuration by default.")
    var hub: String?
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func open<Value>(_ work: (InboxClient) async throws -> Value) async throws -> Value {
      let site = try Site(configFolder: location.folder)
      let loop = CurlLoop()
      let client = GatewayClient(base: try hub ?? site.gatewayURL(), loop: loop)
      let token = try await client.token(for: try site.credential(of: agency))
      let value = try await work(InboxClient(client: client, token: token))
      await loop.shutdown()
      return value
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lấy các bản tin đang chờ / fetch what waits; each is leased to you for a while.")
    @Option(help: "Nhiều nhất / at most.") var limit = 10
    @OptionGroup var door: Door

    func run() async throws {
      try await reporting {
        let items = try await door.open { try await $0.list(limit: limit) }
        if door.json {
          for item in items { try Output.json(item) }
        } else {
          Output.table(
            ["Mã / id", "Giữ bằng / lease", "đến / until", "Loại / type", "Byte"],
            items.map { [$0.id, $0.lease, $0.leaseUntil, $0.attributes["type"] ?? "", "\($0.bytes)"] })
        }
      }
    }
  }

  struct Acknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ack", abstract: "Xác nhận đã nhận / say that you have a message.")
    @Argument(help: "Mã bản tin / the message's id.") var id: String?
    @Option(help: "Mã giữ bản tin / its lease, as list printed it.") var lease: String?
    @Flag(help: "Lấy và xác nhận tất cả / fetch and acknowledge everything that waits.") var all = false
    @OptionGroup var door: Door

    func run() async throws {
      try await reporting {
        let count = try await door.open { client in
          if all { return try await client.acknowledgeAll() }
          guard let id, let lease else {
            throw Failure("Cần mã và --lease, hoặc --all / id and --lease are needed, or --all.")
          }
          try await client.end(id, lease: lease, reason: nil)
          return 1
        }
        if door.json {
          try Output.json(["acknowledged": count])
        } else {
          Output.line("\(count) đã xác nhận / acknowledged")
        }
      }
    }
  }

  struct Refuse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "nack", abstract: "Từ chối hẳn, kèm lý do / refuse a message for good, with a reason.")
    @Argument(help: "Mã bản tin / the message's id.") var id: String
    @Option(help: "Mã giữ bản tin / its lease.") var lease: String
    @Option(help: "Lý do / the reason.") var reason: String
    @OptionGroup var door: Door

    func run() async throws {
      try await reporting { try await door.open { try await $0.end(id, lease: lease, reason: reason) } }
    }
  }
}

/// The inbox's part of the API.
struct InboxClient {
  let client: GatewayClient
  let token: String

  struct Item: Codable, Sendable {
    var id, lease, leaseUntil, receivedAt, href: String
    var attributes: [String: String]
    var bytes: Int
    var data: String?
  }

  private struct Listing: Decodable {
    var messages: [Item]
  }

  private struct Ending: Encodable {
    var lease: String
    var reason: String?
  }

  func list(limit: Int) async throws -> [Item] {
    let response = try await send("GET", "/v1/inbox?limit=\(limit)", nil)
    return try JSONDecoder().decode(Listing.self, from: Data(response.body)).messages
  }

  func end(_ id: String, lease: String, reason: String?) async throws {
    let body = try JSONEncoder().encode(Ending(lease: lease, reason: reason))
    _ = try await send("POST", "/v1/inbox/\(id)/\(reason == nil ? "ack" : "nack")", Array(body))
  }

  /// Fetches and acknowledges until nothing waits.
  func acknowledgeAll() async throws -> Int {
    var count = 0
    while true {
      let items = try await list(limit: 100)
      guard !items.isEmpty else { return count }
      for item in items { try await end(item.id, lease: item.lease, reason: nil) }
      count += items.count
    }
  }

  private func send(_ method: String, _ path: String, _ body: [UInt8]?) async throws -> OutboundResponse {
    let response = try await client.send(
      OutboundRequest(
        method: method, url: client.base + path,
        headers: [HeaderField("Authorization", "Bearer \(token)"), HeaderField("Content-Type", "application/json")],
        body: body.map { .bytes($0) }))
    guard (200...299).contains(response.status) else {
      let problem = try? JSONDecoder().decode(GatewayClient.Problem.self, from: Data(response.body))
      throw Failure(
        "HTTP \(response.status) \(problem?.title ?? "") \(problem?.detail ?? "")",
        exitCode: response.status == 404 ? ExitStatus.notFound : ExitStatus.refused)
    }
    return response
  }
}
