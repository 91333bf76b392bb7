import CXML
import HubKit

/// A compiled XML Schema. Belongs to one thread at a time.
final class XSDShape {
  private let handle: OpaquePointer

  /// Compiles a schema, which must be whole in one file.
  init(_ source: ShapeSource) throws(ShapeComplaints) {
    let tree = try XMLTree(source)
    let (compiled, complaints) = gatheringComplaints { cxml_schema_compile(tree.take(), $0) }
    guard let compiled else {
      throw ShapeComplaints(
        list: complaints.map {
          ShapeComplaint(source: source.name, line: $0.line, message: oneLine($0.text))
        })
    }
    handle = compiled
  }

  deinit {
    cxml_schema_free(handle)
  }

  /// All places at which a document breaks the schema; empty when it keeps to it.
  func violations(in tree: XMLTree) -> [Violation] {
    let (answer, complaints) = gatheringComplaints { cxml_schema_validate(handle, tree.handle, $0) }
    if answer == 1 { return [] }
    let found = complaints.map { complaint in
      Violation(
        rule: "xsd", message: withoutValues(oneLine(complaint.text), number: complaint.number), path: complaint.path,
        line: complaint.line)
    }
    return found.isEmpty ? [Violation(rule: "xsd", message: "the document could not be checked")] : found
  }
}

/// A message of libxml2's without its line end.
func oneLine(_ text: String) -> String {
  String(text.prefix { !$0.isNewline })
}

/// What libxml2 says after the value that it quotes, as far as that is all about the schema.
private let afterValue = [
  "is not accepted by the pattern", "is not an element of the set", "has a length of", "is greater than the maximum",
  "is less than the minimum", "must be less than", "must be greater than", "has more digits than are allowed",
  "has more fractional digits than are allowed", "is not a valid value of", "does not match the fixed value",
  "is not a valid", "exceeds the allowed maximum length", "does not resolve to",
]

/// A validation message of libxml2's without the value that it quotes, which may be personal.
///
/// The value stands in single quotes and may hold such quotes itself: so everything from the first quote to the words
/// that are known to follow is dropped. A message of no known shape is replaced.
func withoutValues(_ message: String, number: Int) -> String {
  let (place, rest) = splitPlace(message)
  if let start = rest.firstRange(of: "The value '") ?? quoteAtStart(rest) {
    for words in afterValue {
      guard let end = rest[start.upperBound...].ranges(of: "' " + words).last
      else { continue }
      let tail = words == "has a length of" ? "has a length that is not allowed" : tailOf(rest, from: end, words)
      return "\(place)\(rest[..<start.lowerBound])the value \(tail)"
    }
    return "\(place)the value does not keep to the schema (libxml2 error \(number))"
  }
  let known = [
    "This element is not expected", "Missing child element", "The attribute '", "No matching global",
    "Character content", "Element content is not allowed", "The document has no document element",
    "The type definition is abstract", "The element is not 'nillable'", "Not all fields of",
  ]
  if known.contains(where: { rest.hasPrefix($0) }), !rest.hasPrefix("The attribute '") || isAboutAttribute(rest) {
    return place + rest
  }
  return "\(place)does not keep to the schema (libxml2 error \(number))"
}

/// `Element 'a', attribute 'b': ` and what follows.
private func splitPlace(_ message: String) -> (place: String, rest: String) {
  guard message.hasPrefix("Element '"), let end = message.firstRange(of: "': ") else { return ("", message) }
  return (String(message[..<end.upperBound]), String(message[end.upperBound...]))
}

private func quoteAtStart(_ text: String) -> Range<String.Index>? {
  text.hasPrefix("'") ? text.startIndex..<text.index(after: text.startIndex) : nil
}

/// The words after the value. A fixed value and what a name should resolve to may follow them: those are cut.
private func tailOf(_ text: String, from end: Range<String.Index>, _ words: String) -> String {
  words == "does not match the fixed value" || words == "does not resolve to"
    ? words : String(text[end.lowerBound...].dropFirst(2))
}

private func isAboutAttribute(_ text: String) -> Bool {
  text.contains("' is not allowed") || text.contains("' is required but missing")
}
