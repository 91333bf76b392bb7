private let kinds = ["null", "boolean", "number", "string", "array", "object"]

/// A runtime error of libjq's in words that hold nothing of the message.
///
/// libjq quotes the values that it could not work with. Kept are: errors of its own, without the quoted values; texts
/// that the program raises and that stand in its source as they are. Anything else might be data.
func plainJqError(_ error: String?, program: ShapeSource) -> String {
  guard let error else { return "raised an error that is not a text" }
  if error.count <= 500, program.text.contains(jsonSource(error)) { return error }
  for kind in kinds where error.hasPrefix(kind + " (") {
    guard let end = ownWords.first(where: { error.hasSuffix($0) }) else { continue }
    let second = kinds.first { error.contains(") and \($0) (") }
    return "\(kind)\(second.map { " and \($0)" } ?? "") \(end)"
  }
  for kind in kinds where error.hasPrefix("Cannot iterate over \(kind)") { return "cannot iterate over \(kind)" }
  for kind in kinds where error.hasPrefix("Cannot index \(kind) with") {
    return plainIndexError(error, kind: kind, program: program)
  }
  for words in wholeWords where error.hasPrefix(words) { return words }
  return "raised an error whose text is withheld, because it may quote the message; give `error` a literal text"
}

/// A member name that the program names itself may be said, one that it computed may not.
private func plainIndexError(_ error: String, kind: String, program: ShapeSource) -> String {
  if let start = error.firstIndex(of: "\""), error.hasSuffix("\"") {
    let name = error[error.index(after: start)...].dropLast()
    return program.text.contains(name)
      ? "cannot index \(kind) with \"\(name)\"" : "cannot index \(kind) with a name"
  }
  let with = kinds.first { error.hasSuffix("with \($0)") } ?? "that value"
  return "cannot index \(kind) with \(with)"
}

/// How a text looks inside a jq string.
private func jsonSource(_ text: String) -> String {
  String(decoding: jsonString(text.utf8).dropFirst().dropLast(), as: UTF8.self)
}

/// How libjq's errors about a value end.
private let ownWords = [
  "cannot be added", "cannot be subtracted", "cannot be multiplied", "cannot be divided",
  "cannot be divided because the divisor is zero", "cannot be parsed as a number", "has no keys", "has no length",
  "cannot be negated", "cannot be sorted, as it is not an array", "cannot be grouped, as it is not an array",
  "cannot be matched, as it is not a string", "cannot be exploded", "cannot be reversed, as it is not a string",
  "is not valid in a csv row", "can not be escaped for shell", "is not valid base64 data",
  "cannot be tsv-formatted, only an array can be", "cannot be csv-formatted, only an array can be",
  "only strings can be parsed", "cannot have their containment checked", "number required",
]

/// libjq's errors that quote nothing.
private let wholeWords = [
  "Cannot use null (null) as object key", "Object keys must be strings", "Cannot check whether",
  "Range bounds must be numeric", "Cannot determine paths", "explode input must be a string",
  "implode input must be an array", "split input and separator must be strings", "startswith() requires string inputs",
  "endswith() requires string inputs", "ltrimstr", "join", "flatten depth must not be negative", "Out of bounds",
  "Array index too large", "Invalid path expression", "strptime/1 requires string inputs and arguments",
  "Start and end indices of an array slice must be numbers",
]
