public import HubKit

/// Which messages the second version of an endpoint takes. A function of the message alone: asked again, after a
/// restart too, it says the same.
public enum VersionRule: Sendable, Hashable {
  /// None: only a person's order leads there.
  case never
  /// What is received from then on.
  case from(Timestamp)
  /// Those whose key fits one of the patterns.
  case keys([Pattern])
  /// That share of the keys, 0 to 1: not of the messages, so that what belongs together stays together. A larger share
  /// takes all that a smaller one took.
  case share(Double)

  /// Whether the second version takes a message.
  ///
  /// - Parameters:
  ///   - key: its ordering key, or else its subject; nil: it belongs to nothing.
  ///   - id: its own name, by which a share is drawn when it has no key.
  ///   - receivedAt: the time of its receipt.
  public func takesNext(key: String?, id: @autoclosure () -> String, receivedAt: Timestamp) -> Bool {
    switch self {
    case .never: false
    case .from(let time): receivedAt >= time
    case .keys(let patterns): key.map { key in patterns.contains { $0.matches(key) } } ?? false
    case .share(let share): Self.place(of: key ?? id()) < share
    }
  }

  /// Where a key stands between 0 and 1, the same in every process: FNV-1a over its bytes, whose weak high bits are
  /// mixed as SplitMix64 does at its end.
  static func place(of key: String) -> Double {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    hash ^= hash >> 31
    return Double(hash >> 11) * 0x1p-53
  }
}

/// How the two versions of an endpoint are named: routes and agencies name the endpoint, and the hub chooses.
public enum EndpointVersionName {
  private static let suffix = "@next"

  /// The second version of an endpoint.
  public static func next(of endpoint: String) -> String { endpoint + suffix }

  /// The endpoint whose second version has that name; nil: it is none.
  public static func endpoint(ofNext name: String) -> String? {
    name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : nil
  }
}
