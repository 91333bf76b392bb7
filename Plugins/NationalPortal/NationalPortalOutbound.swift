internal import HubKit
internal import JSONWire

/// Sends dossiers, their progress and their statuses.
struct NationalPortalOutbound: OutboundAdapter {
  let client: PortalClient
  /// For messages whose route names no operation.
  let usual: PortalOperation
  let unit: String

  /// Largest record that is sent, in bytes.
  private static let recordBytesMax = 64 << 20

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let operation = try operation(of: delivery)
    let record = try await record(of: delivery)
    switch operation {
    case .dossier: return try await dossier(record, deadline: delivery.deadline)
    case .progress: return try await report(operation, ["data": .list([record.value])], delivery.deadline)
    case .status:
      let parts: [String: JSONValue] = ["madonvi": .text(unit), "type": .text("2"), "data": record.value]
      return try await report(operation, parts, delivery.deadline)
    }
  }

  func probe() async throws(AdapterError) { try await client.probe() }

  private func operation(of delivery: Delivery) throws(AdapterError) -> PortalOperation {
    guard let name = delivery.operation else { return usual }
    guard let operation = PortalOperation(rawValue: name) else {
      throw AdapterError(
        .reject, code: "unknown-operation", reason: "the route asks for an operation that the portal does not have")
    }
    return operation
  }

  /// A dossier that the portal has already is sent again as an update, within the same attempt.
  private func dossier(_ record: PortalRecord, deadline: Timestamp) async throws(AdapterError) -> Reply {
    for isUpdating in ["False", "True"] {
      let answer = try await client.call(
        PortalOperation.dossier.service, ["isUpdating": .text(isUpdating), "data": .list([record.value])], as: .writing,
        deadline: deadline)
      if !answer.exists { return Reply(code: answer.code) }
    }
    throw AdapterError(
      .retry(after: nil), code: "portal--3", reason: "the portal says that the dossier is there, also to its update")
  }

  /// A report that is there already was sent by an earlier attempt whose answer was lost.
  private func report(
    _ operation: PortalOperation, _ parts: [String: JSONValue], _ deadline: Timestamp
  ) async throws(AdapterError) -> Reply {
    Reply(code: try await client.call(operation.service, parts, as: .writing, deadline: deadline).code)
  }

  // MARK: - Record

  private func record(of delivery: Delivery) async throws(AdapterError) -> PortalRecord {
    let bytes = try await BodyBytes.read(delivery, limit: Self.recordBytesMax, on: .dispatch)
    guard let value = JSONValue(bytes), case .object = value else {
      throw AdapterError(.reject, code: "no-record", reason: "the body is no JSON object: the portal takes records")
    }
    if let (path, kind) = PortalRecord.firstNonString(in: value) {
      throw AdapterError(
        .reject, code: "not-a-string",
        reason: "the value at \(path) is \(kind): the portal takes strings only, numbers and booleans too")
    }
    guard let record = PortalRecord(value) else {
      throw AdapterError(.reject, code: "no-dossier-code", reason: "the record has no MaHoSo, or one that is no code")
    }
    return record
  }
}
