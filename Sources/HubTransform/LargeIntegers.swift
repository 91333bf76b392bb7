import HubKit

/// Where a document has integers that libjq 1.6 would change, since it keeps numbers as doubles.
func largeIntegers(in json: [UInt8]) -> [Violation] {
  guard let tree = try? JSONTree(json) else {
    return [Violation(rule: "json-number", message: "an integer is larger than 2^53")]
  }
  var found: [Violation] = []
  visit(tree, at: "") { path, value in
    guard case .number(let digits) = value, digits.allSatisfy({ $0.isNumber || $0 == "-" }),
      (Int64(digits).map { $0.magnitude > 1 << 53 } ?? true)
    else { return }
    found.append(
      Violation(
        rule: "json-number", message: "an integer beyond 2^53 would lose digits in a mapping; send it as a string",
        path: redacted(path)))
  }
  return found
}

/// Calls `body` for a value and everything below it, with the JSON Pointer of each.
private func visit(_ value: JSONTree, at path: String, _ body: (String, JSONTree) -> Void) {
  body(path, value)
  for (index, item) in value.items.enumerated() { visit(item, at: "\(path)/\(index)", body) }
  for member in value.members { visit(member.value, at: path + "/" + pointerStep(member.name), body) }
}

/// A name as a step of a JSON Pointer (RFC 6901 section 3).
func pointerStep(_ name: String) -> String {
  var step = ""
  for character in name {
    switch character {
    case "~": step += "~0"
    case "/": step += "~1"
    default: step.append(character)
    }
  }
  return step
}
