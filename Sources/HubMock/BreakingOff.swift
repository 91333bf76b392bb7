import Glibc
import HubServing
import NIOCore
import NIOSSL

extension Channel {
  /// Ends the connection as the answer says: with a reset, with bytes of any kind, or by closing it.
  ///
  /// - Throws: `ConnectionCut` when that is done, or what the connection throws when it is gone already.
  func breakOff(_ answer: SocketAnswer) async throws -> Never {
    switch answer {
    case .reset:
      // With nothing to linger for, the system resets the connection instead of closing it (socket(7)).
      try await (self as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
      // Beneath TLS, which would take its leave first.
      try await pipeline.addHandler(Last(bytes: []), position: .first)
    case .raw(let bytes):
      try await eventLoop.submit {
        // Beneath HTTP, which would refuse them, and inside TLS where there is TLS.
        let tls = try? self.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        try self.pipeline.syncOperations.addHandler(Last(bytes: bytes), position: tls.map { .after($0) } ?? .first)
      }.get()
    default: try await close()
    }
    throw ConnectionCut()
  }
}

/// Writes some last bytes from where it stands in the pipeline, and closes the connection.
private final class Last: ChannelInboundHandler, Sendable {
  typealias InboundIn = NIOAny
  private let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  func handlerAdded(context: ChannelHandlerContext) {
    if !bytes.isEmpty { context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil) }
    context.close(promise: nil)
  }
}

/// Notices that the caller has closed its side of the connection.
final class CallerWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = NIOAny

  /// Opens when nobody waits for an answer any more.
  let gone = Latch()

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { gone.open() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    gone.open()
    context.fireChannelInactive()
  }
}
