import HubRouting
import Testing

@Suite struct PatternTests {
  @Test(arguments: [
    ("*", "", true), ("*", "anything", true), ("", "", true), ("", "a", false),
    ("vn.gov.edoc.*", "vn.gov.edoc.document", true), ("vn.gov.edoc.*", "vn.gov.edoc", false),
    ("H24.*", "H24", false), ("H24.*", "H24.1.2", true), ("*.status", "vn.gov.edoc.status", true),
    ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXcYb", false), ("a**c", "ac", true), ("*ab", "aab", true),
    ("Phường*", "Phường Hải Dương", true), ("h24", "H24", false),
  ])
  func `A star stands for any run of characters`(pattern: String, value: String, fits: Bool) {
    #expect(Pattern(pattern).matches(value) == fits)
  }

  @Test(arguments: [
    ("*", "a*", true), ("a*", "*", false), ("a*", "a*b", true), ("a*", "abc", true), ("abc", "abc", true),
    ("abc", "a*", false), ("*b*", "a*c", false), ("*a*", "b*a", true), ("a*c", "a*b*c", true), ("*", "*", true),
  ])
  func `A pattern covers another when it takes all that the other does`(ours: String, theirs: String, covers: Bool) {
    #expect(Pattern(ours).covers(Pattern(theirs)) == covers)
  }

  @Test func `Whether a pattern fits agrees with a slow definition on all short texts`() {
    let texts = shortTexts(over: ["a", "b"], upTo: 4)
    for pattern in shortTexts(over: ["a", "b", "*"], upTo: 4) {
      for text in texts {
        #expect(
          Pattern(pattern).matches(text) == slowMatch(Array(pattern)[...], Array(text)[...]), "\(pattern) \(text)")
      }
    }
  }

  @Test func `What one pattern covers is never taken by the other alone`() {
    // A third letter stands for all that no pattern names.
    let texts = shortTexts(over: ["a", "b", "x"], upTo: 4)
    let patterns = shortTexts(over: ["a", "b", "*"], upTo: 3).map(Pattern.init)
    for ours in patterns {
      for theirs in patterns {
        let reallyCovers = texts.allSatisfy { !theirs.matches($0) || ours.matches($0) }
        #expect(ours.covers(theirs) == reallyCovers, "\(ours) \(theirs)")
      }
    }
  }

  @Test func `A hostile pattern does not take exponential time`() {
    let pattern = Pattern(String(repeating: "a*", count: 200) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 4000)))
  }

  private func shortTexts(over letters: [String], upTo length: Int) -> [String] {
    var all = [""]
    var last = [""]
    for _ in 0..<length {
      last = last.flatMap { text in letters.map { text + $0 } }
      all += last
    }
    return all
  }

  private func slowMatch(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == "*" {
      return slowMatch(pattern.dropFirst(), text) || !text.isEmpty && slowMatch(pattern, text.dropFirst())
    }
    return text.first == first && slowMatch(pattern.dropFirst(), text.dropFirst())
  }
}
