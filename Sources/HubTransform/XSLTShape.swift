import CXML
import HubKit

/// How a stylesheet's run ended.
enum XSLTOutcome {
  case one(body: [UInt8], mediaType: String, messages: Int)
  case failed([Violation])
}

/// A compiled stylesheet. Belongs to one thread at a time.
final class XSLTShape {
  private let source: ShapeSource
  private let handle: OpaquePointer

  /// Compiles a stylesheet, which must be whole in one file.
  init(_ source: ShapeSource) throws(ShapeComplaints) {
    let tree = try XMLTree(source)
    let (compiled, complaints) = gatheringComplaints { cxml_stylesheet_compile(tree.take(), $0) }
    guard let compiled else {
      // A mistake in an expression is told twice, first by XPath, which knows no line.
      let placed = complaints.filter { $0.line != nil }
      throw ShapeComplaints(
        list: (placed.isEmpty ? complaints : placed).map {
          ShapeComplaint(source: source.name, line: $0.line, message: oneLine($0.text))
        })
    }
    self.source = source
    handle = compiled
  }

  deinit {
    cxml_stylesheet_free(handle)
  }

  /// Transforms a document, which may lose white space by it.
  func run(_ tree: XMLTree, parameters: [(name: String, value: String)]) -> XSLTOutcome {
    var output = cxml_run_output()
    let (good, complaints) = gatheringComplaints { list in
      withCStrings(parameters.flatMap { [$0.name, $0.value] }) { texts in
        cxml_stylesheet_run(handle, tree.handle, texts, list, &output)
      }
    }
    defer { cxml_text_free(output.bytes) }
    guard good != 0 else { return .failed(violations(complaints)) }
    let body = Array(UnsafeRawBufferPointer(start: output.bytes, count: output.count))
    return .one(body: body, mediaType: mediaType(isHTML: output.is_html != 0), messages: Int(output.messages))
  }

  /// What `xsl:output` says (XSLT 1.0 section 16): its media type, or the one that belongs to its method.
  private func mediaType(isHTML: Bool) -> String {
    let method = cxml_stylesheet_method(handle).map { String(cString: $0) } ?? (isHTML ? "html" : "xml")
    let byMethod = ["html": "text/html", "text": "text/plain"][method] ?? "application/xml"
    let type = cxml_stylesheet_media_type(handle).map { String(cString: $0) } ?? byMethod
    let encoding = cxml_stylesheet_encoding(handle).map { String(cString: $0) } ?? "UTF-8"
    return encoding.uppercased() == "UTF-8" ? type : "\(type); charset=\(encoding)"
  }

  /// libxslt's words with everything in quotes left out that is not in the stylesheet: it may come from the message.
  private func violations(_ complaints: [XMLComplaint]) -> [Violation] {
    guard !complaints.isEmpty else {
      return [
        Violation(rule: "xslt", message: "\(source.name) ended the transformation by itself (xsl:message terminate)")
      ]
    }
    return complaints.map { complaint in
      let words = oneLine(complaint.text).split(separator: "'", omittingEmptySubsequences: false).enumerated()
        .map { $0.offset.isMultiple(of: 2) || source.text.contains($0.element) ? String($0.element) : "..." }
      let line = complaint.line.map { ", line \($0)" } ?? ""
      return Violation(
        rule: "xslt", message: "\(source.name)\(line): \(redacted(words.joined(separator: "'")))")
    }
  }
}

/// Hands texts to C as a list that ends with NULL.
private func withCStrings<T>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> T) -> T {
  let bytes = texts.map { text in Array(text.utf8.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }) + [0] }
  let joined = bytes.flatMap { $0 }
  return joined.withUnsafeBufferPointer { all in
    var pointers: [UnsafePointer<CChar>?] = []
    var offset = 0
    for text in bytes {
      pointers.append(all.baseAddress.map { $0 + offset })
      offset += text.count
    }
    return (pointers + [nil]).withUnsafeBufferPointer { list in
      guard let base = list.baseAddress else { preconditionFailure("the list has at least its end") }
      return body(base)
    }
  }
}
