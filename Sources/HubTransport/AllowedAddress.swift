/// One entry of an endpoint's allow-list: where its requests may go.
///
/// An entry that names a host lets through what the name resolves to, save addresses that no other organisation's
/// name can rightly have (loopback, link-local, multicast): whoever answers the DNS query must not be able to point
/// the hub at itself. Such an address must be listed as an address. `localhost` may be loopback (RFC 6761).
public struct AllowedAddress: Sendable, Hashable, CustomStringConvertible {
  enum Subject: Sendable, Hashable {
    case anything
    case host(String)
    case network(NetworkAddress, bits: Int)
  }

  let subject: Subject
  let port: Int?

  /// The entry as it was written.
  public let description: String

  /// Reads an entry: `host.example.vn`, `host:8443`, `10.1.2.3`, `127.0.0.1:8080`, `127.0.0.0/8`, `fd00::/8`,
  /// `[::1]:8080`, or `*` for everything. Without a port, every port is meant.
  ///
  /// - Returns: nil when the text is none of these.
  public init?(_ text: String) {
    description = text
    if text == "*" {
      subject = .anything
      port = nil
      return
    }
    guard let (address, portText) = Self.split(text) else { return nil }
    if let portText {
      guard let number = Int(portText), (1...65_535).contains(number), !portText.hasPrefix("+") else { return nil }
      port = number
    } else {
      port = nil
    }
    guard let subject = Self.subject(address) else { return nil }
    self.subject = subject
  }

  /// Parts an entry into address and port; a bare IPv6 address has colons of its own and no port.
  private static func split(_ text: String) -> (address: Substring, port: Substring?)? {
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      let inside = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      if rest.isEmpty { return (inside, nil) }
      return rest.hasPrefix(":") ? (inside, rest.dropFirst()) : nil
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? (parts[0], parts[1]) : (text[...], nil)
  }

  private static func subject(_ text: Substring) -> Subject? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if let address = NetworkAddress(String(parts[0])) {
      let all = address.bytes.count * 8
      guard parts.count == 2 else { return parts.count == 1 ? .network(address, bits: all) : nil }
      guard let bits = Int(parts[1]), (0...all).contains(bits) else { return nil }
      return .network(address, bits: bits)
    }
    guard parts.count == 1, HostName.isValid(text) else { return nil }
    return .host(HostName.normal(text))
  }
}

/// Names of hosts.
enum HostName {
  /// Whether the text is letters, digits, dots, hyphens and underscores, and not four numbers that only look like one.
  static func isValid(_ text: some StringProtocol) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 253, text.contains(where: \.isLetter) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  /// Lower case, without the dot that may end a full name.
  static func normal(_ text: some StringProtocol) -> String {
    let lower = text.lowercased()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }
}

/// An endpoint's whole allow-list.
struct AllowList: Sendable {
  let entries: [AllowedAddress]

  /// Whether a URL may be tried at all. A name that is not listed may still resolve to a listed network; then
  /// ``allows(_:port:host:)`` decides.
  func allowsURL(host: String, port: Int) -> Bool {
    let literal = NetworkAddress(host)
    return entries.contains { entry in
      guard entry.port == nil || entry.port == port else { return false }
      switch entry.subject {
      case .anything: return true
      case .host(let name): return literal == nil && name == host
      case .network(let network, let bits): return literal.map { $0.hasPrefix(of: network, bits: bits) } ?? true
      }
    }
  }

  /// Whether a connection to `address` may carry a request whose URL names `host`.
  func allows(_ address: NetworkAddress, port: Int, host: String) -> Bool {
    let literal = NetworkAddress(host)
    return entries.contains { entry in
      guard entry.port == nil || entry.port == port else { return false }
      switch entry.subject {
      case .anything: return true
      case .network(let network, let bits): return address.hasPrefix(of: network, bits: bits)
      case .host(let name):
        guard literal == nil, name == host else { return false }
        return name == "localhost" ? address.isLoopback : !address.isReserved
      }
    }
  }
}
