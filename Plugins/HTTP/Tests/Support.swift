import Foundation
import HTTPMock
import HubKit
import HubTesting
import HubTransport

@testable import HTTP

/// An adapter with these settings.
func adapter(
  _ values: [String: SettingValue], transport: any Transport, clock: any HubClock = SystemClock()
) throws -> any OutboundAdapter {
  let settings = SettingValues(values, declared: HTTPConnector.descriptor.settings)
  let context = ConnectorContext.forTests(endpoint: "so-test", transport: transport, clock: clock)
  guard let outbound = try HTTPConnector(settings: settings).make(context).outbound else {
    throw TestingError("the connector has no outbound adapter")
  }
  return outbound
}

/// A delivery of a synthetic message.
func delivery(
  _ number: Int = 1, body: Body = .inline(Array(#"{"trichYeu":"Về việc thử nghiệm"}"#.utf8)),
  mediaType: String? = "application/json", clock: any HubClock = SystemClock(),
  change: (inout Envelope) -> Void = { _ in }
) -> Delivery {
  var envelope = Envelope(
    id: "vb-\(number)", source: "/h24.1/van-thu", type: "vn.example.document", subject: "12/UBND-VP",
    time: Timestamp(rfc3339: "2026-01-05T08:00:00+07:00"), dataContentType: mediaType,
    extensions: [
      "sender": "H24.1", "receiver": "H24.2", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ])
  change(&envelope)
  return Delivery(
    id: "0198c000-0000-7000-8000-00000000000\(number).1", exchange: .make(at: clock.now), attempt: 1,
    envelope: envelope, receiver: OrganisationCode("H24.2"), body: body, bodies: MemoryBodyStore(),
    receivedAt: clock.now, deadline: clock.now + .seconds(20))
}

/// How a delivery ended.
func outcome(_ adapter: any OutboundAdapter, _ delivery: Delivery) async -> Result<Reply, AdapterError> {
  do throws(AdapterError) {
    return .success(try await adapter.deliver(delivery))
  } catch {
    return .failure(error)
  }
}

extension Result where Failure == AdapterError {
  var error: AdapterError? {
    if case .failure(let error) = self { error } else { nil }
  }
}

/// The mock on a socket with the connector's adapter before it.
struct Bench {
  let server: LoopbackServer
  let interface: any ServedInterface
  let loop: CurlLoop

  init(loop: CurlLoop) throws {
    interface = try HTTPMock(settings: SettingValues([:]), clock: SystemClock()).interface
    server = try LoopbackServer(interface)
    self.loop = loop
  }

  func adapter(_ values: [String: SettingValue] = [:]) throws -> any OutboundAdapter {
    let url = "\(server.url)/agencies/{receiver}/inbox"
    return try HTTPTests.adapter(
      values.merging(["url": .text(url)]) { own, _ in own }, transport: transport)
  }

  var transport: any Transport {
    loop.transport(for: "so-test", .thisMachine)
  }

  struct Received: Decodable {
    var n: Int
    var mode: String
    var id: String?
    var type: String?
    var subject: String?
    var sha256: String
    var bytes: Int
    var repeats: Int
    var key: String?
    var mediaType: String?
  }

  func received(agency: String = "H24.2") async throws -> [Received] {
    let response = try await control("GET", "received?agency=\(agency)")
    return try JSONDecoder().decode([Received].self, from: Data(response.body))
  }

  func body(_ number: Int) async throws -> [UInt8] { try await control("GET", "received/\(number)/body").body }

  @discardableResult
  func control(_ method: String, _ path: String, _ json: String? = nil) async throws -> OutboundResponse {
    try await transport.send(
      OutboundRequest(
        method: method, url: "\(server.url)/_mock/\(path)", body: json.map { .bytes(Array($0.utf8)) }))
  }
}
