import Glibc
public import HubKit
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
public import ServiceLifecycle

/// Puts a served interface, usually a connector's mock, on a real socket: HTTP/1.1, with TLS where asked.
///
/// Run it once, as a service. It binds at the start of ``run()``, answers until graceful shutdown begins, then takes no
/// new connection, lets requests under way end, and returns.
public final class MockHost: Service, CustomStringConvertible {
  /// Where a mock listens and what it accepts.
  public struct Settings: Sendable {
    /// Address or name of the interface to bind.
    public var host: String
    /// Port to bind; 0 lets the system choose, and ``MockHost/boundPort()`` tells which.
    public var port: Int
    /// Certificate and key; nil serves plain HTTP.
    public var tls: MockTLS?
    /// Largest request body, in bytes; beyond it the caller gets 413 and the interface is not asked.
    public var bodyBytesMax: Int

    /// Creates settings. The defaults suit tests: a free port of the loopback interface, no TLS.
    public init(
      host: String = "127.0.0.1", port: Int = 0, tls: MockTLS? = nil, bodyBytesMax: Int = 256 << 20
    ) {
      self.host = host
      self.port = port
      self.tls = tls
      self.bodyBytesMax = bodyBytesMax
    }
  }

  private let name: String
  private let settings: Settings
  private let interface: any ServedInterface
  private let logger: Logger
  private let bound = BoundPort()

  /// Creates a host that has not bound anything yet.
  ///
  /// - Parameters:
  ///   - name: stands in log lines and errors, usually the connector's.
  ///   - interface: what answers; one that is a ``SocketInterface`` may also break connections.
  ///   - settings: where to listen.
  ///   - logger: for what the server library has to say.
  public init(name: String, interface: any ServedInterface, settings: Settings = Settings(), logger: Logger) {
    self.name = name
    self.settings = settings
    self.interface = interface
    self.logger = logger
  }

  /// What it is and where, for the log of services.
  public var description: String { "mock \(name) at \(settings.host):\(settings.port)" }

  /// The port on which the mock listens. Waits until it is bound; may be asked by many tasks, before and after.
  ///
  /// - Throws: ``MockHostError`` when binding failed, or when the host stopped before it was bound.
  public func boundPort() async throws(MockHostError) -> Int {
    try await bound.wait().get()
  }

  /// Binds, answers until graceful shutdown or cancellation, and returns when the last request has ended.
  ///
  /// - Throws: ``MockHostError`` when the address cannot be bound or the certificate cannot be read.
  public func run() async throws {
    do {
      try await application().run()
      bound.settle(.failure(.stopped(name: name)))
    } catch {
      let failure = MockHostError(error, name: name, settings: settings)
      bound.settle(.failure(failure))
      throw failure
    }
  }

  private func application() throws -> Application<CallbackResponder<MockContext>> {
    let answering = Answering(interface: interface, bodyBytesMax: settings.bodyBytesMax)
    let http = HTTPServerBuilder.http1(configuration: .init(additionalChannelHandlers: [CallerWatch()]))
    return Application(
      responder: CallbackResponder { request, context in
        try await answering.respond(to: request, on: context.channel)
      },
      server: try settings.tls.map { tls in
        try .tls(
          http,
          tlsConfiguration: tls.configuration { [interface] in
            (interface as? any SocketInterface)?.showsExpiredCertificate() ?? false
          })
      } ?? http,
      configuration: ApplicationConfiguration(
        address: .hostname(settings.host, port: settings.port), serverName: nil),
      onServerRunning: { [bound] channel in
        bound.settle(.success(channel.localAddress?.port ?? 0))
      },
      logger: logger)
  }
}

/// What Hummingbird knows about one request, with the connection that a fault may have to break.
struct MockContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }
}
