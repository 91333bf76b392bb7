internal import Synchronization

/// Places on the wire that are another each time although nothing changed: nonces, ids, times, signatures. They are
/// found by letting the same configuration make the same request twice, at two times.
final class VolatilePlaces: Sendable {
  /// A place of one endpoint's requests.
  struct Place: Hashable, Sendable, Comparable {
    var subject, name: String

    static func < (left: Place, right: Place) -> Bool { (left.subject, left.name) < (right.subject, right.name) }
  }

  private let known = Mutex<Set<Place>>([])

  /// Those found so far.
  var found: [Place] { known.withLock { $0.sorted() } }

  func contains(_ difference: Difference) -> Bool {
    difference.kind == .request
      && known.withLock { $0.contains(Place(subject: difference.subject, name: difference.place)) }
  }

  /// Takes in how two runs of the same configuration differ.
  func learn(_ differences: Differences) {
    for (difference, example) in differences.all where difference.kind == .request {
      guard Self.looksVolatile(example.recorded), Self.looksVolatile(example.made) else { continue }
      known.withLock { _ = $0.insert(Place(subject: difference.subject, name: difference.place)) }
    }
  }

  /// Ids, nonces and signatures are long and of digits and letters only, times are full of digits; anything else that
  /// changes by itself is a fault that should be seen.
  static func looksVolatile(_ text: String?) -> Bool {
    guard let text, (4...4096).contains(text.utf8.count) else { return false }
    let bare = text.utf8.filter { $0 != UInt8(ascii: "\"") }
    let digits = bare.count { (0x30...0x39).contains($0) }
    let isToken = bare.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || Array("+/=-_.:,;~ ".utf8).contains(byte)
    }
    return isToken && (digits * 2 >= bare.count || (bare.count >= 16 && digits > 0))
  }
}
