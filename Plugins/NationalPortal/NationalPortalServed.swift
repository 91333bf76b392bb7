internal import HubKit
internal import JSONWire

/// What the portal calls: brings dossiers. Its own adapter path ends in the same word.
struct NationalPortalServed: ServedInterface {
  /// Path of the call that brings a dossier.
  static let dossierPath = "/nhanhsdvcqg"

  let check: PushCheck
  let bytesMax: Int
  let gateway: any Gateway
  let clock: any HubClock
  let endpoint: String

  func respond(to request: ServedRequest) async -> ServedResponse {
    guard request.path == Self.dossierPath else {
      return Self.answer(404, "-1", "Không có dịch vụ này / there is no such service.")
    }
    guard request.method == "POST" else {
      var response = Self.answer(405, "-1", "Chỉ nhận POST / only POST is taken.")
      response.headers.append(HeaderField("Allow", "POST"))
      return response
    }
    guard check.admits(request.headers) else {
      var response = Self.answer(401, "-1", "Sai thông tin xác thực / wrong credential.")
      response.headers += check.challenge
      return response
    }
    guard request.body.count <= bytesMax else {
      return Self.answer(200, "-1", "Hồ sơ lớn hơn \(bytesMax) byte / the dossier is larger than that.")
    }
    return await take(request.body)
  }

  private func take(_ body: [UInt8]) async -> ServedResponse {
    switch await OffPool.dispatch.run({ Self.read(body) }) {
    case .noObject:
      return Self.answer(200, "-1", "Nội dung không phải một đối tượng JSON / the content is no JSON object.")
    case .noCode: return Self.answer(200, "-1", "Thiếu MaHoSo hoặc MaHoSo sai / MaHoSo is missing or no code.")
    case .dossier(let record, let bytes):
      guard case .success(let body) = await BodyBytes.keep(bytes, in: gateway.bodies, on: .dispatch) else {
        return Self.later(nil)
      }
      return await accept(record.envelope(bytes, now: clock.now), body)
    }
  }

  private enum Content: Sendable {
    case noObject
    case noCode
    case dossier(PortalRecord, bytes: [UInt8])
  }

  private static func read(_ body: [UInt8]) -> Content {
    guard let value = JSONValue(body), case .object = value else { return .noObject }
    guard var record = PortalRecord(value) else { return .noCode }
    record.tidyFiles()
    return .dossier(record, bytes: record.value.bytes)
  }

  /// The portal hears 0 once the hub has the dossier on its disk, and hears the same for a repeat.
  private func accept(_ envelope: Envelope, _ body: Body) async -> ServedResponse {
    do throws(NotAccepted) {
      _ = try await gateway.accept(
        [Message(envelope: envelope, body: body, principal: .endpoint(endpoint))], advancing: nil)
      return .json("{\"error_code\":\"0\"}")
    } catch {
      switch error.code {
      case .unavailable, .tooMany, .full: return Self.later(error.retryAfter)
      default: return Self.answer(200, "-1", error.reason)
      }
    }
  }

  /// The portal repeats what was answered so.
  private static func later(_ wait: Duration?) -> ServedResponse {
    var response = answer(503, "-1", "Nền tảng tạm thời chưa nhận được, hãy gửi lại / try again later.")
    let seconds = max(1, wait?.components.seconds ?? 30)
    response.headers.append(HeaderField("Retry-After", "\(seconds)"))
    return response
  }

  private static func answer(_ status: Int, _ code: String, _ message: String) -> ServedResponse {
    .encoding(status: status, ["error_code": code, "message": message])
  }
}
