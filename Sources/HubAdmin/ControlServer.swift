import HTTPTypes
import HubKit
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

/// Takes operators' orders over HTTP on a Unix domain socket in the data folder: whoever may open the file is the user
/// who runs the hub, or root, and the kernel tells which.
public final class ControlServer: Service {
  /// An order beside the hub's own, such as loading another configuration.
  public struct Command: Sendable {
    /// Where it is posted, as in `/reload`.
    public var path: String
    /// Carries it out: who orders, and the JSON that came with it; gives status and JSON.
    public var perform: @Sendable (_ by: String, _ body: [UInt8]) async throws -> (status: Int, json: [UInt8])

    /// Creates a command.
    public init(
      _ path: String,
      perform: @escaping @Sendable (_ by: String, _ body: [UInt8]) async throws -> (status: Int, json: [UInt8])
    ) {
      self.path = path
      self.perform = perform
    }
  }

  private let file: ControlSocketFile
  private let routes: ControlRoutes
  private let logger: Logger
  private let failure = Mutex<ControlStartError?>(nil)

  /// Creates a server; nothing is opened before ``run()``.
  ///
  /// - Parameters:
  ///   - path: the socket file. One that a hub left behind is replaced, one that a hub listens on is not.
  ///   - control: what is ordered.
  ///   - commands: further orders.
  public init(path: String, control: any HubControl, commands: [Command] = [], logger: Logger) {
    file = ControlSocketFile(path: path)
    routes = ControlRoutes(control: control, commands: commands)
    self.logger = logger
  }

  /// Listens until the service group asks it to stop.
  ///
  /// - Throws: ``ControlStartError``.
  public func run() async throws {
    try file.prepare()
    let router = Router(context: ControlContext.self)
    routes.mount(on: router)
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let application = Application(
      router: router,
      configuration: ApplicationConfiguration(address: .unixDomainSocket(path: file.path), serverName: nil),
      onServerRunning: { [self] channel in
        do throws(ControlStartError) { try file.closeToOthers() } catch {
          failure.withLock { $0 = error }
          channel.close(promise: nil)
        }
      }, logger: quiet)
    do {
      try await application.run()
    } catch {
      throw failure.withLock { $0 } ?? .cannotListen(file.path, "\(error)")
    }
    if let error = failure.withLock({ $0 }) { throw error }
    file.remove()
  }
}

/// What is known of one control request.
struct ControlContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }
}
