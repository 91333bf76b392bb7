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
  private var word: [UInt8] = []
  /// The last sign before the word; `w` after another word.
  private var previous = UInt8(ascii: " ")

  /// All functions of a file, in the order in which they end.
  static func all(in source: SwiftSource) -> [Function] {
    var state = FunctionLengths()
    for (index, text) in source.code.enumerated() {
      for byte in text.utf8 { state.take(byte, line: index + 1) }
      state.take(UInt8(ascii: "\n"), line: index + 1)
    }
    return state.found
  }

  private mutating func take(_ byte: UInt8, line: Int) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      word.append(byte)
      return
    default: endWord(line: line)
    }
    if byte != UInt8(ascii: " "), byte != UInt8(ascii: "\n") { previous = byte }
    switch byte {
    case UInt8(ascii: "("): parentheses += 1
    case UInt8(ascii: ")"): parentheses -= 1
    case UInt8(ascii: "{"):
      open.append(Opening(declaration: declared, isArgument: parentheses > 0, parentheses: parentheses))
      declared = nil
      parentheses = 0
    case UInt8(ascii: "}"): close(line: line)
    default: break
    }
  }

  private mutating func endWord(line: Int) {
    guard !word.isEmpty else { return }
    let text = String(decoding: word, as: UTF8.self)
    if Self.functions.contains(text) || Self.others.contains(text), previous != UInt8(ascii: ".") {
      declared = Declaration(word: text, line: line)
    } else if declared?.name == "" {
      declared?.name = text
    }
    word.removeAll(keepingCapacity: true)
    previous = UInt8(ascii: "w")
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
