import CJq

/// A value of libjq's, owned here and freed with this object. Belongs to one thread at a time.
final class JqValue {
  private let handle: OpaquePointer

  init(owning handle: OpaquePointer) {
    self.handle = handle
  }

  deinit {
    cjq_value_free(handle)
  }

  /// Reads JSON text; nil when libjq cannot (its own limit of depth is 256).
  static func parse(_ json: [UInt8]) -> JqValue? {
    var error: UnsafeMutablePointer<CChar>?
    let value = json.withUnsafeBytes { bytes in
      cjq_value_parse(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, &error)
    }
    cjq_text_free(error)
    return value.map(JqValue.init(owning:))
  }

  /// What a program is given: the object that its hidden first line takes apart.
  static func wrap(envelope: JqValue, now: String, calls: JqValue, data: JqValue?) -> JqValue {
    JqValue(owning: cjq_value_wrap(envelope.handle, now, calls.handle, data?.handle))
  }

  var kind: cjq_kind { cjq_value_kind(handle) }

  /// Items of an array; empty for anything else.
  var items: [JqValue] {
    (0..<cjq_value_count(handle)).map { JqValue(owning: cjq_value_item(handle, $0)) }
  }

  /// A string as it is, anything else as JSON text.
  var text: [UInt8] {
    var count = 0
    let bytes = cjq_value_text(handle, &count)
    defer { cjq_text_free(bytes) }
    return Array(UnsafeRawBufferPointer(start: bytes, count: count))
  }

  /// JSON text of any value.
  func json() -> [UInt8] {
    kind == CJQ_KIND_STRING ? jsonString(text) : text
  }

  func nestsDeeper(than limit: Int) -> Bool {
    cjq_value_deeper(handle, Int32(limit)) != 0
  }

  fileprivate func run(_ program: OpaquePointer) -> JqOutcome {
    var result: OpaquePointer?
    var error: UnsafeMutablePointer<CChar>?
    let status = cjq_program_run(program, handle, &result, &error)
    defer { cjq_text_free(error) }
    switch status {
    case CJQ_ONE: return result.map { .one(JqValue(owning: $0)) } ?? .none
    case CJQ_NONE: return .none
    case CJQ_MANY: return .many
    default: return .failed(error.map { String(cString: $0) })
    }
  }
}

/// How a run ended.
enum JqOutcome {
  case one(JqValue)
  case none
  case many
  /// The text of the error as libjq has it: it may quote the message.
  case failed(String?)
}

/// A compiled jq program. Belongs to one thread at a time.
///
/// libjq binds arguments when it compiles, so `$envelope`, `$now` and `$calls` come in by a hidden first line that
/// takes the input apart; line numbers in complaints are those of the author's text.
final class JqProgram {
  let source: ShapeSource
  private let handle: OpaquePointer
  private static let firstLine = ".envelope as $envelope | .now as $now | .calls as $calls | .data |\n"

  /// Compiles. Takes about 20 ms, because libjq reads its own library each time.
  init(_ source: ShapeSource) throws(ShapeComplaints) {
    let found = forbiddenWords(in: source)
    guard found.isEmpty else { throw ShapeComplaints(list: found) }
    guard !source.text.utf8.contains(0) else {
      throw ShapeComplaints(list: [ShapeComplaint(source: source.name, message: "the program contains a NUL byte")])
    }
    var errors: UnsafeMutablePointer<CChar>?
    guard let handle = cjq_program_compile(Self.firstLine + source.text + "\n", &errors) else {
      let text = errors.map { String(cString: $0) } ?? ""
      cjq_text_free(errors)
      throw ShapeComplaints(list: compilerComplaints(text, source: source.name, hiddenLines: 1))
    }
    self.source = source
    self.handle = handle
  }

  deinit {
    cjq_program_free(handle)
  }

  /// Runs the program. Nothing stops it before its end: who must not wait for that runs it in a process of its own.
  func run(_ input: JqValue) -> JqOutcome {
    input.run(handle)
  }
}

/// Reads libjq's complaints, which look like `jq: error: syntax error, unexpected '}' at <top-level>, line 3:`.
func compilerComplaints(_ text: String, source: String, hiddenLines: Int) -> [ShapeComplaint] {
  var complaints: [ShapeComplaint] = []
  for part in text.split(separator: "\n") where part.hasPrefix("jq: error: ") {
    var message = String(part.dropFirst("jq: error: ".count))
    var line: Int?
    if let place = message.firstRange(of: " at <top-level>, line ") {
      line = Int(message[place.upperBound...].prefix { $0.isNumber }).map { max(1, $0 - hiddenLines) }
      message = String(message[..<place.lowerBound])
    }
    message = message.replacing(" (Unix shell quoting issues?)", with: "")
    message = message.replacing("unexpected $end", with: "unexpected end of the program")
    complaints.append(ShapeComplaint(source: source, line: line, message: message))
  }
  if complaints.isEmpty {
    complaints = [ShapeComplaint(source: source, message: "the jq program does not compile")]
  }
  return complaints
}
