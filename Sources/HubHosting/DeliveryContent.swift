internal import HubConfig
internal import HubKit
internal import HubRouting
internal import HubTransform
internal import JSONWire

/// What a delivery's body becomes on its way out by a manifest's mappings.
struct DeliveryContent {
  /// What is sent.
  var body: OutboundBody
  /// Its length in bytes.
  var byteCount: Int
  /// Its media type.
  var mediaType: String?
  /// What `values:` gave, by name.
  var values: [String: String] = [:]

  /// Largest body that is mapped, in bytes; others are streamed.
  private static let mappedBytesMax = 8 << 20

  /// Streams what nothing is to be done with, and maps the rest in memory.
  ///
  /// - Parameters:
  ///   - wantsBytes: the bytes are wanted in memory, although no mapping asks for them.
  ///   - id: names the mapping in complaints.
  init(
    of delivery: Delivery, map: [RouteMapping], values: [(name: String, jq: TextSource)], wantsBytes: Bool = false,
    id: String, by evaluation: ManifestEvaluation
  ) async throws(AdapterError) {
    mediaType = delivery.envelope.dataContentType
    if map.isEmpty, values.isEmpty, !wantsBytes, case .stored(let reference) = delivery.body {
      do throws(BodyError) {
        body = .stream(try delivery.bodies.reader(of: delivery.body), byteCount: reference.byteCount)
        byteCount = reference.byteCount
        return
      } catch {
        throw AdapterError(body: error)
      }
    }
    guard delivery.body.byteCount <= Self.mappedBytesMax else {
      throw AdapterError(body: .tooLarge(limit: Self.mappedBytesMax))
    }
    let bytes = try await BodyBytes.read(delivery, limit: Self.mappedBytesMax, on: .dispatch)
    let shaped = try await evaluation.shape(
      bytes, mediaType: mediaType, envelope: delivery.envelope, map: map, values: values, now: delivery.receivedAt,
      id: id)
    (body, byteCount) = (.bytes(shaped.body), shaped.body.count)
    (mediaType, self.values) = (shaped.mediaType, shaped.values)
  }

  /// Sends other bytes in their place, such as an envelope around them.
  mutating func replace(with bytes: [UInt8], mediaType: String) {
    (body, byteCount, self.mediaType) = (.bytes(bytes), bytes.count, mediaType)
  }
}

extension Delivery {
  /// The operation that is meant among those of a connector, by name: the only one where none is named.
  ///
  /// - Throws: `reject` when there is none of that name.
  func operation<Operation>(among operations: [String: Operation]) throws(AdapterError) -> Operation {
    let name = operation ?? (operations.count == 1 ? operations.keys.first : nil)
    if let name, let found = operations[name] { return found }
    throw AdapterError(
      .reject, code: "no-operation",
      reason: "The connector has no operation \(operation ?? "without a name"); it has "
        + "\(operations.keys.sorted().joined(separator: ", ")).")
  }

  /// How much time is left for the attempt.
  ///
  /// - Throws: `retry` when it is over already.
  func timeLeft(at now: Timestamp) throws(AdapterError) -> Duration {
    let left = deadline - now
    guard left > .zero else {
      throw AdapterError(.retry(after: nil), code: "deadline", reason: "The attempt's time was over before it began.")
    }
    return left
  }

  /// What a name in a template of an operation stands for; nil: nothing.
  ///
  /// - Parameter values: what the operation's `values:` gave.
  func value(_ name: String, among values: [String: String]) -> String? {
    switch name {
    case "delivery.id": return id
    case "delivery.receiver": return receiver?.text
    default: break
    }
    let parts = name.split(separator: ".", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    return parts[0] == "envelope" ? envelope[String(parts[1])] : values[String(parts[1])]
  }
}
