import Glibc

/// The socket file by which a hub takes orders.
struct ControlSocketFile: Sendable {
  let path: String

  /// Makes sure that the name is free, or held by a hub that is gone.
  func prepare() throws(ControlStartError) {
    guard path.utf8.count <= Self.pathBytesMax else { throw .pathTooLong(path, max: Self.pathBytesMax) }
    guard !isAnswered() else { throw .inUse(path) }
  }

  /// Only whoever runs the hub may connect.
  func closeToOthers() throws(ControlStartError) {
    guard chmod(path, 0o600) == 0 else { throw .cannotListen(path, String(cString: strerror(errno))) }
  }

  /// Takes the name away when the hub stops.
  func remove() { unlink(path) }

  /// `sun_path` has 108 bytes, the last of which is 0 (unix(7)).
  private static let pathBytesMax = 107

  /// Whether a process listens there.
  private func isAnswered() -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { Glibc.close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}

/// Why the control socket could not be opened.
public enum ControlStartError: Error, Hashable, CustomStringConvertible {
  /// A running hub listens there.
  case inUse(String)
  /// The system takes no such long name.
  case pathTooLong(String, max: Int)
  /// The system refused.
  case cannotListen(String, String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .inUse(let path):
      "\(path): một hub khác đang dùng / another running hub listens there; stop it, or give this one a dataFolder of "
        + "its own."
    case .pathTooLong(let path, let max):
      "\(path): đường dẫn dài quá \(max) byte / a socket's path has at most \(max) bytes; choose a shorter dataFolder "
        + "in hub.yaml."
    case .cannotListen(let path, let why):
      "\(path): không mở được / the control socket cannot be opened: \(why)"
    }
  }
}
