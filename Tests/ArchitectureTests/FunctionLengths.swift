/// Finds functions, initialisers, subscripts and computed properties with their first and last line.
struct FunctionLengths {
  struct Function: Equatable {
    let name: String
    let firstLine: Int
    let lineCount: Int
  }

  /// The last word that declares something since the last brace, what it declares, and where.
  private struct Declaration {
    let word: String
    var name = ""
    let line: Int
  }

  /// What opened a brace, and what has to be restored when it closes.
  private struct Opening {
    let declaration: Declaration?
    /// A closure among arguments or default values: the declaration around it goes on after it.
    let isArgument: Bool
    let parentheses: Int
  }

  private static let functions: Set<String> = ["func", "init", "deinit", "subscript", "var"]
  private static let others: Set<String> = ["struct", "class", "enum", "protocol", "extension", "actor", "let", "case"]

  private var open: [Opening] = []
  private var found: [Function] = []
  private var declared: Declaration?
  private var parentheses = 0
  private var word = ""
  /// The last sign before the word; `w` after another word.
  private var previous: Character = " "

  /// All functions of a file, in the order in which they end.
  static func all(in source: SwiftSource) -> [Function] {
    var state = FunctionLengths()
    for (index, text) in source.code.enumerated() {
      for character in text + "\n" { state.take(character, line: index + 1) }
    }
    return state.found
  }

  private mutating func take(_ character: Character, line: Int) {
    if character.isLetter || character.isNumber || character == "_" {
      word.append(character)
      return
    }
    endWord(line: line)
    if !character.isWhitespace { previous = character }
    switch character {
    case "(": parentheses += 1
    case ")": parentheses -= 1
    case "{":
      open.append(Opening(declaration: declared, isArgument: parentheses > 0, parentheses: parentheses))
      declared = nil
      parentheses = 0
    case "}": close(line: line)
    default: break
    }
  }

  private mutating func endWord(line: Int) {
    guard !word.isEmpty else { return }
    if Self.functions.contains(word) || Self.others.contains(word), previous != "." {
      declared = Declaration(word: word, line: line)
    } else if declared?.name == "" {
      declared?.name = word
    }
    word = ""
    previous = "w"
  }

  private mutating func close(line: Int) {
    declared = nil
    guard let last = open.popLast() else { return }
    parentheses = last.parentheses
    if last.isArgument {
      declared = last.declaration
    } else if let function = last.declaration, Self.functions.contains(function.word) {
      let name = "\(function.word) \(function.name)"
      found.append(Function(name: name, firstLine: function.line, lineCount: line - function.line + 1))
    }
  }
}
