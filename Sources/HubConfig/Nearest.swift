/// How many single-character slips (one too many, one missing, another one, two swapped) lie between two words:
/// Damerau-Levenshtein distance, each pair swapped at most once. Case counts as no slip.
func slips(from left: String, to right: String) -> Int {
  let a = Array(left.lowercased().unicodeScalars)
  let b = Array(right.lowercased().unicodeScalars)
  guard !a.isEmpty else { return b.count }
  guard !b.isEmpty else { return a.count }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i] + Array(repeating: 0, count: b.count)
    for j in 1...b.count {
      let same = a[i - 1] == b[j - 1]
      row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        row[j] = min(row[j], beforeLast[j - 2] + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}

/// The word that was most likely meant.
///
/// - Returns: nil when none is near: more than one slip in three characters, at least two.
func nearest(to word: String, in words: some Sequence<String>) -> String? {
  guard word.utf8.count <= 200 else { return nil }
  let best = words.filter { $0 != word && $0.utf8.count <= 200 }
    .map { (word: $0, slips: slips(from: word, to: $0)) }
    .min { ($0.slips, $0.word) < ($1.slips, $1.word) }
  guard let best, best.slips <= max(2, word.count / 3), best.slips < word.count else { return nil }
  return best.word
}
