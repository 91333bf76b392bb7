extension Shape {
  var isText: Bool {
    if case .text = self { true } else { false }
  }

  /// What the shape wants, in both languages.
  var words: (en: String, vi: String) {
    switch self {
    case .text(let form): form.words
    case .integer: ("a whole number", "một số nguyên")
    case .number: ("a number", "một số")
    case .flag: ("`true` or `false`", "`true` hoặc `false`")
    case .duration: ("a duration", "một khoảng thời gian")
    case .size: ("a size", "một dung lượng")
    case .choice(let words): (list(words, "one of"), list(words, "một trong"))
    case .wordOr(let words, let other):
      (list(words, "\(other.words.en) or one of"), list(words, "\(other.words.vi) hoặc một trong"))
    case .secret: ("a reference to a secret", "một tham chiếu tới bí mật")
    case .list, .oneOrMany: ("a list", "một danh sách")
    case .map, .settings: ("a map of keys", "một nhóm khóa")
    case .object(let shape): ("the keys of `\(shape.name)`", "các khóa của `\(shape.name)`")
    case .either(let scalar, let other):
      ("\(scalar.words.en) or \(other.words.en)", "\(scalar.words.vi) hoặc \(other.words.vi)")
    }
  }

  /// A value beside the words of ``wordOr(_:_:)``.
  var sample: String {
    if case .duration = self { "30d" } else { "100" }
  }

  private func list(_ words: [String], _ before: String) -> String {
    "\(before) " + words.map { "`\($0)`" }.joined(separator: ", ")
  }
}

extension ObjectShape {
  /// The required keys with examples, or the first key, as they would stand in the file.
  var example: String {
    let shown = fields.filter(\.required)
    return (shown.isEmpty ? Array(fields.prefix(1)) : shown).map { "\($0.name): \($0.example)" }.joined(separator: ", ")
  }

  /// True when leaving the whole group out means: everything as by default.
  var isFilledByDefault: Bool {
    exactlyOneOf.isEmpty
      && fields.contains { declaration in
        if case .object(let inner) = declaration.shape {
          inner.isFilledByDefault
        } else {
          declaration.defaultText != nil
        }
      } && !fields.contains { $0.required }
  }
}
