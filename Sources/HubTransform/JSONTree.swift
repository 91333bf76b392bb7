import CJSONSchema
import HubKit

/// A JSON value with its members in order and its numbers as they were written.
indirect enum JSONTree {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONTree])
  case object([(name: String, value: JSONTree)])

  /// Reads JSON text.
  ///
  /// - Throws: ``InvalidMessage`` with line and column.
  init(_ json: [UInt8], depthMax: Int = 256) throws(InvalidMessage) {
    var builder = TreeBuilder()
    let problem = JSONScan(depthMax: depthMax).problem(in: BytesReader(json)) { event, text in
      builder.take(event, text)
      return true
    }
    if let problem { throw InvalidMessage([problem]) }
    self = builder.root
  }

  /// A member of an object.
  subscript(name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The text of a string.
  var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// Members of an object; empty for anything else.
  var members: [(name: String, value: JSONTree)] {
    if case .object(let members) = self { members } else { [] }
  }

  /// Items of an array; empty for anything else.
  var items: [JSONTree] {
    if case .array(let items) = self { items } else { [] }
  }

  /// Appends the value as JSON text without spaces.
  func write(to text: inout [UInt8]) {
    switch self {
    case .null: text += Array("null".utf8)
    case .bool(let value): text += Array((value ? "true" : "false").utf8)
    case .number(let digits): text += Array(digits.utf8)
    case .string(let string): text += jsonString(string.utf8)
    case .array(let items):
      text.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        item.write(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        text += jsonString(member.name.utf8)
        text.append(UInt8(ascii: ":"))
        member.value.write(to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  /// The value as JSON text.
  var json: [UInt8] {
    var text: [UInt8] = []
    write(to: &text)
    return text
  }
}

/// Puts the pieces of a document together.
private struct TreeBuilder {
  private enum Open {
    case array([JSONTree])
    case object([(name: String, value: JSONTree)], name: String)
  }

  private var open: [Open] = []
  private(set) var root = JSONTree.null

  mutating func take(_ event: cjs_event, _ bytes: UnsafeRawBufferPointer) {
    switch event {
    case CJS_NULL: add(.null)
    case CJS_FALSE: add(.bool(false))
    case CJS_TRUE: add(.bool(true))
    case CJS_NUMBER_TEXT: add(.number(String(decoding: bytes, as: UTF8.self)))
    case CJS_STRING: add(.string(String(decoding: bytes, as: UTF8.self)))
    case CJS_OBJECT: open.append(.object([], name: ""))
    case CJS_ARRAY: open.append(.array([]))
    case CJS_KEY: name(String(decoding: bytes, as: UTF8.self))
    default: close()
    }
  }

  private mutating func name(_ name: String) {
    guard case .object(let members, _)? = open.popLast() else { return }
    open.append(.object(members, name: name))
  }

  private mutating func close() {
    switch open.popLast() {
    case .array(let items): add(.array(items))
    case .object(let members, _): add(.object(members))
    case nil: break
    }
  }

  private mutating func add(_ value: JSONTree) {
    switch open.popLast() {
    case .array(var items):
      items.append(value)
      open.append(.array(items))
    case .object(var members, let name):
      members.append((name, value))
      open.append(.object(members, name: name))
    case nil: root = value
    }
  }
}
