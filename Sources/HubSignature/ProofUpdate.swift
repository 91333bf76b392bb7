/// What stands behind the last signature of a file. Whoever adds what proves a signature later on (ETSI EN 319 142-1,
/// level B-LT) adds to the file without signing it; everything else that is added changes what a reader sees.
struct ProofUpdate {
  /// Whether all of it is sure to be such proofs.
  let holdsProofsOnly: Bool

  init(_ pdf: [UInt8], from start: Int) {
    holdsProofsOnly = false
  }
}
