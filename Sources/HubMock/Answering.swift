import HTTPTypes
import HubKit
import Hummingbird
import NIOCore

/// Turns Hummingbird's requests into ours, asks the interface, and turns its answers back.
struct Answering: Sendable {
  let interface: any ServedInterface
  let bodyBytesMax: Int

  /// Answers one request, or breaks its connection.
  ///
  /// - Throws: when the connection is gone or has to go; Hummingbird then closes it.
  func respond(to request: Request, on channel: any Channel) async throws -> Response {
    let served: ServedRequest
    switch try await read(request) {
    case .whole(let whole): served = whole
    case .refused(let status, let reason):
      return .plain(status: status, reason)
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

  private enum Read {
    case whole(ServedRequest)
    case refused(Int, String)
  }

  private func read(_ request: Request) async throws -> Read {
    guard let path = PercentDecoding.path(request.uri.path), let query = PercentDecoding.query(request.uri.query ?? "")
    else { return .refused(400, "the request target is not well percent-encoded UTF-8") }
    guard let body = try await bytes(of: request) else {
      return .refused(413, "the body is longer than \(bodyBytesMax) bytes")
    }
    return .whole(
      ServedRequest(
        method: request.method.rawValue, path: path, query: query, headers: Self.headers(of: request), body: body))
  }

  /// The body, or nil when it is longer than the limit; what the caller announces is looked at before anything is read.
  private func bytes(of request: Request) async throws -> [UInt8]? {
    let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    guard announced <= bodyBytesMax else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(announced, 1 << 20))
    for try await part in request.body {
      guard bytes.count + part.readableBytes <= bodyBytesMax else { return nil }
      bytes.append(contentsOf: part.readableBytesView)
    }
    return bytes
  }

  /// All fields in the order in which they came, names as written. The server library takes `Host` out of its place;
  /// it is put first, where nearly every client has it.
  private static func headers(of request: Request) -> [HeaderField] {
    let host = request.head.authority.map { [HeaderField("Host", $0)] } ?? []
    return host + request.headers.map { HeaderField($0.name.rawName, $0.value) }
  }
}

/// Thrown when the connection is closed on purpose.
struct ConnectionCut: Error {}
