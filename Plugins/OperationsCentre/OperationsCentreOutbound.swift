internal import HubKit

/// Puts figures to the operations centre, named by the message's id: the same name and bytes again change nothing
/// there, and older figures than the newest are taken and left aside.
struct OperationsCentreOutbound: OutboundAdapter {
  let settings: OperationsCentreSettings
  let transport: any Transport
  let clock: any HubClock

  /// Largest body, in bytes: figures of a city have some tens of kilobytes.
  static let bytesMax = 1 << 20
  /// Longest name of figures, in characters.
  static let nameMax = 64

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let name = try Self.name(of: delivery.envelope)
    let left = delivery.deadline - clock.now
    guard left > .zero else {
      throw AdapterError(.retry(after: nil), code: "deadline", reason: "The attempt's time was over before it began.")
    }
    let response = try await transport.send(
      OutboundRequest(
        method: "PUT", url: "\(settings.url)/api/indicators/\(name)",
        headers: [HeaderField("Content-Type", "application/json"), try settings.authorization()],
        body: .bytes(try Self.bytes(of: delivery)), timeout: left, responseBytesMax: 64 << 10))
    return try OperationsCentreAnswer(response).reply(to: name)
  }

  /// Asks for the newest name: changes nothing.
  func probe() async throws(AdapterError) {
    let response = try await transport.send(
      OutboundRequest(
        method: "GET", url: "\(settings.url)/api/indicators", headers: [try settings.authorization()],
        responseBytesMax: 64 << 10))
    guard response.status != 200 else { return }
    throw AdapterError(
      .outage(after: OperationsCentreAnswer(response).retryAfter), code: "http-\(response.status)",
      reason: "The operations centre answered a probe with \(response.status).")
  }

  /// The message's id, as far as it may stand in a path.
  private static func name(of envelope: Envelope) throws(AdapterError) -> String {
    let name = envelope.id
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isPlain, !name.isEmpty, name.utf8.count <= nameMax else {
      throw AdapterError(
        .reject, code: "bad-name",
        reason: "The message's id cannot name figures: letters, digits, - and _, at most \(nameMax) of them.")
    }
    return name
  }

  private static func bytes(of delivery: Delivery) throws(AdapterError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(BodyError) {
      bytes = try delivery.bodies.bytes(of: delivery.body, limit: bytesMax)
    } catch {
      throw failure(error)
    }
    guard !bytes.isEmpty else {
      throw AdapterError(.reject, code: "empty", reason: "The message has no content.")
    }
    return bytes
  }

  private static func failure(_ error: BodyError) -> AdapterError {
    switch error {
    case .tooLarge:
      AdapterError(.reject, code: "too-large", reason: "The figures have more than \(bytesMax) bytes.")
    case .gone, .damaged:
      AdapterError(.reject, code: "body-unreadable", reason: "The message's bytes are gone or damaged.")
    case .full, .io:
      AdapterError(
        .retry(after: nil), code: "body-unreadable", reason: "The message's bytes could not be read.",
        cause: "\(error)")
    }
  }
}
