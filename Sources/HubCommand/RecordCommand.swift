internal import ArgumentParser
internal import Foundation
internal import HubBus
internal import HubConfig
internal import HubJournal
internal import HubKit
internal import HubReplay
internal import HubRouting

/// `lgsp record`: logged exchanges become tests.
struct RecordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Biến giao dịch đã ghi thành phép thử / turn logged exchanges into tests of their route.",
    discussion: """
      Dữ liệu cá nhân được che trước khi ghi / personal data are masked before anything is written. The test lies beside
      the route, and `lgsp check --test` runs it without network.

      Ví dụ / example:
        lgsp record 0199f3c2-7a10-7c44-9d0e-2f6a8c1b5e70 --as-test documents --out Config
      """)

  @Argument(help: "Mã giao dịch / exchange ids.") var ids: [String]
  @Option(help: "Tên tuyến / name of the route.") var asTest: String
  @Option(help: "Thư mục cấu hình nhận phép thử / configuration folder that gets the test; by default the one in use.")
  var out: String?
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let site = try Site(configFolder: location.folder)
      guard let route = site.configuration.routes.first(where: { $0.name == asTest }) else {
        let known = site.configuration.routes.map(\.name).joined(separator: ", ")
        throw Failure("Không có tuyến \(asTest) / no such route; known: \(known)", exitCode: ExitStatus.notFound)
      }
      let journal = try JournalAccess.reading(location.folder)
      let recorder = try HubAssembly.recorder(site: site, journal: journal)
      let folder = "\(out ?? location.folder)/routes/\(route.name).tests"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for text in ids {
        guard let id = ExchangeID(text) else { throw Failure("\(text): không phải mã giao dịch / no exchange id.") }
        let recording: TestRecorder.Recording
        do { recording = try await recorder.record(id, as: route) } catch { throw Failure("\(error)") }
        for (name, bytes) in recording.files {
          try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
        }
        Output.line("\(folder)/\(recording.name)")
      }
      await journal.close()
    }
  }
}
