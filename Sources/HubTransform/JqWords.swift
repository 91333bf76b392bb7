/// Words of jq that read the clock, the environment, files or other input, or that end the program from inside, and
/// what to use instead.
private let forbidden: [String: String] = [
  "now": "the time of receipt is `$now`",
  "env": "a program sees nothing but its message",
  "$ENV": "a program sees nothing but its message",
  "$__prog_args": "a program sees nothing but its message",
  "input": "the message is `.`",
  "inputs": "the message is `.`",
  "input_filename": "the message is `.`",
  "input_line_number": "the message is `.`",
  "debug": "nobody would see it",
  "stderr": "nobody would see it",
  "import": "a program is one file",
  "include": "a program is one file",
  "module": "a program is one file",
  "modulemeta": "a program is one file",
  "get_search_list": "a program is one file",
  "halt": "use `error(\"...\")` to refuse a message",
  "halt_error": "use `error(\"...\")` to refuse a message",
  "localtime": "it depends on the machine's time zone; use `gmtime`",
  "strflocaltime": "it depends on the machine's time zone; use `strftime`",
]

/// Complaints about every forbidden word that a jq program uses.
///
/// Strings and comments do not count, interpolation inside a string does; nor do field names (`.now`), names of
/// members (`{now: 1}`, `{now}`) and variables (`$now`).
func forbiddenWords(in source: ShapeSource) -> [ShapeComplaint] {
  var scanner = JqScanner(source.text)
  let words = scanner.words()
  return words.compactMap { word in
    guard let advice = forbidden[word.text] else { return nil }
    return ShapeComplaint(
      source: source.name, line: word.line, column: word.column, message: "`\(word.text)` is not allowed: \(advice)")
  }
}

/// Finds the words of a jq program that call something: an identifier that is no field, no member name, and no
/// variable but `$ENV` and `$__prog_args`.
private struct JqScanner {
  struct Word {
    var text: String
    var line: Int
    var column: Int
  }

  /// What a bracket encloses; in an object an identifier at the right place is a member name.
  private enum Frame {
    case object
    case other
    case interpolation
  }

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var line = 1
  private var column = 1
  private var frames: [Frame] = []
  /// The last piece that is neither space nor comment.
  private var previous = ""
  private var found: [Word] = []

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
  }

  mutating func words() -> [Word] {
    while let scalar = current {
      switch scalar {
      case "#": skipComment()
      case "\"": readString()
      case "{", "[", "(": open(scalar)
      case "}", "]", ")": close(scalar)
      case "$": readVariable()
      case _ where isNameStart(scalar): readName()
      case _ where scalar.properties.isWhitespace: advance()
      case "0"..."9": readNumber()
      default:
        previous = String(scalar)
        advance()
      }
    }
    return found
  }

  private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func advance() {
    if scalars[position] == "\n" {
      line += 1
      column = 1
    } else {
      column += 1
    }
    position += 1
  }

  private func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }

  private mutating func skipComment() {
    while let scalar = current, scalar != "\n" {
      _ = scalar
      advance()
    }
  }

  private mutating func open(_ scalar: Unicode.Scalar) {
    frames.append(scalar == "{" ? .object : .other)
    previous = String(scalar)
    advance()
  }

  private mutating func close(_ scalar: Unicode.Scalar) {
    let closed = frames.popLast()
    previous = String(scalar)
    advance()
    if closed == .interpolation { readStringRest() }
  }

  private mutating func readString() {
    advance()
    readStringRest()
  }

  /// The inside of a string up to its end, or up to an interpolation, whose inside is code.
  private mutating func readStringRest() {
    while let scalar = current {
      advance()
      if scalar == "\"" {
        previous = "\""
        return
      }
      guard scalar == "\\", let escaped = current else { continue }
      advance()
      if escaped == "(" {
        frames.append(.interpolation)
        previous = "("
        return
      }
    }
  }

  private mutating func name() -> String {
    var text = ""
    while let scalar = current, isNameStart(scalar) || ("0"..."9").contains(scalar) {
      text.unicodeScalars.append(scalar)
      advance()
    }
    return text
  }

  private mutating func readNumber() {
    previous = "0"
    while let scalar = current, ("0"..."9").contains(scalar) || scalar == "." || scalar == "e" || scalar == "E" {
      _ = scalar
      advance()
    }
  }

  private mutating func readVariable() {
    let place = (line, column)
    advance()
    let text = "$" + name()
    if text == "$ENV" || text == "$__prog_args" {
      found.append(Word(text: text, line: place.0, column: place.1))
    }
    previous = text
  }

  private mutating func readName() {
    let place = (line, column)
    let before = previous
    let text = name()
    previous = text
    let isFormat = before == "@"
    guard before != ".", !isFormat, !isMemberName(before: before) else { return }
    found.append(Word(text: text, line: place.0, column: place.1))
  }

  /// In an object, a name after `{` or `,` names a member, whether `:` follows or not. Values have no commas outside
  /// brackets of their own, so the rule needs no more than the piece before.
  private func isMemberName(before: String) -> Bool {
    frames.last == .object && (before == "{" || before == ",")
  }
}
