internal import FoundationEssentials
internal import HubKit

// What the bus writes into the journal's opaque payloads. Field names are part of the journal's format.

/// The steps of one record.
enum Steps {
  static func encode(_ entries: [TimelineEntry]) -> [UInt8] {
    var text = JSONWriting()
    text.array(entries) { $0.write(into: &$1) }
    return text.bytes
  }

  static func decode(_ payload: [UInt8]) -> [TimelineEntry] { JSON.decode([TimelineEntry].self, payload) ?? [] }
}

/// Oddities found at the door.
struct AdmissionNote: Codable {
  var notes: [Violation]

  static func encode(_ notes: [Violation]) -> [UInt8] {
    notes.isEmpty ? [] : JSON.encode(AdmissionNote(notes: notes))
  }

  static func decode(_ payload: [UInt8]) -> [Violation] {
    payload.isEmpty ? [] : JSON.decode(AdmissionNote.self, payload)?.notes ?? []
  }
}

/// A refusal at the door: who, what kind, why; never the body.
struct RefusalRecord: Codable {
  var code: NotAccepted.Code
  var reason: String
  var id: String
  var type: String
  var sender: String?

  static func encode(_ refusal: NotAccepted, envelope: Envelope) -> [UInt8] {
    JSON.encode(
      RefusalRecord(
        code: refusal.code, reason: refusal.reason, id: String(envelope.id.prefix(128)),
        type: String(envelope.type.prefix(128)), sender: envelope.sender?.text))
  }

  static func decode(_ payload: [UInt8]) -> RefusalRecord? { JSON.decode(RefusalRecord.self, payload) }
}

private enum JSON {
  static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map(Array.init) ?? []
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }
}
