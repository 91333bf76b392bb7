internal import ArgumentParser
internal import Foundation
internal import HubBus
internal import HubConfig
internal import HubKit
internal import HubReplay
internal import HubRouting
internal import HubTransform

/// `lgsp try`: what a route or a mapping makes of a sample, step by step.
struct TryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "try",
    abstract: "Thử một tuyến hoặc một phép ánh xạ với bản tin mẫu / take a sample through a route or a mapping.",
    discussion: """
      Không chạm vào mạng hay sổ / touches neither network nor journal. Each step with what it sees and what it makes;
      far systems take everything and answer nothing, unless --reply says otherwise.
      Mã thoát / exit codes: 0 đi hết / went the whole way, 3 dừng giữa đường / stopped on the way.

      Ví dụ / examples:
        lgsp try dossiers-from-portal Config/routes/fixtures/portal-dossier.json -a subject=000.00.00.H24-261127-0001
        lgsp try verify-person question.json -a purpose=p -a official=o -a unit=u -a dossier=d \
          --reply population=answer.json
        lgsp try mappings/portal-dossier-to-canonical.jq sample.json
        lgsp try schemas/portal-dossier.json sample.json        lược đồ / a schema
      """)

  @Argument(help: "Tên tuyến, hoặc tệp .jq, .xslt, .json, .xsd / name of a route, or a mapping's or schema's file.")
  var subject: String
  @Argument(help: "Tệp bản tin mẫu, - là đầu vào chuẩn / the sample's file, - for standard input.")
  var sample: String
  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Thuộc tính CloudEvents / a CloudEvents attribute.", valueName: "name=value"))
  var attribute: [String] = []
  @Option(
    help: ArgumentHelp(
      "Điểm kết nối trả lời gì: tệp, hoặc reject, outage, retry, inDoubt / what an endpoint answers: a file, or how it "
        + "fails.", valueName: "endpoint=file"))
  var reply: [String] = []
  @Flag(help: "Một đối tượng JSON / one JSON object.") var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let files = try Site.files(in: location.folder)
      let configuration = try Site.load(files, secrets: .unresolved)
      let trial = Trial(
        rehearsal: HubAssembly.rehearsalStage(configuration, files: files)([]), body: try bytes(of: sample),
        attributes: try pairs(attribute, "--attribute"), replies: try replies())
      let report: Trial.Report
      if let route = configuration.routes.first(where: { $0.name == subject }) {
        report = try await trial.run(route)
      } else {
        report = try await trial.run(file: try file(among: configuration.routes), named: subject)
      }
      if json { try Output.json(report, pretty: true) } else { Output.line(report.text) }
      guard report.isWhole else { throw ExitStatus.refused }
    }
  }

  private func bytes(of path: String) throws -> [UInt8] {
    if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure("Không đọc được \(path) / cannot be read.", exitCode: ExitStatus.notFound)
    }
    return Array(data)
  }

  /// The file as it is named, or within the configuration.
  private func file(among routes: [Route]) throws -> [UInt8] {
    for path in [subject, "\(location.folder)/\(subject)"] {
      if subject.contains("."), let data = FileManager.default.contents(atPath: path) { return Array(data) }
    }
    throw Failure(
      "Không có tuyến hay tệp \(subject) / neither a route nor a file. Tuyến / routes: "
        + routes.map(\.name).joined(separator: ", "), exitCode: ExitStatus.notFound)
  }

  private func pairs(_ texts: [String], _ option: String) throws -> [String: String] {
    try texts.reduce(into: [:]) { pairs, text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else { throw Failure("\(option) \(text)? name=value") }
      pairs[parts[0]] = parts[1]
    }
  }

  private func replies() throws -> [String: TestReply.Answer] {
    try pairs(reply, "--reply").mapValues { text in
      if let failure = TestFailure(rawValue: text) { return .failure(failure, code: text) }
      return .success(code: "200", body: TestContent(file: text, bytes: try bytes(of: text)))
    }
  }
}
