import HubKit
import HubServing
import Hummingbird
import NIOCore

/// Asks the interface, and turns its answers into Hummingbird's, or into broken connections.
struct Answering: Sendable {
  let interface: any ServedInterface
  let bodyBytesMax: Int

  /// Answers one request, or breaks its connection.
  ///
  /// - Throws: when the connection is gone or has to go; Hummingbird then closes it.
  func respond(to request: Request, on channel: any Channel) async throws -> Response {
    let served: ServedRequest
    do {
      served = try await ServedRequest.read(request, below: "", bodyBytesMax: bodyBytesMax)
    } catch let refusal as ServedRequest.Refusal {
      return .plain(status: refusal.status, refusal.reason)
    }
    let isHead = request.method == .head
    guard let socket = interface as? any SocketInterface else {
      return .from(await interface.respond(to: served), isHead: isHead)
    }
    switch await socket.answer(served) {
    case .response(let response): return .from(response, isHead: isHead)
    case .cut(let response, let count): return .from(response, isHead: isHead, cutAt: count)
    case .hangUp:
      try await channel.close()
      throw ConnectionCut()
    }
  }
}
