public import HubKit
public import HubTransform

/// Writes what an endpoint is sent in the guise that it wants, and leaves the sending to the endpoint's connector.
/// Messages that do not come in that guise pass as they are. What is written lies where bodies lie that are still
/// arriving, and is gone when the attempt has ended; it is the same in every attempt.
public struct GuisedOutbound: OutboundAdapter {
  private let adapter: any OutboundAdapter
  private let codec: any Codec
  private let guise: Guise
  private let kept: any Codec
  private let formats: FormatCatalogue
  private let pool: TransformPool

  /// Wraps an adapter; nil when no codec of that name is a guise.
  public init?(_ adapter: any OutboundAdapter, as format: String, formats: FormatCatalogue, pool: TransformPool) {
    guard let codec = formats.codec(named: format), let guise = codec.guise,
      let kept = formats.codec(named: guise.format)
    else { return nil }
    self.adapter = adapter
    self.codec = codec
    self.guise = guise
    self.kept = kept
    self.formats = formats
    self.pool = pool
  }

  /// Makes one attempt.
  public func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    guard let type = guise.outerType(of: delivery.envelope.type), delivery.question == nil else {
      return try await adapter.deliver(delivery)
    }
    let scratch = ScratchBodies(delivery.bodies)
    defer { scratch.clear() }
    var covered = delivery
    covered.body = try await written(delivery.body, scratch)
    covered.envelope.type = type
    covered.envelope.dataContentType = guise.mediaType
    covered.envelope.dataSchema = nil
    return try await adapter.deliver(covered)
  }

  /// Asks the endpoint itself.
  public func probe() async throws(AdapterError) { try await adapter.probe() }

  private func written(_ body: Body, _ scratch: ScratchBodies) async throws(AdapterError) -> Body {
    let (formats, codec, kept, mediaType) = (formats, codec, kept, guise.mediaType)
    do {
      return try await pool.run {
        try formats.rewritten(body, from: kept, to: codec, mediaType: mediaType, in: scratch)
      }
    } catch let invalid as InvalidMessage {
      // Rules only: the words of a violation may quote the message.
      let rules = Set(invalid.violations.map(\.rule)).sorted().joined(separator: ", ")
      throw AdapterError(
        .reject, code: "format", reason: "The message cannot be written as \(codec.name): \(rules).")
    } catch BodyError.gone {
      throw AdapterError(.reject, code: "body", reason: "The message's bytes are gone.")
    } catch {
      throw AdapterError(
        .retry(after: .seconds(1)), code: "format", reason: "The hub cannot write the message as \(codec.name) now.",
        cause: "\(error)")
    }
  }
}
