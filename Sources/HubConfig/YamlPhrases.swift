/// What is said about text that is not the YAML that the hub takes.
extension Phrase {
  static func yamlSyntax(_ problem: String) -> Phrase {
    Phrase("yaml-syntax", en: "Not valid YAML: \(problem).", vi: "YAML không hợp lệ: \(problem).")
  }

  static let yamlTab = Phrase(
    "yaml-tab", en: "A tab in the indent; YAML wants spaces.",
    vi: "Có ký tự tab ở đầu dòng; YAML chỉ dùng dấu cách.")

  static let yamlAnchor = Phrase(
    "yaml-anchor", en: "Anchors and aliases (`&`, `*`) are not taken: write the value out.",
    vi: "Không dùng neo và bí danh YAML (`&`, `*`): hãy viết rõ giá trị.")

  static func yamlTag(_ tag: String) -> Phrase {
    Phrase(
      "yaml-tag", en: "The YAML tag `\(tag)` is not taken: write the plain value.",
      vi: "Không dùng nhãn YAML `\(tag)`: hãy viết giá trị thường.")
  }

  static let yamlKey = Phrase(
    "yaml-key", en: "A key must be a single word.", vi: "Khóa phải là một từ đơn.")

  static func yamlTooDeep(_ most: Int) -> Phrase {
    Phrase(
      "yaml-too-deep", en: "Nested more than \(most) levels deep.", vi: "Lồng nhau quá \(most) cấp.")
  }

  static func duplicateKey(_ key: String, firstLine: Int) -> Phrase {
    Phrase(
      "duplicate-key", en: "The key `\(key)` stands here a second time; the first is in line \(firstLine).",
      vi: "Khóa `\(key)` bị lặp lại; lần đầu ở dòng \(firstLine).")
  }

  static func emptyFile(_ what: String) -> Phrase {
    Phrase("empty-file", en: "The file is empty; it should hold \(what).", vi: "Tệp rỗng; cần có \(what).")
  }
}
