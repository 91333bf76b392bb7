internal import HubKit
internal import JSONWire

/// Sends dossiers as CloudEvents in structured mode. The event's source and id stay the same over all attempts: by them
/// the system recognises a repeat.
struct ProcedureSystemOutbound: OutboundAdapter {
  let client: ProcedureSystemClient
  let eventType: String

  /// Largest dossier that is sent, in bytes.
  private static let dossierBytesMax = 64 << 20

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let bytes = try await BodyBytes.read(delivery, limit: Self.dossierBytesMax, on: .dispatch)
    guard let dossier = JSONValue(bytes), case .object = dossier else {
      throw AdapterError(.reject, code: "no-dossier", reason: "the body is no JSON object: the system takes dossiers")
    }
    let (code, reference) = try await client.post(
      event(dossier, in: delivery.envelope), id: delivery.envelope.id, headers: Self.trace(delivery.envelope),
      deadline: delivery.deadline)
    return Reply(code: code, reference: reference)
  }

  func probe() async throws(AdapterError) { try await client.ping() }

  /// CloudEvents JSON format 1.0.2.
  private func event(_ dossier: JSONValue, in envelope: Envelope) -> JSONValue {
    var envelope = envelope
    envelope.type = eventType
    envelope.dataContentType = "application/json"
    var members: [String: JSONValue] = ["data": dossier]
    for attribute in envelope.attributes { members[attribute.name] = .text(attribute.value) }
    return .object(members)
  }

  private static func trace(_ envelope: Envelope) -> [HeaderField] {
    [ExtensionName.traceParent, ExtensionName.traceState].compactMap { name in
      envelope.extensions[name].map { HeaderField(name, $0) }
    }
  }
}
