import HubKit
import HubServing
import Hummingbird
import NIOCore
import ServiceLifecycle

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
    guard let socket = interface as? any SocketInterface else {
      return .from(await interface.respond(to: served), isHead: request.method == .head)
    }
    return try await respond(await socket.answer(served), to: request, on: channel)
  }

  private func respond(
    _ answer: SocketAnswer, to request: Request, on channel: any Channel, follow: (@Sendable () -> Void)? = nil
  ) async throws -> Response {
    let isHead = request.method == .head
    switch answer {
    case .response(let response):
      return .from(response, isHead: isHead, sending: follow.map(Self.sending))
    case .cut(let response, let count):
      return .from(response, isHead: isHead) { writer, body in
        defer { follow?() }
        try await writer.write(ByteBuffer(bytes: body.prefix(count)))
        throw ConnectionCut()
      }
    case .reset(let response?) where !isHead && !response.body.isEmpty:
      return .from(response, isHead: false) { writer, body in
        defer { follow?() }
        try await writer.write(ByteBuffer(bytes: body.prefix(body.count / 2)))
        try await channel.breakOff(.reset(within: nil))
      }
    case .drip(let response, let rate, let clock):
      return .from(response, isHead: isHead) { writer, body in
        defer { follow?() }
        try await Self.drip(body, to: &writer, bytesPerSecond: rate, clock)
      }
    case .followed(let answer, let next):
      return try await respond(answer, to: request, on: channel) {
        follow?()
        next()
      }
    case .hangUp, .hang, .reset, .raw:
      defer { follow?() }
      if case .hang = answer {
        let caller = try await channel.pipeline.handler(type: CallerWatch.self).get()
        await cancelWhenGracefulShutdown { await caller.gone.wait() }
      }
      try await channel.breakOff(answer)
    }
  }

  private static func sending(_ follow: @escaping @Sendable () -> Void) -> BodySending {
    { writer, body in
      defer { follow() }
      try await writer.write(ByteBuffer(bytes: body))
      try await writer.finish(nil)
    }
  }

  /// Sends ten pieces a second, or as many as there are bytes.
  private static func drip(
    _ body: ArraySlice<UInt8>, to writer: inout any ResponseBodyWriter, bytesPerSecond rate: Int, _ clock: any HubClock
  ) async throws {
    let piece = max(1, rate / 10)
    var rest = body
    while !rest.isEmpty {
      try await writer.write(ByteBuffer(bytes: rest.prefix(piece)))
      rest = rest.dropFirst(piece)
      let deadline = clock.now + .seconds(piece) / rate
      if !rest.isEmpty { try await cancelWhenGracefulShutdown { try await clock.sleep(until: deadline) } }
    }
    try await writer.finish(nil)
  }
}
