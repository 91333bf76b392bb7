internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubTransport

/// `lgsp send`: hands a file in through the door of a running hub.
struct SendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Gửi một tệp qua hub đang chạy / hand a file in through the gateway of a running hub.",
    discussion: """
      Tệp edXML được nhận ra theo nội dung / edXML is recognised by its content.

      Ví dụ / examples:
        lgsp send van-ban.edxml --as H24.12 --wait
        lgsp send tien-do.json --as H24.12 --type vn.haiphong.dossier.progress --to H24.15
        lgsp send mau.edxml --as 002.00.20.H13 --register --wait      (demo: adds sender and receivers first)

      Bí mật / secret: the demo's are found by themselves; elsewhere set LGSP_CLIENT_ID and LGSP_CLIENT_SECRET.
      """)

  @Argument(help: "Tệp cần gửi / the file.", completion: .file())
  var file: String
  @Option(name: .customLong("as"), help: "Mã định danh cơ quan gửi / organisation code of the sender.")
  var sender: String
  @Option(help: "Loại CloudEvents / CloudEvents type; edXML tells its own.")
  var type: String?
  @Option(help: "Mã cơ quan nhận, có thể lặp lại / organisation code of a receiver; may be repeated.")
  var to: [String] = []
  @Option(help: "CloudEvents id; a new one by default. The same id again gives the first receipt again.")
  var id: String?
  @Option(help: "CloudEvents subject.")
  var subject: String?
  @Option(help: "Media type of the file; told by its content by default.")
  var mediaType: String?
  @Flag(help: "Chờ đến khi xong: 0 chỉ khi mọi nơi đã nhận, 3 khi bị từ chối hoặc treo / wait for the end.")
  var wait = false
  @Option(help: "Chờ nhiều nhất bao nhiêu giây / most seconds to wait.")
  var timeout = 60
  @Flag(help: "Demo: thêm cơ quan gửi, nhận có trong tệp / first add the sender and receivers that the file names.")
  var register = false
  @Flag(help: "In JSON / print JSON.")
  var json = false
  @Option(help: "Địa chỉ hub / the hub's address; read from the configuration by default.")
  var hub: String?
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let bytes = try read()
      let examination = examine(bytes)
      let site = try Site(configFolder: location.folder)
      let loop = CurlLoop()
      if register { try await Registration(site: site, loop: loop).register(sender, examination, to) }
      let client = GatewayClient(base: try hub ?? site.gatewayURL(), loop: loop)
      let token = try await client.token(for: try site.credential(of: sender))
      let answer = try await client.handIn(headers(bytes, examination), body: .bytes(bytes), token: token)
      try await finish(answer, client, token)
    }
  }

  private func read() throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Failure("Không đọc được tệp \(file) / the file cannot be read.")
    }
    return Array(data)
  }

  /// What the connectors' formats say of the file; the hub examines it again and has the last word.
  private func examine(_ bytes: [UInt8]) -> Examination? {
    try? codec(for: bytes)?.examine(BytesReader(bytes), limits: CodecLimits())
  }

  private func codec(for bytes: [UInt8]) -> (any Codec)? {
    Installation.current.connectorCodecs.first {
      $0.recognises(mediaType: mediaType, prefix: Array(bytes.prefix(4096)))
    }
  }

  private func headers(_ bytes: [UInt8], _ examination: Examination?) throws -> [HeaderField] {
    let type = type ?? examination?.type ?? ""
    let isXML = codec(for: bytes) != nil || bytes.first { !" \t\r\n\u{FEFF}".utf8.contains($0) } == UInt8(ascii: "<")
    guard !type.isEmpty || isXML else {
      throw Failure("Cần --type / the file does not tell its type: give --type, as in vn.haiphong.dossier.progress.")
    }
    var fields = [
      HeaderField("Content-Type", mediaType ?? (isXML ? "application/xml" : "application/json")),
      HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", id ?? ExchangeID.make(at: SystemClock().now).text),
      HeaderField("ce-source", "/agencies/\(sender)"),
    ]
    if type.isEmpty {
      // Not recognised here: the door assigns id and source, and its own codecs find the type or say what is wrong.
      return [fields[0]]
    }
    fields.append(HeaderField("ce-type", type))
    fields.append(HeaderField("ce-sender", sender))
    if let subject { fields.append(HeaderField("ce-subject", subject)) }
    if !to.isEmpty { fields.append(HeaderField("ce-receiver", to.joined(separator: ","))) }
    return fields
  }

  private func finish(_ answer: GatewayClient.Answer, _ client: GatewayClient, _ token: String) async throws {
    switch answer {
    case .refused(let status, let problem):
      if json { try Output.json(SendReport(status: status, problem: problem.detail)) }
      let violations = (problem.violations ?? []).map { "\n  \($0.description)" }.joined()
      throw Failure(
        "Bị từ chối / refused: HTTP \(status) \(problem.title ?? "") \(problem.detail ?? "")\(violations)",
        exitCode: ExitStatus.refused)
    case .accepted(let receipt):
      guard wait else {
        if json { try Output.json(receipt) } else { Output.line(receipt.id.text) }
        return
      }
      let view = try await client.settled(receipt.id, token: token, within: .seconds(timeout))
      if json, let view { try Output.json(view) } else { Output.line(receipt.id.text) }
      guard let view, view.state == .delivered else {
        let end = view.map { "\($0.state.label): \($0.reason ?? "chưa xong / not settled in \(timeout) s")" }
        throw Failure(end ?? "Không rõ / unknown", exitCode: ExitStatus.refused)
      }
    }
  }
}

/// What `lgsp send --json` prints of a refusal.
private struct SendReport: Encodable {
  var status: Int
  var problem: String?
}
