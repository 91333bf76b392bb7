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
  private let fetched = Mutex<[DemoVerdict.Received]>([])
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
    if let push = kind.push {
      result.answer = try await self.push(message, push)
      return result
    }
    let token = try await token(of: kind.from)
    if let service = kind.service {
      (result.answer, result.exchange) = try await ask(service, kind, number, message, token)
      return result
    }
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

  /// Asks a service, as an agency's system would.
  private func ask(
    _ service: String, _ kind: DemoPlan.Kind, _ number: Int, _ message: SampleMessage, _ token: String
  ) async throws -> (answer: String, exchange: ExchangeID?) {
    let attributes = (kind.attributes ?? [:]).map { name, value in
      HeaderField("ce-\(name)", GatewayClient.encoded(filled(value, number)))
    }
    let response = try await client.send(
      OutboundRequest(
        method: "POST", url: "\(client.base)/v1/services/\(service)",
        headers: attributes + [
          HeaderField("Authorization", "Bearer \(token)"), HeaderField("Content-Type", message.mediaType),
        ], body: .bytes(message.body)))
    let exchange = response.headers["LGSP-Exchange"].flatMap(ExchangeID.init)
    guard response.status != 200 else { return ("accepted", exchange) }
    let problem = try? JSONDecoder().decode(GatewayClient.Problem.self, from: Data(response.body))
    return (problem?.type.map { String($0.split(separator: "/").last ?? "") } ?? "\(response.status)", nil)
  }

  /// Pushes a record, as a far system would.
  private func push(_ message: SampleMessage, _ push: DemoPlan.Push) async throws -> String {
    let secret = FileManager.default.contents(atPath: "\(site.demo?.folder ?? "")/Data/\(push.secret)") ?? Data()
    let text = String(decoding: secret, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    let response = try await client.send(
      OutboundRequest(
        method: "POST", url: "\(client.base)/v1/served/\(push.path)",
        headers: [
          HeaderField("Authorization", "Basic \(Data("\(push.user):\(text)".utf8).base64EncodedString())"),
          HeaderField("Content-Type", message.mediaType),
        ], body: .bytes(message.body)))
    struct Answer: Decodable {
      var code: String
      private enum CodingKeys: String, CodingKey { case code = "error_code" }
    }
    let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body))
    return answer?.code == "0" ? "accepted" : "HTTP \(response.status), error_code \(answer?.code ?? "-")"
  }

  /// Fetches and acknowledges for all agencies that have an inbox, as they would.
  ///
  /// - Returns: all that was fetched so far.
  func fetchInboxes() async throws -> [DemoVerdict.Received] {
    let inboxes = Set(site.configuration.endpoints.filter { $0.connector == "inbox" }.map(\.name))
    for agency in site.configuration.agencies.agencies where agency.endpoint.map(inboxes.contains) == true {
      let code = agency.code.text
      let inbox = InboxClient(client: client, token: try await token(of: code))
      for item in try await inbox.list(limit: 100) {
        try await inbox.end(item.id, lease: item.lease, reason: nil)
        let seen = DemoVerdict.Received(
          id: item.attributes["id"], subject: item.attributes["subject"], type: item.attributes["type"], agency: code)
        fetched.withLock { $0.append(seen) }
      }
    }
    return fetched.withLock { $0 }
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
    let text = filled(String(decoding: data, as: UTF8.self), number, now)
    var all = attributes + [HeaderField("ce-type", kind.type ?? ""), HeaderField("ce-sender", kind.from)]
    if let subject = kind.subject { all.append(HeaderField("ce-subject", filled(subject, number, now))) }
    if !kind.to.isEmpty { all.append(HeaderField("ce-receiver", kind.to.joined(separator: ","))) }
    return SampleMessage(
      attributes: all, mediaType: kind.mediaType ?? "application/json", body: Array(text.utf8),
      documentID: all["ce-id"] ?? "")
  }

  private func filled(_ text: String, _ number: Int, _ now: Timestamp = SystemClock().now) -> String {
    text.replacing("{{number}}", with: "\(number)").replacing("{{run}}", with: run)
      .replacing("{{number4}}", with: "\(number % 9000 + 1000)").replacing("{{time}}", with: now.description)
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
