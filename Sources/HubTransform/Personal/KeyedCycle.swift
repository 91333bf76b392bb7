import Crypto

/// A keyed permutation of the pairs (`high`, `low`) below two bounds, which goes through all of them in one cycle: so
/// no pair becomes itself, no two become the same, and whoever walks on from a pair comes to every other.
///
/// A shift by one between a Feistel network of ten rounds and its inverse, the network of FF1 (NIST SP 800-38G) with
/// HMAC-SHA-256 as its round function and addition in each half.
struct KeyedCycle {
  /// Two halves of a number.
  struct Pair: Hashable {
    var high: UInt64
    var low: UInt64
  }

  /// Key and label, to which each round adds its own.
  private let code: HMAC<SHA256>
  private let bounds: Pair

  private static let rounds: UInt8 = 10

  /// - Parameters:
  ///   - label: permutations of other labels have nothing in common.
  ///   - bounds: how many values each half has, at least one.
  init(key: SymmetricKey, label: String, bounds: Pair) {
    var code = HMAC<SHA256>(key: key)
    code.update(data: Array("cycle \(label)/".utf8))
    self.code = code
    self.bounds = bounds
  }

  /// The pair that takes the place of another.
  func next(after pair: Pair) -> Pair {
    var pair = pair
    for round in 0..<Self.rounds { turn(&pair, round, forwards: true) }
    // Where one half has no choice the network is itself a shift, and only the step is secret.
    let step = bounds.high == 1 ? [1, 3, 7, 9][Int(value(0xFF, 0, below: 4))] % max(bounds.low, 2) : 1
    pair.low += step
    if pair.low >= bounds.low {
      pair.low -= bounds.low
      pair.high = (pair.high + 1) % bounds.high
    }
    for round in (0..<Self.rounds).reversed() { turn(&pair, round, forwards: false) }
    return pair
  }

  private func turn(_ pair: inout Pair, _ round: UInt8, forwards: Bool) {
    if round.isMultiple(of: 2) {
      pair.high = shifted(pair.high, by: value(round, pair.low, below: bounds.high), bounds.high, forwards)
    } else {
      pair.low = shifted(pair.low, by: value(round, pair.high, below: bounds.low), bounds.low, forwards)
    }
  }

  private func shifted(_ number: UInt64, by step: UInt64, _ bound: UInt64, _ forwards: Bool) -> UInt64 {
    (number + (forwards ? step : bound - step)) % bound
  }

  private func value(_ round: UInt8, _ half: UInt64, below bound: UInt64) -> UInt64 {
    guard bound > 1 else { return 0 }
    var code = code
    withUnsafeBytes(of: (half.littleEndian, UInt64(round).littleEndian)) { code.update(data: $0) }
    let number = code.finalize().withUnsafeBytes { $0.loadUnaligned(as: UInt128.self) }
    return UInt64(UInt128(littleEndian: number) % UInt128(bound))
  }
}
