internal import ArgumentParser
internal import Foundation
internal import HubKit
internal import HubTesting
internal import HubTransform
internal import HubTransport

/// `lgsp connector test`: holds a connector against the contract.
struct ConnectorTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Thử bộ kết nối với hệ thống mô phỏng của nó / hold a connector against the contract, with its mock.",
    discussion: """
      Không cần mạng, không cần Docker. Đạt hết thì ghi certificate.json cạnh manifest / needs no network; when nothing
      fails, certificate.json is written beside the manifest (of a compiled connector:
      Config/connectors/<name>/certificate.json).
      Mã kết thúc / exit code: 0 đạt / passed, 1 có hành vi không đạt / a behaviour failed.

      Ví dụ / examples:
        lgsp connector test hotline-1022
        lgsp connector test population
        lgsp connector test ./my-connector --json
      """)

  @Argument(help: "Tên bộ kết nối, hoặc thư mục của nó / name of a connector, or its folder.")
  var name: String
  @Flag(help: "Một đối tượng JSON / one JSON object.")
  var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let (shelf, entry) = try ConnectorShelf.find(name, configFolder: location.folder)
      defer { shelf.pool.shutdown() }
      let loop = CurlLoop()
      let bench = ContractBench(transport: loop.transport(for: entry.kind.descriptor.name, .thisMachine))
      let check = try await shelf.check(of: entry, on: bench)
      var behaviours: [ConnectorCertificate.Entry] = []
      for behaviour in ConnectorContract.Behaviour.allCases {
        let outcome = await check(behaviour)
        behaviours.append(ConnectorCertificate.Entry(behaviour, outcome))
        if !json { show(behaviour, outcome) }
      }
      await loop.shutdown()
      let recorded = try await RecordedTests(entry).run()
      let certificate = ConnectorCertificate(entry.kind, at: SystemClock().now, behaviours)
      let isGood = certificate.isGood && recorded.allSatisfy(\.differences.isEmpty)
      try keep(isGood ? certificate : nil, of: entry)
      if json {
        try Output.json(Result(certificate: certificate, recorded: recorded))
      } else {
        show(recorded)
        summarise(certificate, entry, isGood: isGood)
      }
      if !isGood { throw ExitStatus.wrong }
    }
  }

  /// What `--json` prints: the certificate, and what became of recorded tests.
  private struct Result: Encodable {
    var certificate: ConnectorCertificate
    var recorded: [RecordedTests.Finding]

    private enum CodingKeys: CodingKey { case recorded }

    func encode(to encoder: any Encoder) throws {
      try certificate.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(recorded, forKey: .recorded)
    }
  }

  private func show(_ recorded: [RecordedTests.Finding]) {
    guard !recorded.isEmpty else { return }
    Output.line("  Giao dịch đã ghi / recorded exchanges:")
    for finding in recorded {
      Output.line("  \(finding.differences.isEmpty ? "✓" : "✗") \(finding.file)")
      for difference in finding.differences { Output.line("      \(difference)") }
    }
  }

  private func show(_ behaviour: ConnectorContract.Behaviour, _ outcome: ConnectorContract.Outcome) {
    let title = "\(behaviour.title.vi) / \(behaviour.title.en)"
    switch outcome {
    case .passed: Output.line("  ✓ \(title)")
    case .skipped(let reason): Output.line("  – \(title)  [\(behaviour.rawValue)]\n      bỏ qua / skipped: \(reason)")
    case .failed(let reason): Output.line("  ✗ \(title)  [\(behaviour.rawValue)]\n      \(reason)")
    }
  }

  /// A certificate that says no is none: the old one goes as well.
  private func keep(_ certificate: ConnectorCertificate?, of entry: ConnectorShelf.Entry) throws {
    guard let folder = entry.folder else { return }
    let path = "\(folder)/certificate.json"
    guard let certificate else {
      try? FileManager.default.removeItem(atPath: path)
      return
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(certificate.json).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw Failure("Không ghi được \(path) / cannot be written: \(error.localizedDescription)")
    }
  }

  private func summarise(_ certificate: ConnectorCertificate, _ entry: ConnectorShelf.Entry, isGood: Bool) {
    let count = { (result: String) in certificate.behaviours.count { $0.result == result } }
    let numbers =
      "\(count("passed")) đạt / passed, \(count("failed")) không / failed, \(count("skipped")) bỏ qua / skipped"
    Output.line("\(certificate.connector) \(certificate.version) (\(certificate.hosting)): \(numbers)")
    if isGood, let folder = entry.folder {
      Output.line(
        "Chứng nhận mức \(certificate.level) / certificate, level \(certificate.level): \(folder)/certificate.json")
    }
  }
}
