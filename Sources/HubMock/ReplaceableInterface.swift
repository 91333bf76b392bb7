public import HubKit
import Synchronization

/// Lets another interface take a mock's place while its socket stays open. Requests that are being answered end with
/// the one that took them.
public final class ReplaceableInterface: SocketInterface {
  private let current: Mutex<any SocketInterface>

  /// Begins with an interface.
  public init(_ first: any SocketInterface) {
    current = Mutex(first)
  }

  /// Later requests go to this one.
  public func replace(with next: any SocketInterface) {
    current.withLock { $0 = next }
  }

  /// Asks the interface of the moment.
  public func answer(_ request: ServedRequest) async -> SocketAnswer {
    await current.withLock { $0 }.answer(request)
  }

  /// As the interface of the moment says.
  public func showsExpiredCertificate() -> Bool {
    current.withLock { $0 }.showsExpiredCertificate()
  }
}
