/// A text in Vietnamese, which comes first, and in English.
struct Bilingual: Sendable, Hashable {
  let vi: String
  let en: String

  init(_ vi: String, _ en: String) {
    self.vi = vi
    self.en = en
  }

  /// Both, the English one smaller and marked as such for screen readers.
  var html: HTML {
    .joined([
      .element("span", [.init("class", "vi")]) { vi },
      HTML(" "),
      .element("span", [.init("class", "en"), .init("lang", "en")]) { en },
    ])
  }

  /// Both on one line, for attributes.
  var line: String { "\(vi) · \(en)" }
}
