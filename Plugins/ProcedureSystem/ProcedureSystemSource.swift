internal import Crypto
internal import FoundationEssentials
internal import HubKit
internal import JSONWire
internal import Logging

/// Asks the system what happened to its dossiers. A cursor that it does not know any more means to begin again: what
/// had come before is recognised by its id.
struct ProcedureSystemSource: PollingSource {
  /// Event type of something in a batch that is no event.
  static let malformedType = "vn.haiphong.procedure-system.malformed"
  /// Extension attribute that says why.
  static let diagnosisName = "diagnosis"

  let name = "events"
  let client: ProcedureSystemClient
  let logger: Logger

  func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page {
    var found = try await client.events(after: cursor, limit: limit)
    if found == nil {
      logger.notice("the procedure system does not know the cursor any more: its events are read from the beginning")
      found = try await client.events(after: nil, limit: limit)
    }
    guard let batch = found else { throw ProcedureVerdict.unreadable("without a beginning", call: .reading) }
    var items: [Page.Item] = []
    for event in batch.events { items.append(try await item(event, bodies)) }
    return Page(items: items, cursor: batch.cursor, hasMore: batch.events.count >= limit)
  }

  /// The cursor says it all: there is nothing to tell the system.
  func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError) {}

  // MARK: - Events

  private func item(_ event: JSONValue, _ bodies: any BodyStore) async throws(AdapterError) -> Page.Item {
    guard case .object(let members) = event else { return malformed(event, "it is no object") }
    var envelope = Envelope(id: "", source: "", type: "")
    for (name, value) in members where name != "data" {
      guard let text = value.attribute, Self.isName(name) else {
        return malformed(event, "an attribute has a name or a value that CloudEvents does not allow")
      }
      guard put(text, as: name, into: &envelope) else { return malformed(event, "\(name) is no value of its kind") }
    }
    guard !envelope.id.isEmpty, !envelope.source.isEmpty, !envelope.type.isEmpty,
      members["specversion"]?.string == "1.0"
    else { return malformed(event, "id, source, type or specversion 1.0 is missing") }
    guard let data = members["data"] else { return malformed(event, "it has no data") }
    return Page.Item(reference: envelope.id, envelope: envelope, body: try await kept(data.bytes, bodies))
  }

  /// - Returns: false when the value is none of the attribute's kind.
  private func put(_ text: String, as name: String, into envelope: inout Envelope) -> Bool {
    switch name {
    case "specversion": break
    case "id": envelope.id = text
    case "source": envelope.source = text
    case "type": envelope.type = text
    case "subject": envelope.subject = text
    case "datacontenttype": envelope.dataContentType = text
    case "dataschema": envelope.dataSchema = text
    case "time":
      guard let time = Timestamp(rfc3339: text) else { return false }
      envelope.time = time
    default: envelope.extensions[name] = text
    }
    return true
  }

  /// CloudEvents 1.0.2 section 3.1: lower-case letters and digits.
  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
  }

  /// Handed on without its content, so that the door's refusal leaves a record and the others go on.
  private func malformed(_ event: JSONValue, _ diagnosis: String) -> Page.Item {
    let digest = SHA256.hash(data: Data(event.bytes)).prefix(16).map { String($0, radix: 16) }.joined()
    var envelope = Envelope(
      id: "malformed.\(digest)", source: "/procedure-system", type: Self.malformedType, dataContentType: "text/plain")
    envelope.extensions[Self.diagnosisName] = diagnosis
    return Page.Item(reference: envelope.id, envelope: envelope, body: .empty)
  }

  private func kept(_ bytes: [UInt8], _ bodies: any BodyStore) async throws(AdapterError) -> Body {
    do throws(BodyError) { return try await BodyBytes.keep(bytes, in: bodies, on: .dispatch).get() } catch {
      throw AdapterError(
        .outage(after: nil), code: "body-not-kept", reason: "an event's bytes cannot be kept", cause: "\(error)")
    }
  }
}

extension JSONValue {
  /// What CloudEvents allows as an attribute's value (JSON format 1.0.2, section 2.2), as text; nil for anything else.
  fileprivate var attribute: String? {
    switch self {
    case .text(let text): text
    case .whole(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    case .null, .number, .list, .object: nil
    }
  }
}
