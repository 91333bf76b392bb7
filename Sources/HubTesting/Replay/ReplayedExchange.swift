internal import Foundation
public import HubKit

/// One delivery of a logged exchange as a test of its connector: what the connector was handed, what the far system
/// answered, and what the connector put on the wire. `lgsp record <id> --as-test <connector>` writes it, masked;
/// `lgsp connector test` plays it, and a Swift test may too:
///
///     let recorded = try ReplayedExchange(contentsOf: "Fixtures/recorded-2f6a8c1b5e70-1.exchange.json")
///     let differences = await recorded.differences { transport, clock in try? makeAdapter(transport, clock) }
///     #expect(differences == [])
public struct ReplayedExchange: Sendable, Codable {
  /// How such files' names end.
  public static let suffix = ".exchange.json"

  /// The connector's name.
  public var connector: String
  /// What the endpoint's settings were, by name; secrets are not among them.
  public var settings: [String: StoredSetting]
  /// What the connector was handed.
  public var delivery: Handed
  /// What came of it.
  public var answer: Answered
  /// What it put on the wire.
  public var requests: [Sent]

  /// A delivery in a file.
  public struct Handed: Sendable, Codable {
    var id: String
    var exchange: ExchangeID
    var receivedAt: Timestamp
    var envelope: Envelope
    var receiver: OrganisationCode?
    var operation: String?
    var asks: Bool
    var body: StoredBytes
  }

  /// An answer in a file.
  public struct Answered: Sendable, Codable {
    var isSuccess: Bool
    var code: String
    var reference: String?
    var type: String?
    var body: StoredBytes
  }

  /// A request in a file.
  public struct Sent: Sendable, Codable {
    var method, url: String
    var headers: [[String]]
    var body: StoredBytes?
  }

  /// Takes down what happened.
  public init(
    connector: String, settings: [String: StoredSetting], delivery: Delivery, answer: Result<Reply, AdapterError>,
    requests: [SentRequest]
  ) {
    self.connector = connector
    self.settings = settings
    self.delivery = Handed(
      id: delivery.id, exchange: delivery.exchange, receivedAt: delivery.receivedAt, envelope: delivery.envelope,
      receiver: delivery.receiver, operation: delivery.operation, asks: delivery.question != nil,
      body: StoredBytes(delivery.body))
    switch answer {
    case .success(let reply):
      self.answer = Answered(
        isSuccess: true, code: reply.code, reference: reply.reference, type: reply.mediaType,
        body: StoredBytes(reply.body))
    case .failure(let error):
      self.answer = Answered(isSuccess: false, code: error.code, body: StoredBytes(.empty))
    }
    self.requests = requests.map { request in
      Sent(
        method: request.method, url: request.url, headers: request.headers,
        body: request.body.map { StoredBytes(.inline($0)) })
    }
  }

  /// Reads a file.
  ///
  /// - Throws: ``TestingError`` that names the file.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else { throw TestingError("\(path) cannot be read") }
    do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
      throw TestingError("\(path) is no recorded exchange: \(error)")
    }
  }

  /// The file's bytes.
  public func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}

// MARK: - Playing

extension ReplayedExchange {
  /// Makes the adapter that is tried, from a transport and a clock that it must use.
  public typealias Maker =
    @Sendable (_ transport: any Transport, _ clock: any HubClock) -> (any OutboundAdapter)?

  /// Hands the delivery to the connector once more and compares what it sends. Places that are another in a second run,
  /// an hour later, are not compared: ids, times, nonces, signatures.
  ///
  /// - Returns: each difference in a sentence: the request, the place, what was recorded and what is made.
  public func differences(making make: Maker) async -> [String] {
    let recorded = requests.map { request in
      SentRequest(method: request.method, url: request.url, headers: request.headers, body: request.body?.bytes)
    }
    guard let made = await play(.zero, make) else { return ["\(connector): no adapter could be made."] }
    let found = WireDifference.places(recorded, made)
    guard !found.isEmpty, let again = await play(.seconds(3607), make) else { return found.map(Self.sentence) }
    let changing = Set(WireDifference.places(made, again).map { "\($0.number) \($0.place.name)" })
    return found.filter { !changing.contains("\($0.number) \($0.place.name)") }.map(Self.sentence)
  }

