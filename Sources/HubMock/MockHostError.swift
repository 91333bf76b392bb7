import Glibc
import NIOCore

/// Why a mock does not listen.
public enum MockHostError: Error, Hashable, CustomStringConvertible {
  /// Another process has the port.
  case portTaken(name: String, host: String, port: Int)
  /// The system does not let this user bind the port: one below 1024 needs a right of its own.
  case portForbidden(name: String, host: String, port: Int)
  /// The host is no address of this machine.
  case addressUnknown(name: String, host: String)
  /// Certificate or key cannot be used; `detail` says which file and why.
  case certificateUnusable(name: String, detail: String)
  /// It was told to stop before it listened, or has stopped.
  case stopped(name: String)
  /// The system answered something else.
  case other(name: String, detail: String)

  /// What happened and what to do, in a sentence.
  public var description: String {
    switch self {
    case .portTaken(let name, let host, let port):
      "mock \(name): port \(port) of \(host) is taken; stop what listens there (ss -ltnp 'sport = :\(port)') "
        + "or choose another port, 0 for any free one"
    case .portForbidden(let name, let host, let port):
      "mock \(name): this user may not listen on port \(port) of \(host); choose a port from 1024 up"
    case .addressUnknown(let name, let host):
      "mock \(name): \(host) is no address of this machine; 127.0.0.1 is always one"
    case .certificateUnusable(let name, let detail):
      "mock \(name): certificate or key cannot be used: \(detail)"
    case .stopped(let name): "mock \(name): it has stopped"
    case .other(let name, let detail): "mock \(name): cannot listen: \(detail)"
    }
  }

  /// Names a failure of binding in our words.
  init(_ error: any Error, name: String, settings: MockHost.Settings) {
    let (host, port) = (settings.host, settings.port)
    switch error {
    case let known as MockHostError: self = known
    case let unusable as MockTLS.Unusable: self = .certificateUnusable(name: name, detail: unusable.detail)
    case let failure as IOError where failure.errnoCode == EADDRINUSE:
      self = .portTaken(name: name, host: host, port: port)
    case let failure as IOError where failure.errnoCode == EACCES:
      self = .portForbidden(name: name, host: host, port: port)
    case let failure as IOError where failure.errnoCode == EADDRNOTAVAIL:
      self = .addressUnknown(name: name, host: host)
    case is SocketAddressError: self = .addressUnknown(name: name, host: host)
    default: self = .other(name: name, detail: String(describing: error))
    }
  }
}
