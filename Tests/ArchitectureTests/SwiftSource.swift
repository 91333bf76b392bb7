/// A Swift file taken apart just far enough to count: code without comments and without what stands in literals, and
/// the comments by line.
struct SwiftSource {
  /// Path from the top of the repository.
  let path: String
  /// The file's lines as written.
  let lines: [String]
  /// The same lines with comments, string contents and regular expressions blanked out.
  let code: [String]
  /// What comments say on each line; empty where there is none.
  let comments: [String]

  init(_ text: String, path: String) {
    self.path = path
    var scanner = Scanner(text)
    scanner.scan()
    lines = Self.lines(text)
    code = Self.lines(String(scanner.code))
    comments = Self.lines(String(scanner.comments))
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Walks over the characters once; what it takes goes to ``code`` or to ``comments``, line ends to both.
  private struct Scanner {
    private let text: [Character]
    private var position = 0
    private(set) var code: [Character] = []
    private(set) var comments: [Character] = []

    init(_ text: String) { self.text = Array(text) }

    private func starts(_ part: String, at offset: Int = 0) -> Bool {
      var index = position + offset
      for character in part {
        guard index < text.count, text[index] == character else { return false }
        index += 1
      }
      return true
    }

    private mutating func take(_ count: Int, asCode: Bool) {
      for _ in 0..<count where position < text.count {
        let character = text[position]
        position += 1
        if character.isNewline {
          code.append("\n")
          comments.append("\n")
        } else if asCode {
          code.append(character)
        } else {
          code.append(" ")
        }
      }
    }

    mutating func scan() { scanCode(untilParenthesis: false) }

    /// Code up to the end, or up to the parenthesis that closes an interpolation.
    private mutating func scanCode(untilParenthesis: Bool) {
      var depth = 0
      while position < text.count {
        if starts("//") {
          scanLineComment()
        } else if starts("/*") {
          scanBlockComment()
        } else if let hashes = stringStart() {
          scanString(hashes: hashes)
        } else if isRegexStart() {
          scanRegex()
        } else {
          let character = text[position]
          if untilParenthesis, character == "(" { depth += 1 }
          if untilParenthesis, character == ")" {
            depth -= 1
            if depth < 0 { return }
          }
          take(1, asCode: true)
        }
      }
    }

    private mutating func scanLineComment() {
      while position < text.count, !text[position].isNewline {
        comments.append(text[position])
        take(1, asCode: false)
      }
    }

    private mutating func scanBlockComment() {
      var depth = 0
      repeat {
        if starts("/*") {
          depth += 1
          take(2, asCode: false)
        } else if starts("*/") {
          depth -= 1
          take(2, asCode: false)
        } else {
          if !text[position].isNewline { comments.append(text[position]) }
          take(1, asCode: false)
        }
      } while depth > 0 && position < text.count
    }

    /// How many number signs stand before a quote that begins here; nil when no string begins here.
    private func stringStart() -> Int? {
      var hashes = 0
      while starts("#", at: hashes) { hashes += 1 }
      return starts("\"", at: hashes) ? hashes : nil
    }

    private mutating func scanString(hashes: Int) {
      let sign = String(repeating: "#", count: hashes)
      take(hashes, asCode: false)
      let quote = starts("\"\"\"") ? "\"\"\"" : "\""
      take(quote.count, asCode: true)
      while position < text.count {
        if starts(quote + sign) {
          take(quote.count, asCode: true)
          take(hashes, asCode: false)
          return
        }
        if starts("\\" + sign + "(") {
          take(2 + hashes, asCode: false)
          scanInterpolation()
        } else if starts("\\" + sign) {
          take(2 + hashes, asCode: false)
        } else if quote.count == 1, text[position].isNewline {
          return
        } else {
          take(1, asCode: false)
        }
      }
    }

    /// Interpolated code is walked over with its own strings in it, and counts as content of the string.
    private mutating func scanInterpolation() {
      let before = code.count
      scanCode(untilParenthesis: true)
      for index in before..<code.count where !code[index].isNewline { code[index] = " " }
      take(1, asCode: false)
    }

    /// A regular expression between slashes stands where a value does; a division never does.
    private func isRegexStart() -> Bool {
      guard starts("/"), position + 1 < text.count, !text[position + 1].isWhitespace else { return false }
      let before = code.last { $0 != " " }
      return before.map { "(,=:[{\n".contains($0) } ?? true
    }

    private mutating func scanRegex() {
      take(1, asCode: false)
      while position < text.count, text[position] != "/", !text[position].isNewline {
        take(starts("\\") ? 2 : 1, asCode: false)
      }
      take(1, asCode: false)
    }
  }
}