  private func play(_ shift: Duration, _ make: Maker) async -> [SentRequest]? {
    var whole = Delivery(
      id: delivery.id, exchange: delivery.exchange, attempt: 1, envelope: delivery.envelope,
      receiver: delivery.receiver, operation: delivery.operation, body: .inline(delivery.body.bytes),
      bodies: MemoryBodyStore(), receivedAt: delivery.receivedAt, deadline: delivery.receivedAt)
    if delivery.asks { whole.question = delivery.envelope.question ?? Question() }
    let result: Result<Reply, AdapterError> =
      answer.isSuccess
      ? .success(
        Reply(
          code: answer.code, reference: answer.reference, mediaType: answer.type, body: .inline(answer.body.bytes)))
      : .failure(AdapterError(.reject, code: answer.code, reason: "It failed when it was recorded."))
    return await Self.requests(whole, answer: result, shift: shift, making: make)
  }

  /// What a connector puts on the wire for one delivery, on no wire.
  ///
  /// - Parameters:
  ///   - answer: what every request gets.
  ///   - shift: how far the connector's clock is ahead of the time of receipt.
  /// - Returns: nil when no adapter could be made.
  public static func requests(
    _ delivery: Delivery, answer: Result<Reply, AdapterError>, shift: Duration, making make: Maker
  ) async -> [SentRequest]? {
    let clock = StoppedClock(at: delivery.receivedAt + shift)
    let transport = NotingTransport(answer)
    guard let adapter = make(transport, clock) else { return nil }
    var delivery = delivery
    delivery.deadline = clock.now + .seconds(60)
    _ = try? await adapter.deliver(delivery)
    return transport.requests
  }

  private static func sentence(_ found: WireDifference.Place) -> String {
    "request \(found.number), \(found.place.name): recorded \(found.place.recorded ?? "nothing"), "
      + "made \(found.place.made ?? "nothing")"
  }
}

/// Bytes in a JSON file: as text where they are text.
public struct StoredBytes: Sendable, Hashable, Codable {
  private var text: String?
  private var base64: String?

  init(_ body: Body) {
    guard case .inline(let bytes) = body else { return }
    text = String(validating: bytes, as: UTF8.self)
    if text == nil { base64 = Data(bytes).base64EncodedString() }
  }

  var bytes: [UInt8] { text.map { Array($0.utf8) } ?? base64.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? [] }
}

/// A setting in a JSON file. Of a secret only that there was one.
public enum StoredSetting: Sendable, Hashable, Codable {
  case text(String), integer(Int), flag(Bool), milliseconds(Double), list([String]), map([String: String]), secret

  /// Takes a setting down.
  public init(_ value: SettingValue) {
    switch value {
    case .text(let text): self = .text(text)
    case .integer(let number): self = .integer(number)
    case .flag(let flag): self = .flag(flag)
    case .duration(let duration): self = .milliseconds(duration.milliseconds)
    case .list(let list): self = .list(list)
    case .map(let map): self = .map(map)
    case .secret: self = .secret
    }
  }

  /// The setting.
  public var value: SettingValue {
    switch self {
    case .text(let text): .text(text)
    case .integer(let number): .integer(number)
    case .flag(let flag): .flag(flag)
    case .milliseconds(let count): .duration(.microseconds(Int64(count * 1000)))
    case .list(let list): .list(list)
    case .map(let map): .map(map)
    case .secret: .secret(.placeholder(for: "recorded"))
    }
  }
}

extension StoredSetting {
  private enum CodingKeys: CodingKey { case text, integer, flag, milliseconds, list, map, secret }

  /// Reads an object with one member, which tells what it is.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    switch values.allKeys.first {
    case .text: self = .text(try values.decode(String.self, forKey: .text))
    case .integer: self = .integer(try values.decode(Int.self, forKey: .integer))
    case .flag: self = .flag(try values.decode(Bool.self, forKey: .flag))
    case .milliseconds: self = .milliseconds(try values.decode(Double.self, forKey: .milliseconds))
    case .list: self = .list(try values.decode([String].self, forKey: .list))
    case .map: self = .map(try values.decode([String: String].self, forKey: .map))
    case .secret: self = .secret
    case nil:
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no known setting"))
    }
  }

  /// Writes an object with one member.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .text(let text): try values.encode(text, forKey: .text)
    case .integer(let number): try values.encode(number, forKey: .integer)
    case .flag(let flag): try values.encode(flag, forKey: .flag)
    case .milliseconds(let count): try values.encode(count, forKey: .milliseconds)
    case .list(let list): try values.encode(list, forKey: .list)
    case .map(let map): try values.encode(map, forKey: .map)
    case .secret: try values.encode(true, forKey: .secret)
    }
  }
}

extension Secret {
  /// Something in place of a secret: hex and base64 alike, and long enough for any key.
  public static func placeholder(for reference: String) -> Secret {
    Secret(reference: reference, value: String(repeating: "0a1b2c3d", count: 8))
  }
}
