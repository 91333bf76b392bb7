public import HubKit

/// What can happen to a request at a socket, where more can go wrong than a status code says.
public enum SocketAnswer: Sendable {
  /// A whole answer.
  case response(ServedResponse)
  /// The connection is closed without an answer.
  case hangUp
  /// The head and the first `bodyBytes` of the body, then the connection is closed: the caller sees a broken answer.
  case cut(ServedResponse, bodyBytes: Int)
}

/// A served interface that may also break the connection. The mock host asks ``answer(_:)`` where it can.
public protocol SocketInterface: ServedInterface {
  /// Answers one request. Called from many tasks at once.
  func answer(_ request: ServedRequest) async -> SocketAnswer
}

extension SocketInterface {
  /// The answer where nothing but whole answers can be given, as behind the gateway: a broken one becomes 503.
  public func respond(to request: ServedRequest) async -> ServedResponse {
    switch await answer(request) {
    case .response(let response): response
    case .hangUp, .cut:
      ServedResponse(
        status: 503, headers: [HeaderField("Content-Type", "text/plain; charset=utf-8")],
        body: Array("transport fault: the connection would have been closed here\n".utf8))
    }
  }
}
