public import HubKit

/// What can happen to a request at a socket, where more can go wrong than a status code says.
public indirect enum SocketAnswer: Sendable {
  /// A whole answer.
  case response(ServedResponse)
  /// The connection is closed without an answer.
  case hangUp
  /// Nothing, until the caller or the mock goes.
  case hang
  /// The connection is reset (TCP RST): at once, or in the middle of an answer's body.
  case reset(within: ServedResponse?)
  /// Bytes as they are, whatever they mean; then the connection is closed.
  case raw([UInt8])
  /// The head and the first `bodyBytes` of the body, then the connection is closed: the caller sees a broken answer.
  case cut(ServedResponse, bodyBytes: Int)
  /// The whole answer, its body at so many bytes per second of the clock.
  case drip(ServedResponse, bytesPerSecond: Int, clock: any HubClock)
  /// Another answer, and what is called once it has been sent or broken off.
  case followed(SocketAnswer, by: @Sendable () -> Void)
}

/// A served interface that may also break the connection. The mock host asks ``answer(_:)`` where it can.
public protocol SocketInterface: ServedInterface {
  /// Answers one request. Called from many tasks at once.
  func answer(_ request: ServedRequest) async -> SocketAnswer

  /// Whether a connection that is being made meets a certificate whose time is over. Called once for each connection
  /// with TLS, from many threads at once.
  func showsExpiredCertificate() -> Bool
}

extension SocketInterface {
  /// None does, unless it says so.
  public func showsExpiredCertificate() -> Bool { false }

  /// The answer where nothing but whole answers can be given, as behind the gateway: a broken one becomes 503.
  public func respond(to request: ServedRequest) async -> ServedResponse {
    Self.whole(await answer(request))
  }

  private static func whole(_ answer: SocketAnswer) -> ServedResponse {
    switch answer {
    case .response(let response), .drip(let response, _, _): return response
    case .followed(let answer, let follow):
      defer { follow() }
      return whole(answer)
    case .hangUp, .hang, .reset, .raw, .cut:
      return ServedResponse(
        status: 503, headers: [HeaderField("Content-Type", "text/plain; charset=utf-8")],
        body: Array("transport fault: the connection would have been broken here\n".utf8))
    }
  }
}
