public import HubKit

// What the suite gives a connector to deliver.

extension Delivery {
  /// A first attempt with half a minute before it.
  ///
  /// - Parameters:
  ///   - number: other numbers give other ids.
  ///   - clock: the one that the connector reads.
  public static func forContract(
    _ number: Int, _ envelope: Envelope, operation: String? = nil, body: [UInt8], at clock: any HubClock = SystemClock()
  ) -> Delivery {
    Delivery(
      id: "contract-\(number).1", exchange: .make(at: clock.now), attempt: 1, envelope: envelope,
      receiver: envelope.receivers.first, operation: operation, body: .inline(body), bodies: MemoryBodyStore(),
      receivedAt: clock.now, deadline: clock.now + .seconds(30))
  }

  /// The same with all of its time before it.
  public var fresh: Delivery {
    var delivery = self
    delivery.receivedAt = SystemClock().now
    delivery.deadline = delivery.receivedAt + .seconds(30)
    return delivery
  }

  /// The same with a body of so many bytes.
  public func large(_ count: Int) -> Delivery {
    var delivery = self
    delivery.envelope.dataContentType = "application/octet-stream"
    delivery.body = .stored(
      BodyReference(id: "large", digest: "", mediaType: "application/octet-stream", byteCount: count))
    delivery.bodies = LargeBody(count: count)
    return delivery
  }
}

/// A body of which nobody holds more than a piece.
private struct LargeBody: BodyStore {
  let count: Int

  func reader(of body: Body) throws(BodyError) -> any BodyReader {
    BytesReader([UInt8](repeating: UInt8(ascii: "a"), count: count))
  }

  func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter { BytesWriter(limit: limit) }
}
