internal import ArgumentParser
internal import Foundation
internal import HubKit
internal import HubTransport

/// `lgsp call`: asks a system behind the hub.
struct CallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call",
    abstract: "Hỏi một hệ thống qua hub / ask a system behind the hub.",
    discussion: """
      Ví dụ / examples:
        lgsp call population/verify --as H24.1 --purpose "Đăng ký khai sinh" --official cb-0012 \\
          --unit H24.1 --dossier H24.101-261127-0001 --data cau-hoi.json
        lgsp call tax/payer --as H24.3 --purpose "Đối soát" --official cb-7 --method GET --data 'mst=0200123456'

      Mọi câu hỏi đều được ghi lại: ai hỏi, mục đích, cán bộ / every question is on record: who asked, why, for whom.
      Mã thoát / exit codes: 0 có câu trả lời / answered, 3 bị từ chối, không có câu trả lời / refused, unanswered.
      """)

  @Argument(help: "Bên cung cấp/dịch vụ / provider and service, as in population/verify.")
  var service: String
  @Option(name: .customLong("as"), help: "Mã định danh cơ quan hỏi / organisation code of the caller.")
  var caller: String
  @Option(help: "Mục đích / purpose of use.")
  var purpose: String
  @Option(help: "Cán bộ yêu cầu / the official on whose behalf it is asked.")
  var official: String
  @Option(help: "Đơn vị của cán bộ / his unit; the caller's code by default.")
  var unit: String?
  @Option(help: "Mã hồ sơ / code of the dossier.")
  var dossier: String?
  @Option(help: "Tệp hoặc văn bản gửi kèm / a file with what is asked, or the text itself.")
  var data: String?
  @Option(help: "Phương thức HTTP / HTTP method.")
  var method = "POST"
  @Option(help: "Media type; JSON by default.")
  var mediaType = "application/json"
  @Option(help: "Chờ nhiều nhất bao nhiêu giây / most seconds to wait.")
  var wait = 30
  @Flag(help: "In JSON: trạng thái, câu trả lời / print JSON: status, answer, where it is on record.")
  var json = false
  @Option(help: "Địa chỉ hub / the hub's address; read from the configuration by default.")
  var hub: String?
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let site = try Site(configFolder: location.folder)
      let loop = CurlLoop()
      let client = GatewayClient(base: try hub ?? site.gatewayURL(), loop: loop)
      let token = try await client.token(for: try site.credential(of: caller))
      let response = try await client.send(try request(client.base, token))
      await loop.shutdown()
      try report(response)
    }
  }

  private func request(_ base: String, _ token: String) throws -> OutboundRequest {
    guard service.split(separator: "/").count >= 2 else {
      throw Failure("\(service)? Cần bên cung cấp/dịch vụ / provider and service are needed, as in population/verify.")
    }
    var fields = [
      HeaderField("Authorization", "Bearer \(token)"), HeaderField("Prefer", "wait=\(wait)"),
      HeaderField("ce-purpose", GatewayClient.encoded(purpose)),
      HeaderField("ce-official", GatewayClient.encoded(official)),
      HeaderField("ce-unit", GatewayClient.encoded(unit ?? caller)),
    ]
    if let dossier { fields.append(HeaderField("ce-dossier", GatewayClient.encoded(dossier))) }
    let bytes = data.map { FileManager.default.contents(atPath: $0).map(Array.init) ?? Array($0.utf8) } ?? []
    var url = "\(base)/v1/services/\(service)"
    let isBodyless = ["GET", "DELETE"].contains(method.uppercased())
    if isBodyless, !bytes.isEmpty { url += "?" + String(decoding: bytes, as: UTF8.self) }
    if !isBodyless { fields.append(HeaderField("Content-Type", mediaType)) }
    return OutboundRequest(
      method: method.uppercased(), url: url, headers: fields, body: isBodyless ? nil : .bytes(bytes),
      timeout: .seconds(wait + 10))
  }

  private struct Report: Encodable {
    var status: Int
    var exchange: String?
    var origin: String?
    var mediaType: String?
    var answer: String
  }

  private func report(_ response: OutboundResponse) throws {
    let text = String(decoding: response.body, as: UTF8.self)
    let isAnswer = response.headers["LGSP-Origin"] == "far-system" && response.status < 500
    if json {
      try Output.json(
        Report(
          status: response.status, exchange: response.headers["LGSP-Exchange"], origin: response.headers["LGSP-Origin"],
          mediaType: response.headers["Content-Type"], answer: text))
    } else if isAnswer {
      Output.line(text)
    }
    guard !isAnswer else { return }
    let problem = try? JSONDecoder().decode(GatewayClient.Problem.self, from: Data(response.body))
    throw Failure(
      "Không có câu trả lời / no answer: HTTP \(response.status) \(problem?.title ?? "") \(problem?.detail ?? "")",
      exitCode: ExitStatus.refused)
  }
}

extension GatewayClient {
  /// An attribute as a header field carries it (CloudEvents 1.0.2 HTTP binding, section 3.1.3.2).
  static func encoded(_ value: String) -> String {
    var allowed = CharacterSet(charactersIn: Unicode.Scalar(0x21)...Unicode.Scalar(0x7E))
    allowed.remove(charactersIn: "%\"")
    return value.addingPercentEncoding(withAllowedCharacters: allowed) ?? value
  }
}
