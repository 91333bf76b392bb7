/// The members that a jq program makes or changes, with their lines: `{name: …}`, `{name}`, `.name = …`,
/// `del(.name)`.
struct JqMembers {
  private struct Member {
    /// The name, after those of what it stands in as far as the program's text tells.
    var path: [String]
    var line: Int
  }

  private var members: [Member] = []

  /// Reads a program; what is no jq finds nothing.
  init(_ text: String) {
    var reader = Reader(JqTokens.read(text))
    members = reader.read()
  }

  /// The lines that make the member at a path: of those with its name, the ones that stand in the most fitting places.
  func lines(of path: [String]) -> [Int] {
    let own = path.filter { $0 != "*" && Int($0) == nil }
    let fitting = members.filter { $0.path.last == own.last }.map { member in
      (line: member.line, depth: zip(member.path.reversed(), own.reversed()).prefix { $0 == $1 }.count)
    }
    let most = fitting.map(\.depth).max()
    return Set(fitting.filter { $0.depth == most }.map(\.line)).sorted()
  }

  /// Follows brackets through the tokens.
  private struct Reader {
    private struct Bracket {
      var opening: String
      /// The member whose value it belongs to.
      var name: String?
      /// Whether it holds the arguments of `del`.
      var removes = false
      /// The member whose value is being read.
      var current: String?
    }

    private let tokens: [JqTokens.Token]
    private var open: [Bracket] = []
    private var found: [Member] = []

    init(_ tokens: [JqTokens.Token]) { self.tokens = tokens }

    mutating func read() -> [Member] {
      for index in tokens.indices {
        switch tokens[index].text {
        case "{", "(", "[":
          let removes = tokens[index].text == "(" && text(index - 1) == "del"
          open.append(Bracket(opening: tokens[index].text, name: open.last?.current, removes: removes))
        case "}", ")", "]": _ = open.popLast()
        case ",": if open.last?.opening == "{" { open[open.count - 1].current = nil }
        default: look(at: index)
        }
      }
      return found
    }

    private func text(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }

    private mutating func look(at index: Int) {
      let token = tokens[index]
      guard let name = token.name else { return }
      if token.kind == .field { return lookAtField(name, index) }
      guard open.last?.opening == "{", ["{", ","].contains(text(index - 1)) else { return }
      guard [":", ",", "}"].contains(text(index + 1)) else { return }
      found.append(Member(path: open.compactMap(\.name) + [name], line: token.line))
      if text(index + 1) == ":" { open[open.count - 1].current = name }
    }

    private static let assignments: Set<String> = ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="]

    private mutating func lookAtField(_ name: String, _ index: Int) {
      let next = text(index + 1)
      let isRemoved = open.last?.removes == true && [")", ","].contains(next)
      guard Self.assignments.contains(next) || isRemoved else { return }
      var path: [String] = []
      for place in tokens[..<index].indices.reversed() {
        guard tokens[place].kind == .field, let outer = tokens[place].name else { break }
        path.insert(outer, at: 0)
      }
      found.append(Member(path: path + [name], line: tokens[index].line))
    }
  }
}

/// jq's text in words, without comments. Strings with something computed in them are no names.
enum JqTokens {
  enum Kind { case word, field, string, mark }

  struct Token {
    var kind: Kind
    var text: String
    var line: Int

    /// The name that it may give to a member.
    var name: String? {
      switch kind {
      case .word: text.hasPrefix("$") ? String(text.dropFirst()) : text
      case .field: String(text.dropFirst())
      case .string: text.contains("\\") ? nil : String(text.dropFirst().dropLast())
      case .mark: nil
      }
    }
  }

  static func read(_ text: String) -> [Token] {
    var tokens: [Token] = []
    var rest = Substring(text)
    var line = 1
    while let first = rest.first {
      if first.isWhitespace {
        if first.isNewline { line += 1 }
        rest.removeFirst()
        continue
      }
      let token = next(&rest, first)
      if let kind = token.kind { tokens.append(Token(kind: kind, text: token.text, line: line)) }
      line += token.text.count { $0.isNewline }
    }
    return tokens
  }

  /// - Returns: no kind for a comment.
  private static func next(_ rest: inout Substring, _ first: Character) -> (kind: Kind?, text: String) {
    switch first {
    case "#":
      let comment = rest.prefix { !$0.isNewline }
      rest.removeFirst(comment.count)
      return (nil, String(comment))
    case "\"": return (.string, string(&rest))
    case ".":
      rest.removeFirst()
      if rest.first == "\"" {
        let quoted = string(&rest)
        return (.field, "." + quoted.dropFirst().dropLast())
      }
      let name = word(&rest)
      return (name.isEmpty ? .mark : .field, "." + name)
    case "$":
      rest.removeFirst()
      return (.word, "$" + word(&rest))
    case _ where isWord(first): return (.word, word(&rest))
    default: return (.mark, mark(&rest))
    }
  }

  private static func isWord(_ character: Character) -> Bool {
    character == "_" || character.isLetter || character.isNumber
  }

  private static func word(_ rest: inout Substring) -> String {
    let word = rest.prefix(while: isWord)
    rest.removeFirst(word.count)
    return String(word)
  }

  private static func mark(_ rest: inout Substring) -> String {
    let long = ["?//=", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "?//", "//"]
    let mark = long.first { rest.hasPrefix($0) } ?? String(rest.prefix(1))
    rest.removeFirst(mark.count)
    return mark
  }

  /// A string with its quotes; what is computed in it may hold strings of its own.
  private static func string(_ rest: inout Substring) -> String {
    var text = String(rest.removeFirst())
    var depth = 0
    while let character = rest.popFirst() {
      text.append(character)
      switch character {
      case "\\":
        guard let escaped = rest.popFirst() else { return text }
        text.append(escaped)
        if escaped == "(" { depth += 1 }
      case "(" where depth > 0: depth += 1
      case ")" where depth > 0: depth -= 1
      case "\"" where depth > 0:
        rest = "\"" + rest
        text.removeLast()
        text += string(&rest)
      case "\"": return text
      default: break
      }
    }
    return text
  }
}
