import Glibc
import HubKit

extension FaultRule {
  /// Whether the rule speaks of such a request.
  func matches(method: String, path: String) -> Bool {
    if let wanted = self.method, wanted.uppercased() != method.uppercased() { return false }
    return self.path.map { Self.matches(pattern: Array($0.utf8), text: Array(path.utf8)) } ?? true
  }

  /// Matches with `*` for any bytes, going back to the last star only: no pattern takes longer than the product of
  /// the two lengths.
  private static func matches(pattern: [UInt8], text: [UInt8]) -> Bool {
    let star = UInt8(ascii: "*")
    var (p, t) = (0, 0)
    var retry: (p: Int, t: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == star {
        retry = (p + 1, t)
        p += 1
      } else if p < pattern.count, pattern[p] == text[t] {
        (p, t) = (p + 1, t + 1)
      } else if let last = retry {
        retry = (last.p, last.t + 1)
        (p, t) = (last.p, last.t + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == star }
  }

  /// The answer that stands in for the far system's, if there is one.
  var answer: ServedResponse? {
    guard let status else { return nil }
    var response = ServedResponse(status: status, headers: headers, body: Array("mock fault: status \(status)\n".utf8))
    if response.headers["Content-Type"] == nil {
      response.headers.append(HeaderField("Content-Type", "text/plain; charset=utf-8"))
    }
    if let retryAfter {
      response.headers.append(HeaderField("Retry-After", String(Int((retryAfter / .seconds(1)).rounded(.up)))))
    }
    return response
  }
}

extension FaultRule.Window {
  /// Whether it is open so long after the rule's arrival.
  func isOpen(at age: Duration) -> Bool {
    guard age >= after else { return false }
    guard let length else { return true }
    let since = (age - after).wholeMicroseconds
    let phase = every.map { since % max(1, $0.wholeMicroseconds) } ?? since
    return phase < length.wholeMicroseconds
  }
}

extension FaultRule.Latency {
  /// The longest that is drawn: the far end of the log-normal spread would hold a test for days.
  private static let max = Duration.seconds(3600)
  /// The 99th percentile of the standard normal distribution.
  private static let z99 = 2.326_347_874

  /// One latency.
  func draw(_ numbers: inout SeededNumbers) -> Duration {
    switch self {
    case .constant(let time): return time
    case .even(let min, let max): return min + (max - min) * numbers.unit()
    case .logNormal(let p50, let p99):
      // Box and Muller: two even numbers make a normal one. The first is never 0, whose logarithm is none.
      let z = (-2 * log(1 - numbers.unit())).squareRoot() * cos(2 * .pi * numbers.unit())
      let factor = exp(z * log(p99 / p50) / Self.z99)
      return .seconds(Swift.min(p50 / .seconds(1) * factor, Self.max / .seconds(1)))
    }
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededNumbers {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

  /// The next number, from 0 to just under 1.
  mutating func unit() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
  }
}
