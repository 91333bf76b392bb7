/// JSON that is written with its keys in a given order, so that the same declarations give the same bytes.
indirect enum JSONText {
  case string(String)
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case list([JSONText])
  case object([(key: String, value: JSONText)])

  static func strings(_ texts: [String]) -> JSONText { .list(texts.map(JSONText.string)) }

  /// Two spaces for each level; short lists of single values on one line.
  func written(indent: Int = 0) -> String {
    let margin = String(repeating: "  ", count: indent + 1)
    let end = String(repeating: "  ", count: indent)
    switch self {
    case .string(let text): return Self.quoted(text)
    case .integer(let number): return String(number)
    case .number(let number):
      return number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    case .flag(let flag): return String(flag)
    case .list(let items):
      if items.allSatisfy(\.isSingle) { return "[\(items.map { $0.written() }.joined(separator: ", "))]" }
      return "[\n" + items.map { margin + $0.written(indent: indent + 1) }.joined(separator: ",\n") + "\n\(end)]"
    case .object(let pairs):
      guard !pairs.isEmpty else { return "{}" }
      let lines = pairs.map { "\(margin)\(Self.quoted($0.key)): \($0.value.written(indent: indent + 1))" }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(end)}"
    }
  }

  private var isSingle: Bool {
    switch self {
    case .list, .object: false
    default: true
    }
  }

  /// RFC 8259 section 7.
  private static func quoted(_ text: String) -> String {
    let inside = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": return "\\\(scalar)"
      case "\n": return "\\n"
      case "\t": return "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: return String(scalar)
      }
    }
    return "\"\(inside.joined())\""
  }
}
