internal import FoundationEssentials
internal import HubKit

/// What a manifest's `events:` gave: CloudEvents in JSON (CloudEvents 1.0.2, JSON event format, section 3), each with
/// the bytes of its body.
struct EventReading {
  /// One event.
  struct Event: Sendable {
    var envelope: Envelope
    var body: [UInt8]
  }

  /// Reads an array of events.
  ///
  /// - Parameters:
  ///   - source: stands where an event names no source.
  ///   - name: names the program in complaints.
  /// - Throws: `outage` for whatever is no array of events: nothing was taken, and everything waits.
  static func events(_ json: [UInt8], source: String, name: String) throws(AdapterError) -> [Event] {
    let objects: [[String: Attribute]]
    do { objects = try JSONDecoder().decode([[String: Attribute]].self, from: Data(json)) } catch {
      throw AdapterError(
        .outage(after: nil), code: "no-events", reason: "\(name) gave no array of objects.")
    }
    var events: [Event] = []
    for (index, object) in objects.enumerated() {
      guard let event = event(object, source: source) else {
        throw AdapterError(
          .outage(after: nil), code: "no-events",
          reason: "\(name), item \(index): an event needs `id` and `type` as texts, and `data` or `data_base64`.")
      }
      events.append(event)
    }
    return events
  }

  private static func event(_ object: [String: Attribute], source: String) -> Event? {
    guard let id = object["id"]?.text, !id.isEmpty, let type = object["type"]?.text, !type.isEmpty else { return nil }
    var envelope = Envelope(
      id: id, source: object["source"]?.text ?? source, type: type, subject: object["subject"]?.text,
      time: object["time"]?.text.flatMap(Timestamp.init(rfc3339:)),
      dataContentType: object["datacontenttype"]?.text, dataSchema: object["dataschema"]?.text)
    let known: Set = [
      "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data", "data_base64",
    ]
    for (name, value) in object where !known.contains(name) {
      if let text = value.text { envelope.extensions[name] = text }
    }
    guard let body = body(object, &envelope) else { return nil }
    return Event(envelope: envelope, body: body)
  }

  /// A text that is said to be something else than JSON is the body itself; all else is JSON.
  private static func body(_ object: [String: Attribute], _ envelope: inout Envelope) -> [UInt8]? {
    if let text = object["data_base64"]?.text {
      guard let data = Data(base64Encoded: text) else { return nil }
      envelope.dataContentType = envelope.dataContentType ?? "application/octet-stream"
      return Array(data)
    }
    guard let data = object["data"] else { return nil }
    let type = envelope.dataContentType.map(AnswerDocument.plainType) ?? "application/json"
    if type != "application/json", !type.hasSuffix("+json"), case .text(let text) = data { return Array(text.utf8) }
    envelope.dataContentType = envelope.dataContentType ?? "application/json"
    return AnswerDocument.encoded(data)
  }

  /// Any JSON value, written back as it was read.
  enum Attribute: Codable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([Attribute])
    case object([String: Attribute])

    var text: String? {
      switch self {
      case .text(let text): text
      case .integer(let number): String(number)
      case .flag(let flag): String(flag)
      case .null, .number, .list, .object: nil
      }
    }

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? value.decode(Int.self) {
        self = .integer(number)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else if let text = try? value.decode(String.self) {
        self = .text(text)
      } else if let list = try? value.decode([Attribute].self) {
        self = .list(list)
      } else {
        self = .object(try value.decode([String: Attribute].self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var value = encoder.singleValueContainer()
      switch self {
      case .null: try value.encodeNil()
      case .flag(let flag): try value.encode(flag)
      case .integer(let number): try value.encode(number)
      case .number(let number): try value.encode(number)
      case .text(let text): try value.encode(text)
      case .list(let list): try value.encode(list)
      case .object(let object): try value.encode(object)
      }
    }
  }
}
