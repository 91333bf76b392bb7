internal import ArgumentParser
internal import HubConfig
internal import HubKit

/// `lgsp endpoint probe`: whether a far system answers, and if not, at which step it ends.
struct EndpointProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Thăm dò hệ thống đích, không để lại gì / ask whether a far system is well; leaves nothing behind.",
    discussion: """
      Hub không cần chạy. Bước hỏng / where it ends: allow-list, dns, tcp, tls, credential, right, far-system.
      Mã kết thúc / exit code: 0 tốt / well, 4 không / not.

      Ví dụ / example:  lgsp endpoint probe operations-centre
      """)

  @Argument(help: "Tên điểm kết nối / the endpoint's name.")
  var name: String
  @Flag(help: "In JSON / print JSON.")
  var json = false
  @OptionGroup var location: ConfigLocation

  private struct Finding: Encodable {
    var endpoint: String
    var connector: String
    var well: Bool
    var step: String?
    var code: String?
    var reason: String?
    var milliseconds: Int64
  }

  func run() async throws {
    try await reporting {
      let finding = try await probe(SingleEndpoint(name, in: location.folder))
      if json { try Output.json(finding) } else { show(finding) }
      if !finding.well { throw ExitStatus.unreachable }
    }
  }

  private func probe(_ single: SingleEndpoint) async throws -> Finding {
    let start = ContinuousClock.now
    let answer = try await single.asking("lgsp.probe") { parts in
      let failure = await Self.failure(of: parts)
      return failure.map { Result<Void, AdapterError>.failure($0) } ?? .success(())
    }
    let failure: AdapterError? = if case .failure(let error) = answer { error } else { nil }
    let time = ContinuousClock.now - start
    return Finding(
      endpoint: single.endpoint.name, connector: single.endpoint.connector, well: failure == nil,
      step: failure.map(Self.step), code: failure?.code, reason: failure?.reason,
      milliseconds: time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000)
  }

  /// A part that must live lives as long as the question takes.
  private static func failure(of parts: ConnectorParts) async -> AdapterError? {
    guard let outbound = parts.outbound else {
      return AdapterError(.reject, code: "no-outbound", reason: "The endpoint only brings messages in.")
    }
    let ask = { @Sendable () async -> AdapterError? in
      do throws(AdapterError) { try await outbound.probe() } catch { return error }
      return nil
    }
    guard let resident = parts.resident else { return await ask() }
    return await withTaskGroup(of: Void.self) { group in
      group.addTask { await resident.run() }
      defer { group.cancelAll() }
      return await ask()
    }
  }

  /// At which step it ended, by the code of the failure.
  private static func step(_ failure: AdapterError) -> String {
    switch failure.code {
    case "not-allowed": "allow-list"
    case "dns": "dns"
    case "connect-refused", "connect-timeout", "connect-failed": "tcp"
    case "tls-verify", "tls-files", "tls-handshake": "tls"
    case "tls-refused", "no-secret", "no-token", "http-401", "http-407", "setting": "credential"
    case "http-403": "right"
    case "connector-start", "connector-ended": "connector"
    default: "far-system"
    }
  }

  private func show(_ finding: Finding) {
    guard let step = finding.step else {
      return Output.line("\(finding.endpoint): tốt / well, \(finding.milliseconds) ms")
    }
    let words = [
      "allow-list": "địa chỉ không có trong danh sách cho phép / the address is not on the endpoint's allow-list",
      "dns": "không phân giải được tên / the name cannot be resolved", "tcp": "không kết nối được / no connection",
      "tls": "TLS không tin cậy được / TLS cannot be trusted", "credential": "thông tin xác thực / the credential",
      "right": "không có quyền / no right there", "connector": "chương trình của bộ kết nối / the connector's program",
    ]
    Output.line(
      "\(finding.endpoint): không tốt / not well: \(words[step] ?? "hệ thống đích / the far system") [\(step)]\n"
        + "  \(finding.code ?? ""): \(finding.reason ?? "")")
  }
}
