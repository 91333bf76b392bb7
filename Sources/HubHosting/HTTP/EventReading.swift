internal import FoundationEssentials
internal import HubKit
internal import JSONWire

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
    let objects: [[String: JSONValue]]
    do { objects = try JSONDecoder().decode([[String: JSONValue]].self, from: Data(json)) } catch {
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

  private static func event(_ object: [String: JSONValue], source: String) -> Event? {
    guard var envelope = Envelope(.object(object), source: source), let body = body(object, &envelope) else {
      return nil
    }
    return Event(envelope: envelope, body: body)
  }

  /// A text that is said to be something else than JSON is the body itself; all else is JSON.
  private static func body(_ object: [String: JSONValue], _ envelope: inout Envelope) -> [UInt8]? {
    if let text = object["data_base64"]?.word {
      guard let data = Data(base64Encoded: text) else { return nil }
      envelope.dataContentType = envelope.dataContentType ?? "application/octet-stream"
      return Array(data)
    }
    guard let data = object["data"] else { return nil }
    let type = envelope.dataContentType.map(AnswerDocument.plainType) ?? "application/json"
    if type != "application/json", !type.hasSuffix("+json"), case .text(let text) = data { return Array(text.utf8) }
    envelope.dataContentType = envelope.dataContentType ?? "application/json"
    return data.bytes
  }
}

extension JSONValue {
  /// A string, or what is written like one: a whole number, `true`, `false`.
  var word: String? {
    switch self {
    case .text(let text): text
    case .whole(let number): String(number)
    case .flag(let flag): String(flag)
    case .null, .number, .list, .object: nil
    }
  }

  /// As in jq: all but `false` and `null`.
  var isTrue: Bool { self != .null && self != .flag(false) }
}
