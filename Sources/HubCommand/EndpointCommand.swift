internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubTransport

/// `lgsp endpoint`: the far systems as the running hub sees them.
struct EndpointCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoint", abstract: "Các điểm kết nối / the endpoints.", subcommands: [List.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Trạng thái từng điểm kết nối / how each endpoint stands: waiting, under way, paused and why.",
      discussion: "Chạy trên máy của hub / run it on the hub's own machine. Ví dụ / example:  lgsp endpoint list --json"
    )
    @Flag(help: "Mỗi điểm kết nối một dòng JSON / one JSON line for each endpoint.")
    var json = false
    @Option(help: "Địa chỉ hub / the hub's address; read from the configuration by default.")
    var hub: String?
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let site = try Site(configFolder: location.folder)
        let loop = CurlLoop()
        let base = try hub ?? site.statusURL()
        let client = GatewayClient(base: base, loop: loop, caFile: nil)
        let response = try await client.send(OutboundRequest(method: "GET", url: "\(client.base)/status.json"))
        await loop.shutdown()
        guard response.status == 200 else {
          throw Failure("HTTP \(response.status): chỉ xem được trên máy của hub / only the hub's own machine may ask.")
        }
        try print(try JSONDecoder().decode(Overview.self, from: Data(response.body)).endpoints)
      }
    }

    private struct Overview: Decodable {
      var endpoints: [Endpoint]
    }

    /// An endpoint as `/status.json` tells it.
    private struct Endpoint: Codable {
      var name, connector, state: String
      var since, reason, nextTry, lastSuccess: String?
      var waiting, inFlight, delivered, failed: Int
    }

    private func print(_ endpoints: [Endpoint]) throws {
      if json {
        for endpoint in endpoints { try Output.json(endpoint) }
        return
      }
      Output.table(
        [
          "Điểm kết nối / endpoint", "Connector", "Trạng thái / state", "chờ / waiting", "đang gửi / under way",
          "đã chuyển / delivered", "lỗi / failed", "Lý do / reason",
        ],
        endpoints.map {
          [
            $0.name, $0.connector, $0.state, "\($0.waiting)", "\($0.inFlight)", "\($0.delivered)", "\($0.failed)",
            $0.reason ?? "",
          ]
        })
    }
  }
}

extension Site {
  /// Where the status page answers on this machine.
  func statusURL() throws -> String {
    if let admin = configuration.hub.admin { return "http://\(admin)" }
    return try gatewayURL()
  }
}
