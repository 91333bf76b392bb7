internal import HubKit
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdHTTP2
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// One address that is listened on; says in our words why that may be impossible.
struct Listener: Service {
  let address: ListenAddress
  let application: Application<RouterResponder<GatewayContext>>

  func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError {
      switch error.errnoCode {
      case EADDRINUSE: throw GatewayStartError.addressTaken(address)
      case EACCES, EPERM: throw GatewayStartError.addressForbidden(address)
      case EADDRNOTAVAIL, EINVAL, EAFNOSUPPORT:
        throw GatewayStartError.addressUnknown(
          address, cause: String(cString: strerror(error.errnoCode)))
      default: throw error
      }
    } catch let error as SocketAddressError {
      throw GatewayStartError.addressUnknown(address, cause: "\(error)")
    }
  }
}

/// Where the bound ports are made known.
final class PortBoard: Sendable {
  private struct State {
    var ports = BoundPorts()
    var missing: Int
    var isClosed = false
    var waiting: [CheckedContinuation<BoundPorts?, Never>] = []
  }

  private let state: Mutex<State>

  /// Creates a board for a number of addresses.
  init(expected: Int) {
    state = Mutex(State(missing: expected))
  }

  /// Notes the port without TLS.
  func post(plain port: Int) { update { $0.ports.plain = port } }

  /// Notes the port with TLS.
  func post(secure port: Int) { update { $0.ports.secure = port } }

  /// Says that nothing more will come.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: nil) }
  }

  /// The ports, once all are known; nil when the board was closed first.
  func wait() async -> BoundPorts? {
    await withCheckedContinuation { continuation in
      let answer: BoundPorts?? = state.withLock { state in
        if state.missing == 0 { return .some(state.ports) }
        if state.isClosed { return .some(nil) }
        state.waiting.append(continuation)
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  private func update(_ change: (inout State) -> Void) {
    let (waiting, ports) = state.withLock { state in
      change(&state)
      state.missing -= 1
      guard state.missing == 0 else {
        return ([CheckedContinuation<BoundPorts?, Never>](), state.ports)
      }
      defer { state.waiting = [] }
      return (state.waiting, state.ports)
    }
    for continuation in waiting { continuation.resume(returning: ports) }
  }
}
