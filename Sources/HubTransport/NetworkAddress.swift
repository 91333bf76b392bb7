internal import Glibc

/// An IPv4 or IPv6 address as bytes.
struct NetworkAddress: Sendable, Hashable {
  /// 4 or 16 bytes. An IPv4 address written inside IPv6 (`::ffff:127.0.0.1`) is kept as the IPv4 address that it
  /// stands for, or it would slip past every IPv4 rule.
  let bytes: [UInt8]

  /// Takes the bytes of an address.
  ///
  /// - Returns: nil when there are neither 4 nor 16.
  init?(bytes: [UInt8]) {
    switch bytes.count {
    case 4: self.bytes = bytes
    case 16:
      let mapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
      self.bytes = mapped ? Array(bytes.suffix(4)) : bytes
    default: return nil
    }
  }

  /// Reads an address in its usual text form, IPv6 without brackets.
  init?(_ text: String) {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(bytes: withUnsafeBytes(of: &four) { Array($0) })
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self.init(bytes: withUnsafeBytes(of: &six) { Array($0) })
  }

  /// Whether the address stands for this machine.
  var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }

  /// Whether no host name of another organisation may stand for it: loopback, link-local (cloud metadata services
  /// live there), unspecified, multicast and broadcast.
  var isReserved: Bool {
    if isLoopback || bytes.allSatisfy({ $0 == 0 }) { return true }
    if bytes.count == 4 {
      return bytes[0] == 0 || bytes[0] >= 224 || (bytes[0] == 169 && bytes[1] == 254)
    }
    return bytes[0] == 0xFF || (bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80)
  }

  /// Whether the first `count` bits are those of `network`.
  func hasPrefix(of network: NetworkAddress, bits count: Int) -> Bool {
    guard bytes.count == network.bytes.count else { return false }
    let whole = count / 8
    guard bytes.prefix(whole) == network.bytes.prefix(whole) else { return false }
    let rest = count % 8
    guard rest > 0 else { return true }
    let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
    return bytes[whole] & mask == network.bytes[whole] & mask
  }
}
