import Glibc
import NIOCore

/// The user at the other end of a control connection, as the kernel tells it (`SO_PEERCRED`, unix(7)).
struct ControlPeer: Sendable, Hashable {
  /// The layout of `struct ucred`.
  private struct Credentials: Sendable {
    var process: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
  }

  let user: UInt32
  /// The user's name in the machine's own list; his number when it has none.
  let name: String

  init(user: UInt32) {
    self.user = user
    name = Self.name(of: user) ?? "uid \(user)"
  }

  /// Asks the kernel who has connected; nil for a connection that is no Unix socket.
  init?(of channel: any Channel) async {
    guard let options = channel as? any SocketOptionProvider else { return nil }
    let asked: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
      level: SocketOptionLevel(SOL_SOCKET), name: SocketOptionName(SO_PEERCRED))
    guard let found = try? await asked.get(), found.process > 0 else { return nil }
    self.init(user: found.user)
  }

  /// Whether he may give orders: whoever runs the hub, and the machine's superuser.
  var mayOrder: Bool { user == geteuid() || user == 0 }

  /// Who gave an order: the user as the kernel knows him, and beside him the name that he gives himself, since several
  /// operators may share one user.
  func signature(told: String?) -> String {
    let own = (told ?? "").unicodeScalars.filter { scalar in
      !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
    }
    let text = String(String.UnicodeScalarView(own.prefix(64)))
    return text.isEmpty || text == name ? name : "\(text) (\(name))"
  }

  private static func name(of user: UInt32) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var room = [CChar](repeating: 0, count: 4096)
    guard getpwuid_r(user, &entry, &room, room.count, &found) == 0, found != nil, let name = entry.pw_name else {
      return nil
    }
    return String(cString: name)
  }
}
