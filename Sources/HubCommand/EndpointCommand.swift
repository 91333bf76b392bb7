internal import ArgumentParser
internal import HubAdmin
internal import HubKit

/// `lgsp endpoint`: the far systems as the running hub sees them.
struct EndpointCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoint", abstract: "Các điểm kết nối / the endpoints.",
    discussion: """
      Chạy trên máy của hub, bằng người dùng chạy hub / run it on the hub's own machine, as the hub's user.

      Ví dụ / examples:
        lgsp endpoint list
        lgsp endpoint pause tax-register --reason "Cục Thuế bảo trì đến 6 giờ"
        lgsp endpoint resume tax-register --reason "bảo trì xong"
        lgsp endpoint version tax-register current --reason "bản mới lỗi, quay lại"
      """,
    subcommands: [List.self, Show.self, EndpointProbeCommand.self, Pause.self, Resume.self, Version.self])

  /// Which endpoint, and why.
  struct Order: ParsableArguments {
    @Argument(help: "Tên điểm kết nối / the endpoint's name.")
    var name: String
    @Option(help: "Lý do, được ghi lại / why; it is recorded. No personal data.")
    var reason: String
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func carryOut(_ verb: String) async throws {
      let endpoint: ControlEndpoint = try await ControlClient.open(location) { client in
        try await client.post("/endpoints/\(name)/\(verb)", ControlClient.Order(reason: reason))
      }
      if json { try Output.json(endpoint) } else { EndpointText.show(endpoint) }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Trạng thái từng điểm kết nối / how each endpoint stands: waiting, under way, paused and why.")
    @Flag(help: "Mỗi điểm kết nối một dòng JSON / one JSON line for each endpoint.")
    var json = false
    @OptionGroup var location: ConfigLocation

    private struct Listing: Decodable { var endpoints: [ControlEndpoint] }

    func run() async throws {
      try await reporting {
        let listing: Listing = try await ControlClient.open(location) { try await $0.get("/endpoints") }
        if json {
          for endpoint in listing.endpoints { try Output.json(endpoint) }
          return
        }
        Output.table(
          [
            "Điểm kết nối / endpoint", "Connector", "Trạng thái / state", "chờ / waiting", "đang gửi / under way",
            "đã chuyển / delivered", "lỗi / failed", "Phiên bản / version", "Lý do / reason",
          ],
          listing.endpoints.map {
            [
              $0.name, $0.connector, $0.state, "\($0.waiting)", "\($0.inFlight)", "\($0.delivered)", "\($0.failed)",
              $0.versions.map(EndpointText.choice) ?? "", $0.reason ?? "",
            ]
          })
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Một điểm kết nối, chi tiết / one endpoint in full: who paused it, since when, why.")
    @Argument(help: "Tên điểm kết nối / the endpoint's name.")
    var name: String
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let endpoint: ControlEndpoint = try await ControlClient.open(location) { client in
          try await client.get("/endpoints/\(name)")
        }
        if json { try Output.json(endpoint, pretty: true) } else { EndpointText.show(endpoint) }
      }
    }
  }

  struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pause",
      abstract: "Tạm dừng gửi / send nothing to it until it is resumed, also after a restart.",
      discussion: """
        Bản tin mới xếp hàng chờ, không mất lần thử nào; lượt đang gửi được gửi xong. Câu hỏi được trả lời ngay là
        không hỏi được. / New messages wait in their lanes and spend no attempt; what is under way ends by itself;
        whoever asks a service there is told at once that it cannot be asked. A source there is not polled.
        """)
    @OptionGroup var order: Order

    func run() async throws { try await reporting { try await order.carryOut("pause") } }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "resume",
      abstract: "Gửi tiếp, thử ngay / let it go on; a far system that was away is tried at once.")
    @OptionGroup var order: Order

    func run() async throws { try await reporting { try await order.carryOut("resume") } }
  }
}

extension EndpointCommand {
  struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "version",
      abstract:
        "Chọn phiên bản cho bản tin mới / choose the version that new messages take, at once; also after a restart.",
      discussion: """
        current: phiên bản đầu (quay lại); next: phiên bản thứ hai; auto: theo `next.when` trong cấu hình. Lượt giao đã
        bắt đầu ở phiên bản nào thì kết thúc ở đó; bản tin mới của một khóa đang có lượt chờ đi theo lượt ấy. /
        current: the first (roll back); next: the second; auto: as `next.when` says. What began on a version ends on it,
        and a new message follows what its ordering key still has waiting on the other one.
        """)
    @Argument(help: "Tên điểm kết nối / the endpoint's name.")
    var name: String
    @Argument(help: "current, next, auto.")
    var version: Choice
    @Option(help: "Lý do, được ghi lại / why; it is recorded. No personal data.")
    var reason = "không nêu / not given"
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    enum Choice: String, ExpressibleByArgument, CaseIterable {
      case current, next, auto
    }

    func run() async throws {
      try await reporting {
        let endpoint: ControlEndpoint = try await ControlClient.open(location) { client in
          try await client.post("/endpoints/\(name)/version/\(version.rawValue)", ControlClient.Order(reason: reason))
        }
        if json { try Output.json(endpoint) } else { EndpointText.show(endpoint) }
      }
    }
  }
}

/// One endpoint for people.
private enum EndpointText {
  static func show(_ endpoint: ControlEndpoint) {
    Output.line("\(endpoint.name)  \(label(endpoint.state))")
    Output.line("  connector                 \(endpoint.connector)")
    if let since = endpoint.since { Output.line("  từ / since                \(since)") }
    if let reason = endpoint.reason { Output.line("  lý do / reason            \(reason)") }
    if let by = endpoint.pausedBy { Output.line("  người dừng / paused by    \(by)") }
    if let next = endpoint.nextTry { Output.line("  thử lại / next try        \(next)") }
    Output.line("  chờ / waiting             \(endpoint.waiting)")
    Output.line("  đang gửi / under way      \(endpoint.inFlight)")
    Output.line("  đã chuyển / delivered     \(endpoint.delivered)")
    Output.line("  lỗi / failed              \(endpoint.failed)")
    if let last = endpoint.lastSuccess { Output.line("  lần được cuối / last well \(last)") }
    if let versions = endpoint.versions { show(versions) }
  }

  private static func show(_ versions: ControlVersions) {
    Output.line("  bản tin mới / new messages \(choice(versions))")
    if let since = versions.since { Output.line("    từ / since              \(since)") }
    if let by = versions.by { Output.line("    người chọn / chosen by  \(by)") }
    if let reason = versions.reason { Output.line("    lý do / reason          \(reason)") }
    Output.line("  \(versions.next)")
    Output.line("    chờ / waiting           \(versions.nextWaiting)")
    Output.line("    đang gửi / under way    \(versions.nextInFlight)")
  }

  /// Which version new messages take.
  static func choice(_ versions: ControlVersions) -> String {
    versions.choice == .auto ? "auto (next: \(versions.rule))" : versions.choice.rawValue
  }

  private static func label(_ state: String) -> String {
    switch state {
    case "paused": "tạm dừng / paused by an operator"
    case "down": "không trả lời / down, tried again by itself"
    default: "đang chạy / running"
    }
  }
}
