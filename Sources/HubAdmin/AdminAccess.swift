/// Who may read the control bus. Besides operators who have signed in: either whoever sits at this machine, or anyone
/// who reaches the port.
public struct AdminAccess: Sendable, Hashable {
  /// The choices of `hub.yaml`.
  public enum Readers: String, Sendable, Hashable, CaseIterable {
    /// Only callers on this machine, straight to the port.
    case loopback
    /// Anyone; for a port that only operators and the metrics server can reach.
    case anyone
  }

  /// Who may read the status page and `/status.json`.
  public var status: Readers
  /// Who may read `/metrics`.
  public var metrics: Readers

  /// Creates a rule; by default nobody from outside reads anything.
  public init(status: Readers = .loopback, metrics: Readers = .loopback) {
    self.status = status
    self.metrics = metrics
  }

  /// Where a request came from.
  struct Caller: Sendable, Hashable {
    /// Address of the peer as the socket has it; nil when unknown.
    var peer: String?
    /// The `Host` that the caller wanted.
    var host: String?
    /// Whether a proxy says that it speaks for someone else.
    var isForwarded: Bool
  }

  /// Whether a caller may read.
  ///
  /// Loopback means three things: the peer's address is one of this machine's own; no proxy on this machine passes the
  /// call on for someone else; and the call was meant for this machine by name, or a web page elsewhere could have its
  /// own name point here and read through the operator's browser (DNS rebinding).
  static func admits(_ caller: Caller, to readers: Readers) -> Bool {
    switch readers {
    case .anyone: true
    case .loopback:
      caller.peer.map(isLoopback) == true && !caller.isForwarded && caller.host.map(isOwnName) != false
    }
  }

  /// Whether an address is 127.0.0.0/8, `::1`, or the former within IPv6.
  static func isLoopback(_ address: String) -> Bool {
    let text = address.lowercased()
    if text == "::1" || text == "0:0:0:0:0:0:0:1" { return true }
    let v4 = text.hasPrefix("::ffff:") ? text.dropFirst(7) : text[...]
    let parts = v4.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  private static func isOwnName(_ host: String) -> Bool {
    var name = host.lowercased()[...]
    if name.first == "[" {
      name = name.dropFirst().prefix { $0 != "]" }
    } else if let colon = name.lastIndex(of: ":") {
      name = name[..<colon]
    }
    return name == "localhost" || isLoopback(String(name))
  }
}
