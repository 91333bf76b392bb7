internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubTransport

/// `lgsp demo traffic`: a lively stream of sample messages.
struct DemoTrafficCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "traffic",
    abstract: "Gửi văn bản, hồ sơ mẫu qua hub đang chạy / send sample documents and dossiers through a running hub.",
    discussion: "--once: khoảng 200 giao dịch, chờ xong, in bảng; mã thoát 0 khi mọi thứ kết thúc đúng như tệp kỳ vọng."
  )

  @Flag(help: "Chạy có hạn rồi in bảng / a bounded run with a table at its end.") var once = false
  @Option(help: "Số giao dịch của --once / number of exchanges.") var count = 200
  @Option(help: "Số giao dịch mỗi giây / exchanges a second.") var rate = 4
  @Option(help: "Tệp kế hoạch và kỳ vọng / plan with expectations.") var plan = "Scripts/demo/traffic.json"
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let site = try Site(configFolder: location.folder)
      let loop = CurlLoop()
      let client = GatewayClient(base: try site.gatewayURL(), loop: loop)
      let sender = DemoSender(
        site: site, plan: try DemoPlan.read(plan), planFolder: URL(filePath: plan).deletingLastPathComponent().path,
        client: client)
      try await openOffices(site, client)
      if once { try await bounded(sender) } else { try await endless(sender) }
      await loop.shutdown()
    }
  }

  /// The axis mock plays the offices that answer documents with statuses.
  private func openOffices(_ site: Site, _ client: GatewayClient) async throws {
    let codes = site.configuration.agencies.agencies.filter { $0.endpoint == "axis" }.map(\.code.text)
    let body = try JSONEncoder().encode(Offices(codes: codes, statuses: ["01", "03"]))
    _ = try await client.send(
      OutboundRequest(
        method: "POST", url: "\(try site.mockURL(of: "edocument"))/_mock/offices",
        headers: [HeaderField("Content-Type", "application/json")], body: .bytes(Array(body))))
  }

  private struct Offices: Encodable {
    var codes: [String]
    var statuses: [String]
  }

  private func bounded(_ sender: DemoSender) async throws {
    Output.line("Gửi \(count) giao dịch / sending \(count) exchanges …")
    var results: [DemoResult] = []
    try await withThrowingTaskGroup(of: DemoResult.self) { group in
      for number in 1...count {
        if number > 8, let done = try await group.next() { results.append(done) }
        group.addTask { try await sender.send(number) }
        if number % 50 == 0 { Output.note("  \(number)/\(count)") }
      }
      for try await done in group { results.append(done) }
    }
    Output.line("Chờ mọi giao dịch kết thúc / waiting until all are settled …")
    let verdict = try await settle(results.sorted { $0.number < $1.number }, sender)
    verdict.printTable()
    let failures = verdict.failures()
    guard failures.isEmpty else {
      throw Failure(
        "\(failures.count) giao dịch không kết thúc như kỳ vọng / did not end as expected:\n  "
          + failures.prefix(30).joined(separator: "\n  "))
    }
    Output.line("Mọi giao dịch kết thúc như kỳ vọng / all ended as expected (\(plan)).")
  }

  /// Asks until every exchange has settled and the mocks have what the plan says, two minutes at most.
  private func settle(_ results: [DemoResult], _ sender: DemoSender) async throws -> DemoVerdict {
    var results = results
    let end = ContinuousClock().now + .seconds(120)
    while true {
      for index in results.indices where results[index].exchange != nil && results[index].view?.state.isSettled != true
      {
        results[index].view = try await sender.view(of: results[index])
      }
      let open = results.count { $0.exchange != nil && $0.view?.state.isSettled != true }
      let verdict = DemoVerdict(
        plan: sender.plan, results: results,
        received: try await DemoVerdict.received(by: sender))
      if open == 0, verdict.failures().isEmpty || ContinuousClock().now > end { return verdict }
      if ContinuousClock().now > end { return verdict }
      if open > 0 { Output.note("  còn \(open) / \(open) left") }
      try await Task.sleep(for: .milliseconds(500))
    }
  }

  private func endless(_ sender: DemoSender) async throws {
    try welcome(sender)
    var accepted = 0
    var refused = 0
    for number in 1... {
      let result = try await sender.send(number)
      if result.answer == "accepted" { accepted += 1 } else { refused += 1 }
      if number % rate == 0 { _ = try await sender.fetchInboxes() }
      if number % (rate * 10) == 0 {
        Output.line("\(SystemClock().now)  nhận / accepted \(accepted), từ chối / refused \(refused)")
      }
      if number == 1, let exchange = result.exchange {
        Output.line("  hành trình / trace:   .build/release/lgsp trace \(exchange)\n")
      }
      try await Task.sleep(for: .seconds(1) / rate)
    }
  }

  private func welcome(_ sender: DemoSender) throws {
    let gateway = try sender.site.gatewayURL()
    let sample = try sample(sender)
    Output.line(
      """

      LGSP Hub đang chạy / is running. Ctrl-C để dừng / to stop.
        trạng thái / status:  \(gateway)/
        API:                  \(gateway)/openapi.yaml
        gửi văn bản / send:   .build/release/lgsp send \(sample.file) --as \(sample.sender) --wait
        bằng curl / by curl:  \(sample.curl)
      """)
  }

  /// Writes a sample document beside the demo's configuration, and a line of curl that hands it in.
  private func sample(_ sender: DemoSender) throws -> (file: String, sender: String, curl: String) {
    guard let kind = sender.plan.kinds.first(where: { $0.sample != nil && $0.expect.answer == "accepted" }),
      let demo = sender.site.demo
    else { throw Failure("The plan has no sample document.") }
    let message = try sender.make(kind, 0)
    let file = "\(demo.folder)/van-ban-mau.edxml"
    try Data(message.body).write(to: URL(filePath: file), options: .atomic)
    let credential = try sender.site.credential(of: kind.from)
    let gateway = try sender.site.gatewayURL()
    let user = "\(credential.clientID):\(credential.secret)"
    let token = """
      $(curl -s -u '\(user)' -d grant_type=client_credentials \(gateway)/oauth2/token | cut -d '"' -f 4)
      """
    let curl = """
      curl -s \(gateway)/v1/exchanges -H "Authorization: Bearer \(token)" -H 'Content-Type: application/xml' \
      --data-binary @\(file)
      """
    return (file, kind.from, curl)
  }
}
