import CJSONSchema
import HubKit

/// A compiled JSON Schema, draft 7. Belongs to one thread at a time.
final class JSONSchemaShape {
  private let handle: OpaquePointer

  /// Compiles a schema.
  init(_ source: ShapeSource) throws(ShapeComplaints) {
    let text = Array(source.text.utf8)
    if let problem = JSONScan(depthMax: 256).problem(in: BytesReader(text)) {
      throw ShapeComplaints(list: [
        ShapeComplaint(source: source.name, line: problem.line, column: problem.column, message: problem.message)
      ])
    }
    var error: UnsafeMutablePointer<CChar>?
    let compiled = text.withUnsafeBytes { bytes in
      cjs_schema_compile(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, &error)
    }
    defer { cjs_text_free(error) }
    guard let compiled else {
      let message = error.map { String(cString: $0) } ?? "not a JSON Schema"
      throw ShapeComplaints(list: [ShapeComplaint(source: source.name, message: message)])
    }
    handle = compiled
  }

  deinit {
    cjs_schema_free(handle)
  }

  /// All places at which a well-formed document breaks the schema; empty when it keeps to it.
  func violations(in json: [UInt8]) -> [Violation] {
    let heard = Complaints()
    let answer = json.withUnsafeBytes { bytes in
      cjs_schema_validate(
        handle, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count,
        { context, pointer, sentence in
          guard let context, let pointer, let sentence else { return }
          Unmanaged<Complaints>.fromOpaque(context).takeUnretainedValue().list.append(
            (String(cString: pointer), String(cString: sentence)))
        }, Unmanaged.passUnretained(heard).toOpaque())
    }
    guard answer != 1 else { return [] }
    let told = plain(heard.list)
    guard told.isEmpty else { return told }
    return [Violation(rule: "schema", message: "breaks the schema", path: "")]
  }

  /// valijson tells the place that is wrong and then every level above it. The levels above are dropped where they
  /// say nothing of their own.
  private func plain(_ complaints: [(pointer: String, sentence: String)]) -> [Violation] {
    let own = complaints.filter { !isEcho($0.sentence) }
    var kept: [Violation] = []
    for (pointer, sentence) in complaints {
      let below = own.contains { $0.pointer == pointer || $0.pointer.hasPrefix(pointer + "/") }
      if isEcho(sentence) && below { continue }
      let violation = Violation(rule: "schema", message: plainSentence(sentence), path: redacted(pointer))
      if !kept.contains(violation) { kept.append(violation) }
    }
    return kept
  }
}

private final class Complaints {
  var list: [(pointer: String, sentence: String)] = []
}

/// Whether a sentence of valijson's only passes on that something below is wrong.
private func isEcho(_ sentence: String) -> Bool {
  [
    "Failed to validate against schema associated with", "Failed to validate item #",
    "Failed to validate against additional properties schema", "Failed to validate against a conditional schema",
    "Failed to validate against any child schemas", "Failed to validate against any schemas allowed by anyOf",
    "Failed to validate against dependent schema", "Failed to validate against child schema",
  ].contains { sentence.hasPrefix($0) }
}

/// The sentences of valijson's that can be said more plainly.
private let plainer: [(start: String, say: String)] = [
  ("Failed to match regex specified by 'pattern'", "does not match the pattern of the schema"),
  ("Failed to match against any enum values", "is none of the values that the schema lists"),
  ("Failed to match expected value set by 'const'", "is not the one value that the schema allows"),
  ("Value type not permitted by 'type'", "is of a type that the schema does not allow"),
  ("Failed to any values against subschema in 'contains'", "has no item of the kind that must be there"),
  ("Failed to validate against any child schemas", "fits none of the shapes that the schema allows (oneOf)"),
  ("Failed to validate against any schemas allowed by anyOf", "fits none of the shapes that the schema allows (anyOf)"),
  ("Failed to validate against exactly one child schema", "fits more than one of the shapes of which one is allowed"),
  ("Target should not validate against schema specified in 'not'", "has a shape that the schema forbids"),
  ("String should be a valid date-time", "is not a date and time of RFC 3339, as in 2026-11-23T08:00:00+07:00"),
  ("String should be a valid date", "is not a date, as in 2026-11-23"),
  ("String should be a valid time", "is not a time of RFC 3339, as in 08:00:00+07:00"),
]

private func plainSentence(_ sentence: String) -> String {
  for (start, say) in plainer where sentence.hasPrefix(start) { return say }
  return redacted(sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence)
}
