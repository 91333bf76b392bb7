public import HubKit
internal import HubTesting

/// Finds out what an endpoint's connector would put on the wire for a delivery, without a wire: the connector is made
/// anew with a transport that notes each request and answers what was recorded.
public struct WireProbe: Sendable {
  /// Makes one endpoint's adapter.
  ///
  /// - Returns: nil when what it sends cannot be seen: it is a program of its own, or it does not send.
  public typealias Maker =
    @Sendable (_ transport: any Transport, _ clock: any HubClock) -> (any OutboundAdapter)?

  private let makers: [String: Maker]

  /// Takes the makers by endpoint.
  public init(_ makers: [String: Maker]) {
    self.makers = makers
  }

  /// What goes out for one delivery.
  ///
  /// - Parameters:
  ///   - answer: what the far system answered when it was recorded.
  ///   - shift: how far the connector's clock is ahead of the time of receipt.
  /// - Returns: nil when the requests cannot be seen.
  func requests(
    _ delivery: Delivery, at endpoint: String, answer: Result<Reply, AdapterError>, shift: Duration
  ) async -> [SentRequest]? {
    guard let make = makers[endpoint] else { return nil }
    return await ReplayedExchange.requests(delivery, answer: answer, shift: shift, making: make)
  }
}
