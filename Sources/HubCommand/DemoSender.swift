internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubTransport
internal import Synchronization

/// Sends the demo's messages, as the agencies' own systems would.
final class DemoSender: Sendable {
  let site: Site
  let plan: DemoPlan
  let client: GatewayClient
  /// Tells this run's documents from those of earlier ones.
  let run: String
  private let folder: String
  private let tokens = Mutex<[String: (token: String, until: ContinuousClock.Instant)]>([:])

  init(site: Site, plan: DemoPlan, planFolder: String, client: GatewayClient) {
    self.site = site
    self.plan = plan
    self.client = client
    folder = planFolder
    run = String(UInt32.random(in: 0 ... .max), radix: 36)
  }

  /// Hands the n-th message in.
  func send(_ number: Int) async throws -> DemoResult {
    let kind = plan.kind(of: number)
    let message = try make(kind, number)
    let id = message.attributes["ce-id"] ?? ""
    var result = DemoResult(
      number: number, kind: kind.name, flow: kind.flow, documentID: message.documentID, messageID: id, answer: "")
    let token = try await token(of: kind.from)
    switch try await client.handIn(
      [HeaderField("Content-Type", message.mediaType)] + message.attributes, body: .bytes(message.body), token: token)
    {
    case .accepted(let receipt):
      result.answer = "accepted"
      result.exchange = receipt.id
    case .refused(_, let problem):
      result.answer = problem.type.map { String($0.split(separator: "/").last ?? "") } ?? "?"
    }
    return result
  }

  /// The exchange as its sender may see it.
  func view(of result: DemoResult) async throws -> ExchangeView? {
    guard let id = result.exchange else { return nil }
    let kind = plan.kind(of: result.number)
    return try await client.exchange(id, token: try await token(of: kind.from))
  }

  func make(_ kind: DemoPlan.Kind, _ number: Int) throws -> SampleMessage {
    let now = SystemClock().now
    let attributes = [
      HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", "\(kind.name)-\(run)-\(number)"),
      HeaderField("ce-source", "/agencies/\(kind.from)/demo"),
    ]
    if let sample = kind.sample {
      guard let maker = Installation.current.samples.first(where: { $0.kinds.contains(sample) }) else {
        throw Failure("Không có mẫu \(sample) / no such sample is installed.")
      }
      var message = maker.make(
        SampleRequest(
          kind: sample, number: number, run: run, sender: agency(kind.from), receivers: kind.to.map(agency), now: now))
      if let type = kind.type { message.attributes = attributes + [HeaderField("ce-type", type)] }
      return message
    }
    return try fromFile(kind, number, now, attributes)
  }

  private func fromFile(
    _ kind: DemoPlan.Kind, _ number: Int, _ now: Timestamp, _ attributes: [HeaderField]
  ) throws -> SampleMessage {
    guard let file = kind.file, let data = FileManager.default.contents(atPath: "\(folder)/\(file)") else {
      throw Failure("\(kind.name): không có tệp mẫu / its file is missing.")
    }
    func filled(_ text: String) -> String {
      text.replacing("{{number}}", with: "\(number)").replacing("{{run}}", with: run)
        .replacing("{{number4}}", with: "\(number % 9000 + 1000)").replacing("{{time}}", with: now.description)
    }
    let text = filled(String(decoding: data, as: UTF8.self))
    var all = attributes + [HeaderField("ce-type", kind.type ?? ""), HeaderField("ce-sender", kind.from)]
    if let subject = kind.subject { all.append(HeaderField("ce-subject", filled(subject))) }
    if !kind.to.isEmpty { all.append(HeaderField("ce-receiver", kind.to.joined(separator: ","))) }
    return SampleMessage(
      attributes: all, mediaType: kind.mediaType ?? "application/json", body: Array(text.utf8),
      documentID: all["ce-id"] ?? "")
  }

  private func agency(_ code: String) -> Agency {
    let known = OrganisationCode(code).flatMap { site.directory.agency($0) }
    return known ?? Agency(code: OrganisationCode(code) ?? site.configuration.hub.organisation, name: code)
  }

  private func token(of code: String) async throws -> String {
    let now = ContinuousClock().now
    if let known = tokens.withLock({ $0[code] }), known.until > now { return known.token }
    let token = try await client.token(for: try site.credential(of: code))
    tokens.withLock { $0[code] = (token, now + .seconds(300)) }
    return token
  }
}
