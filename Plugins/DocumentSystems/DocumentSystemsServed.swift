internal import AxisWire
internal import HubKit

/// The axis' interface as the hub serves it to one document system: who calls is looked over here, what is asked for is
/// done by ``DocumentOffice``.
struct DocumentSystemsServed: MountedInterface {
  let settings: DocumentSystemsSettings
  let office: DocumentOffice
  let clock: any HubClock

  /// The vendor's kit puts a line end behind each file.
  let bodyTail: [UInt8] = [0x0D, 0x0A]

  func claims(_ request: ServedRequest) -> Bool { AxisRequest(request).system == settings.systemId }

  func refusal(of request: ServedRequest) async -> ServedResponse? {
    let call = AxisRequest(request)
    guard DocumentOffice.operations.contains(call.operation) else { return ServedResponse(status: 404) }
    guard call.hasRightMethod else { return ServedResponse(status: 405) }
    guard call.system == settings.systemId, call.isSigned(with: settings.secret.reveal()) else {
      return AxisAnswer.fail(
        .badSignature, "Sai systemid hoặc chữ ký XroadVnpt-hash-header / wrong systemid or XroadVnpt-hash-header.")
    }
    return timeRefusal(of: call) ?? office.refusal(of: call)
  }

  /// Kits write the time of their machine without a zone: Vietnam's, or on a server that was left at UTC, that.
  private func timeRefusal(of call: AxisRequest) -> ServedResponse? {
    guard let time = call.time else {
      return AxisAnswer.fail(
        .badSignature,
        "Thiếu XroadVnpt-timestamp dạng dd-MM-yyyyTHH:mm:ss / XroadVnpt-timestamp is missing or unreadable.")
    }
    let now = clock.now
    let isNear = [time, time + CalendarDay.offset].contains { other in
      (now - other) <= settings.clockSkew && (other - now) <= settings.clockSkew
    }
    guard !isNear else { return nil }
    return AxisAnswer.fail(
      .badSignature,
      "XroadVnpt-timestamp lệch quá \(settings.clockSkew) so với \(AxisSigning.text(of: now)) / is too far from the "
        + "hub's time: set the clock, or sign the call anew.")
  }

  func respond(to request: ServedRequest) async -> ServedResponse {
    let call = AxisRequest(request)
    guard call.operation == "sendEdoc", let upload = request.upload else {
      let bytes = await office.form(request.upload?.body)
      await request.upload?.discard()
      return await office.carryOut(call, form: bytes)
    }
    let answer = await office.send(call, upload.body)
    if !answer.isTaken { await upload.discard() }
    return answer.response
  }
}
