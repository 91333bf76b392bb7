/// Why the door cannot open. Each says what to do.
public enum GatewayStartError: Error, Hashable, CustomStringConvertible {
  /// Another process listens there.
  case addressTaken(ListenAddress)
  /// The operating system does not let this user listen there.
  case addressForbidden(ListenAddress)
  /// It is no address of this machine.
  case addressUnknown(ListenAddress, cause: String)
  /// Certificate or key cannot be used.
  case badIdentity(reason: String)
  /// The key for tokens cannot be used.
  case badTokenKey(reason: String)
  /// Neither a plain nor a secure address is set.
  case noAddress

  /// What is wrong and what to do, in one line.
  public var description: String {
    switch self {
    case .addressTaken(let address):
      "port taken: another process listens on \(address). Stop it (`ss -ltnp 'sport = :\(address.port)'` names it), "
        + "or give the gateway another port in hub.yaml."
    case .addressForbidden(let address):
      "not allowed to listen on \(address). Ports below 1024 need CAP_NET_BIND_SERVICE: take a higher port in "
        + "hub.yaml, or grant it in the systemd unit (AmbientCapabilities=)."
    case .addressUnknown(let address, let cause):
      "cannot listen on \(address): \(cause). The host in hub.yaml must be an address of this machine."
    case .badIdentity(let reason):
      "the TLS certificate or key cannot be used: \(reason). Both must be PEM, and the key must belong to the first "
        + "certificate."
    case .badTokenKey(let reason):
      "the key that signs tokens cannot be used: \(reason)."
    case .noAddress:
      "the gateway has no address: set a plain or a TLS address in hub.yaml."
    }
  }
}
