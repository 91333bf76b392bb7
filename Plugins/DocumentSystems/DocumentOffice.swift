internal import AxisWire
internal import EdXMLWire
internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// Does what a document system asks for, in the name of its agencies.
struct DocumentOffice: Sendable {
  /// All that the interface knows.
  static let operations: Set<String> = [
    "sendEdoc", "getReceivedEdocList", "getSentEdocList", "getEdoc", "downloadEdoc", "updateStatus",
    "countReceiveEdoc", "countReceiveStatus", "getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit",
    "registerAgency", "deleteAgency",
  ]

  let settings: DocumentSystemsSettings
  let context: ConnectorContext

  /// The agencies that the system works for.
  var agencies: [Agency] { context.directory.agencies.filter { $0.endpoint == context.endpoint } }

  /// An agency of the system, by its code or an older one.
  func ownAgency(_ code: String?) -> Agency? {
    let agency = code.flatMap { OrganisationCode($0) }.flatMap { context.directory.agency($0) }
    return agency?.endpoint == context.endpoint ? agency : nil
  }

  /// Looks a call over before its body is read.
  func refusal(of call: AxisRequest) -> ServedResponse? {
    guard call.operation == "sendEdoc" else { return nil }
    guard let from = ownAgency(call.parameter("from")) else {
      return AxisAnswer.fail(
        .unknownSender,
        "\(call.parameter("from") ?? "-") không thuộc hệ thống \(settings.systemId) / is no agency of this system.")
    }
    let receivers = call.receivers
    guard !receivers.isEmpty else {
      return AxisAnswer.fail(.unknownReceiver, "Thiếu nơi nhận (XroadVnpt-to) / XroadVnpt-to names no receiver.")
    }
    let unknown = receivers.filter { OrganisationCode($0).flatMap { context.directory.agency($0) } == nil }
    guard unknown.isEmpty else {
      let list = unknown.prefix(20).joined(separator: ", ")
      return AxisAnswer.fail(.unknownReceiver, "Không có nơi nhận \(list) / not known as receivers.")
    }
    guard !receivers.contains(where: { ownAgency($0)?.code == from.code }) else {
      return AxisAnswer.fail(
        .unknownReceiver, "\(from.code) gửi cho chính mình; hãy bỏ khỏi nơi nhận / is the sender itself: leave it out.")
    }
    return nil
  }

  /// Everything but sending a document.
  ///
  /// - Parameter form: what came in the body of the call.
  func carryOut(_ call: AxisRequest, form: [UInt8]) async -> ServedResponse {
    switch call.operation {
    case "getReceivedEdocList": await received(call)
    case "getSentEdocList": await sent(call)
    case "getEdoc", "downloadEdoc": await item(call)
    case "updateStatus": await acknowledge(call)
    case "countReceiveEdoc": AxisAnswer.count(await count(EdXMLMessage.documentType))
    case "countReceiveStatus": AxisAnswer.count(await count(EdXMLMessage.statusType))
    case "getAgenciesList": list(.plain)
    case "getAgenciesListQD20": list(.decision20)
    case "getSynchronizeUnit": list(.unit)
    case "registerAgency": register(form)
    case "deleteAgency": Self.byTheCentre
    default: ServedResponse(status: 404)
    }
  }

  /// A short body, as `registerAgency` has one.
  func form(_ body: Body?) async -> [UInt8] {
    guard let body, body.byteCount <= 64 << 10 else { return [] }
    let bodies = context.gateway.bodies
    return await OffPool.dispatch.run { (try? bodies.bytes(of: body, limit: 64 << 10)) ?? [] }
  }

  // MARK: - Agencies

  private func list(_ shape: AxisAgencyRow.Shape) -> ServedResponse {
    AxisAnswer.list(
      context.directory.agencies.enumerated().map { index, agency in
        let old = agency.aliases.first { $0.text.hasPrefix("000.") }?.text ?? AxisAnswer.oldCode(agency.code.text)
        return AxisAgencyRow(
          number: index + 1, code: agency.code.text, name: agency.name, oldCode: old, system: agency.endpoint ?? "",
          shape)
      })
  }

  /// Who is who is the city's to say: a system may only confirm what is so already.
  private func register(_ form: [UInt8]) -> ServedResponse {
    guard case .object(let members)? = JSONValue(form), case .text(let code)? = members["code"] else {
      return AxisAnswer.fail(.system, "Nội dung không phải JSON có code / the body is no JSON with a code.")
    }
    return ownAgency(code) == nil ? Self.byTheCentre : AxisAnswer.good
  }

  private static let byTheCentre = AxisAnswer.fail(
    .unknownSender,
    "Danh bạ do trung tâm CNTT quản lý (agencies.yaml) / the directory is kept by the city's IT centre: ask there.")

  private func count(_ type: String) async -> Int {
    var count = 0
    for agency in agencies { count += await context.inbox.count(for: agency.code, type: type) }
    return count
  }
}
