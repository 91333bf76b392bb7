import CXML
import HubKit

extension cxml_parse_problem {
  /// What is wrong, for the one who sent the document; nil when nothing is.
  func violation(depthMax: Int) -> Violation? {
    func at(_ rule: String, _ text: String) -> Violation {
      Violation(
        rule: rule, message: text, line: line > 0 ? Int(line) : nil, column: column > 0 ? Int(column) : nil)
    }
    switch code {
    case CXML_OK: return nil
    case CXML_DTD:
      return at("dtd-not-allowed", "a document type declaration is not allowed; leave <!DOCTYPE ...> out")
    case CXML_ENTITY:
      return at(
        "entity-not-allowed", "only the entities &amp;, &lt;, &gt;, &quot; and &apos; are known; write others as text")
    case CXML_DEPTH: return at("xml-depth", "nested deeper than \(depthMax) elements")
    case CXML_ENCODING:
      return at("xml-encoding", "the bytes are not text in the declared encoding (UTF-8 where none is declared)")
    case CXML_UNREADABLE: return Violation(rule: "body-unreadable", message: "the body could not be read to its end")
    default: return at("xml-syntax", "not well-formed XML: \(redacted(words))")
    }
  }

  private var words: String {
    var copy = message
    return withUnsafeBytes(of: &copy) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// What the XML libraries complained about.
struct XMLComplaint {
  var text: String
  var path: String?
  var line: Int?
  var number: Int
}

/// Gathers complaints while `work` runs.
func gatheringComplaints<T>(_ work: (OpaquePointer) -> T) -> (T, [XMLComplaint]) {
  guard let list = cxml_complaints_new() else { fatalError("cxml_complaints_new never returns NULL") }
  defer { cxml_complaints_free(list) }
  let answer = work(list)
  let complaints = (0..<cxml_complaints_count(list)).map { index in
    let line = cxml_complaint_line(list, index)
    return XMLComplaint(
      text: cxml_complaint_text(list, index).map { String(cString: $0) } ?? "",
      path: cxml_complaint_path(list, index).map { String(cString: $0) },
      line: line > 0 ? line : nil, number: Int(cxml_complaint_number(list, index)))
  }
  return (answer, complaints)
}

/// A document in memory, without a document type or entities. Belongs to one thread at a time.
final class XMLTree {
  /// nil once ``take()`` has handed it on.
  private(set) var handle: OpaquePointer?

  /// Reads a document.
  init(_ bytes: [UInt8], depthMax: Int) throws(InvalidMessage) {
    var problem = cxml_parse_problem()
    handle = bytes.withUnsafeBytes { raw in
      cxml_document_parse(
        raw.bindMemory(to: CChar.self).baseAddress, raw.count, Int32(clamping: depthMax), &problem)
    }
    if let violation = problem.violation(depthMax: depthMax) { throw InvalidMessage([violation]) }
  }

  /// Reads a schema or stylesheet of ours.
  convenience init(_ source: ShapeSource) throws(ShapeComplaints) {
    do {
      try self.init(Array(source.text.utf8), depthMax: 256)
    } catch {
      throw ShapeComplaints(
        list: error.violations.map {
          ShapeComplaint(source: source.name, line: $0.line, column: $0.column, message: $0.message)
        })
    }
  }

  /// Hands the tree on to one who frees it.
  func take() -> OpaquePointer? {
    defer { handle = nil }
    return handle
  }

  deinit {
    cxml_document_free(handle)
  }
}
