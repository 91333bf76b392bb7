internal import HubRouting

/// What is said about keys and values that break their declaration.
extension Phrase {
  static func unknownKey(_ key: String, in what: String, near: String?) -> Phrase {
    Phrase(
      "unknown-key", en: "`\(what)` has no key `\(key)`.", vi: "`\(what)` không có khóa `\(key)`.", suggestion: near)
  }

  static func missingKey(_ key: String, in what: String, example: String) -> Phrase {
    Phrase(
      "missing-key", en: "`\(what)` needs the key `\(key)`, as in `\(key): \(example)`.",
      vi: "`\(what)` phải có khóa `\(key)`, ví dụ `\(key): \(example)`.")
  }

  static func missingValue(_ key: String, example: String) -> Phrase {
    Phrase(
      "missing-value", en: "`\(key)` has no value; write one, as in `\(key): \(example)`, or leave the key out.",
      vi: "`\(key)` chưa có giá trị; hãy viết, ví dụ `\(key): \(example)`, hoặc bỏ khóa này.")
  }

  static func wrongKind(
    _ key: String, wanted: (en: String, vi: String), found: (en: String, vi: String), example: String
  ) -> Phrase {
    Phrase(
      "wrong-kind", en: "`\(key)` wants \(wanted.en), but here is \(found.en); write for example `\(example)`.",
      vi: "`\(key)` cần \(wanted.vi), nhưng ở đây là \(found.vi); ví dụ: `\(example)`.")
  }

  static func littleMemory(document: Int) -> Phrase {
    let wanted = (document * 16 + (1 << 20) - 1) >> 20
    return Phrase(
      "little-memory",
      en: "`memoryMax` is little for documents of `documentBytesMax`: the largest may end as `out-of-memory`; "
        + "allow \(wanted)MiB.",
      vi: "`memoryMax` quá ít so với `documentBytesMax`: tài liệu lớn nhất có thể bị `out-of-memory`; nên đặt "
        + "\(wanted)MiB.")
  }

  static func exactlyOne(of keys: [String], in what: String) -> Phrase {
    let list = keys.map { "`\($0)`" }.joined(separator: ", ")
    return Phrase(
      "exactly-one", en: "`\(what)` needs exactly one of \(list).", vi: "`\(what)` cần đúng một trong các khóa \(list)."
    )
  }

  static func badText(_ text: String, _ form: TextForm, suggestion: String? = nil) -> Phrase {
    let quoted = text.isEmpty ? "" : " `\(text.prefix(80))`"
    return Phrase(
      "bad-\(form.codeWord)", en: "The value\(quoted) is not \(form.words.en); write for example `\(form.example)`.",
      vi: "Giá trị\(quoted) không phải là \(form.words.vi); ví dụ: `\(form.example)`.", suggestion: suggestion)
  }

  static func badDuration(_ text: String) -> Phrase {
    Phrase(
      "bad-duration",
      en:
        "`\(text.prefix(80))` is not a duration; write a whole number and its unit: `250ms`, `30s`, `5m`, `2h`, `35d`.",
      vi: "`\(text.prefix(80))` không phải khoảng thời gian; hãy viết số nguyên kèm đơn vị: `250ms`, `30s`, `5m`, "
        + "`2h`, `35d`.", suggestion: Measure.nearestDuration(to: text))
  }

  static func badSize(_ text: String) -> Phrase {
    Phrase(
      "bad-size",
      en: "`\(text.prefix(80))` is not a size; write a whole number and its unit: `512B`, `32KiB`, `256MiB`, `10GiB`.",
      vi: "`\(text.prefix(80))` không phải dung lượng; hãy viết số nguyên kèm đơn vị: `512B`, `32KiB`, `256MiB`, "
        + "`10GiB`.", suggestion: Measure.nearestSize(to: text))
  }

  static func outOfRange(_ text: String, from least: String, to most: String) -> Phrase {
    Phrase(
      "out-of-range", en: "`\(text.prefix(80))` is out of range: \(least) to \(most).",
      vi: "`\(text.prefix(80))` nằm ngoài khoảng cho phép: từ \(least) đến \(most).")
  }

  static func badNumber(_ text: String, example: String) -> Phrase {
    Phrase(
      "bad-number", en: "`\(text.prefix(80))` is not a number; write for example `\(example)`.",
      vi: "`\(text.prefix(80))` không phải là số; ví dụ: `\(example)`.")
  }

  static func badFlag(_ text: String) -> Phrase {
    let yes = ["yes", "on", "1", "y", "có"].contains(text.lowercased())
    let no = ["no", "off", "0", "n", "không"].contains(text.lowercased())
    return Phrase(
      "bad-flag", en: "`\(text.prefix(80))` is neither `true` nor `false`.",
      vi: "`\(text.prefix(80))` không phải `true` cũng không phải `false`.",
      suggestion: yes ? "true" : no ? "false" : nearest(to: text, in: ["true", "false"]))
  }

  static func badChoice(_ text: String, _ choices: [String]) -> Phrase {
    let list = choices.map { "`\($0)`" }.joined(separator: ", ")
    return Phrase(
      "bad-choice", en: "`\(text.prefix(80))` is none of \(list).", vi: "`\(text.prefix(80))` không thuộc \(list).",
      suggestion: nearest(to: text, in: choices))
  }

  static func badPort(_ text: String) -> Phrase {
    Phrase(
      "bad-port", en: "The port \(text.prefix(20)) is out of range: 0 to 65535, 0 for any free one.",
      vi: "Cổng \(text.prefix(20)) nằm ngoài khoảng cho phép: 0 đến 65535, 0 nghĩa là cổng trống bất kỳ.")
  }

  static func tooFew(_ key: String, min: Int) -> Phrase {
    Phrase(
      "too-few", en: "`\(key)` needs at least \(min) item\(min == 1 ? "" : "s").",
      vi: "`\(key)` cần ít nhất \(min) mục.")
  }

  static func badKeyTemplate(_ text: String, _ error: KeyTemplateError) -> Phrase {
    let (en, vi, word): (String, String, String?) =
      switch error {
      case .unopenedBrace: ("has a `}` without `{`", "có `}` mà thiếu `{`", nil)
      case .unclosedBrace: ("has a `{` without `}`", "có `{` mà thiếu `}`", nil)
      case .badAttribute(let name):
        (
          "names `\(name)`, which can be no attribute", "dùng `\(name)`, không thể là tên thuộc tính",
          nearest(to: name, in: AttributeName.known)
        )
      case .noAttribute:
        (
          "names no attribute in braces, so that all messages would wait for one another",
          "không có thuộc tính nào trong ngoặc nhọn, mọi bản tin sẽ phải chờ nhau", nil
        )
      }
    return Phrase(
      "bad-key-template", en: "The key `\(text.prefix(80))` \(en); write for example `{sender}/{subject}`.",
      vi: "Khóa `\(text.prefix(80))` \(vi); ví dụ: `{sender}/{subject}`.", suggestion: word)
  }
}

extension TextForm {
  /// The form's word in codes of complaints.
  var codeWord: String {
    switch self {
    case .any, .pattern: "text"
    case .name: "name"
    case .target: "target"
    case .organisation, .organisationPattern: "organisation-code"
    case .path: "path"
    case .fileName: "file-name"
    case .address: "address"
    case .allowed: "address"
    case .url, .farURL: "url"
    case .jq: "jq"
    case .keyTemplate: "key-template"
    case .template: "template"
    case .setting: "setting-name"
    case .version: "version"
    case .attribute: "attribute"
    case .time: "time"
    case .day: "day"
    case .hash: "hash"
    }
  }
}
