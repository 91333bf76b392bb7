public import HubKit
public import Hummingbird
internal import NIOCore
internal import NIOSSL

/// What travels with one request through the door's routes.
public struct GatewayContext: RequestContext {
  /// What Hummingbird itself keeps.
  public var coreContext: CoreRequestContextStorage
  /// The agency that a valid token named; nil on routes that need no token.
  public var agency: OrganisationCode?
  /// The caller's IP address; nil when the connection has none.
  public var remoteAddress: String? {
    (channel.remoteAddress ?? channel.parent?.remoteAddress)?.ipAddress
  }
  private let channel: any Channel

  /// Creates the context of a request. Hummingbird calls it.
  public init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// Tells the connection that the body is wanted (RFC 9110 section 10.1.1).
  func wantsBody() { channel.triggerUserOutboundEvent(BodyWanted(), promise: nil) }

  /// Has a function called once when the caller closes his side while the answer is being made.
  func whenCallerLeaves(_ call: @escaping @Sendable () -> Void) {
    channel.triggerUserOutboundEvent(CallerWatch(left: call), promise: nil)
  }

  /// Whether the connection has TLS. The library calls every HTTP/1.1 request plain, so the connection itself is asked;
  /// the few who need to know wait for it.
  public func isSecure() async -> Bool {
    for one in [channel, channel.parent].compactMap({ $0 }) {
      if (try? await one.pipeline.containsHandler(type: NIOSSLServerHandler.self).get()) != nil { return true }
    }
    return false
  }
}
