internal import FoundationEssentials
internal import HubConfig
internal import HubKit
internal import JSONWire

// What the hub and a child say to one another: JSON-RPC 2.0, one object a line. Documentation/connector-protocol.md
// is the specification.

/// Version of the protocol that this hub speaks.
let connectorProtocol = 1

/// Lines from the hub.
enum ChildLine {
  static func call(_ id: Int, _ method: String, _ params: JSONValue) -> [UInt8] {
    line(["jsonrpc": .text("2.0"), "id": .whole(id), "method": .text(method), "params": params])
  }

  static func notification(_ method: String, _ params: JSONValue) -> [UInt8] {
    line(["jsonrpc": .text("2.0"), "method": .text(method), "params": params])
  }

  /// JSON text written by us has no line break inside.
  private static func line(_ members: [String: JSONValue]) -> [UInt8] {
    JSONValue.object(members).bytes + [UInt8(ascii: "\n")]
  }
}

/// A line from a child.
struct ChildAnswer {
  /// What it is.
  enum Kind {
    /// A call was answered.
    case result(id: Int, JSONValue)
    /// A call failed.
    case failure(id: Int, JSONValue)
    /// A delivery came to its end.
    case settled(JSONValue)
  }

  /// Reads a line.
  ///
  /// - Throws: ``ChildViolation`` for whatever is not one of the three.
  static func read(_ line: [UInt8]) throws(ChildViolation) -> Kind {
    guard let value = JSONValue(line), case .object = value, value["jsonrpc"] == .text("2.0") else {
      throw ChildViolation("wrote a line that is no JSON-RPC 2.0 object on its standard output")
    }
    if case .whole(let id)? = value["id"] {
      if let result = value["result"] { return .result(id: id, result) }
      if let failure = value["error"] { return .failure(id: id, failure) }
      throw ChildViolation("called the hub; the protocol has no such call")
    }
    guard value["method"] == .text("settled"), let params = value["params"] else {
      throw ChildViolation("sent a message that is neither an answer nor `settled`")
    }
    return .settled(params)
  }
}

/// A child broke the protocol: it is not trusted any more.
struct ChildViolation: Error {
  /// What it did, with the child as the sentence's subject.
  let deed: String

  init(_ deed: String) {
    self.deed = deed
  }
}

// MARK: - Values

extension JSONValue {
  /// A body: text where it is UTF-8, else base64. Byte for byte the same at the other end.
  static func body(_ bytes: [UInt8], into members: inout [String: JSONValue]) {
    if let text = String(validating: bytes, as: UTF8.self) {
      members["body"] = .text(text)
    } else {
      members["bodyBase64"] = .text(Data(bytes).base64EncodedString())
    }
  }

  /// The body of an object; nil when it has none or one that is no base64.
  var bodyBytes: [UInt8]? {
    if let text = self["body"]?.string { return Array(text.utf8) }
    return self["bodyBase64"]?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
  }

  /// A number of seconds.
  var seconds: Duration? {
    switch self {
    case .whole(let seconds) where (0...86_400).contains(seconds): .seconds(seconds)
    case .number(let seconds) where (0...86_400).contains(seconds): .milliseconds(Int(seconds * 1000))
    default: nil
    }
  }
}

extension AdapterError {
  /// A negative acknowledgement: `{verdict, code, reason, after}`.
  init?(settled error: JSONValue) {
    guard let verdict = AdapterError.Verdict(word: error["verdict"]?.string ?? "", after: error["after"]?.seconds)
    else {
      return nil
    }
    self.init(
      verdict, code: error["code"]?.string.map { String($0.prefix(64)) } ?? "connector",
      reason: error["reason"]?.string.map { String($0.prefix(500)) } ?? "The connector gave no reason.")
  }
}

extension AdapterError.Verdict {
  fileprivate init?(word: String, after: Duration?) {
    switch word {
    case "retry": self = .retry(after: after)
    case "outage": self = .outage(after: after)
    case "reject": self = .reject
    case "in-doubt": self = .inDoubt
    default: return nil
    }
  }
}

extension SettingValues {
  /// All settings as JSON, secrets in the clear: a child is handed what it needs and reads no file of the hub's.
  func json(declared: [Setting]) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for setting in declared {
      let name = setting.name
      switch setting.kind {
      case .text, .url, .choice: members[name] = text(name).map { .text($0) }
      case .integer: members[name] = integer(name).map { .whole($0) }
      case .flag: members[name] = .flag(flag(name))
      case .duration:
        members[name] = duration(name).map {
          .number(Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18)
        }
      case .secret: members[name] = revealed(name).map { .text($0) }
      case .list: members[name] = .list(list(name).map { .text($0) })
      case .map: members[name] = .object(map(name).mapValues { .text($0) })
      }
    }
    return .object(members)
  }
}

extension Envelope {
  /// The attributes by their CloudEvents names.
  var json: JSONValue {
    .object(Dictionary(attributes.map { ($0.name, .text($0.value)) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Reads attributes; nil without `id` and `type`.
  init?(_ json: JSONValue, source: String) {
    guard case .object(let members) = json, let id = members["id"]?.word, !id.isEmpty,
      let type = members["type"]?.word, !type.isEmpty
    else { return nil }
    self.init(
      id: id, source: members["source"]?.word ?? source, type: type, subject: members["subject"]?.word,
      time: members["time"]?.word.flatMap(Timestamp.init(rfc3339:)),
      dataContentType: members["datacontenttype"]?.word, dataSchema: members["dataschema"]?.word)
    for (name, value) in members where !Self.named.contains(name) {
      if let text = value.word { extensions[name] = text }
    }
  }

  /// What is no extension, and what belongs to the JSON format rather than to the envelope.
  private static let named: Set = [
    "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data", "data_base64",
  ]
}
