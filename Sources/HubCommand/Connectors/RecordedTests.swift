internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubTesting
internal import Logging

/// Logged exchanges that became tests of a connector: files beside the connector, played by `lgsp connector test`.
struct RecordedTests {
  /// What one of them found.
  struct Finding: Encodable {
    /// The file.
    var file: String
    /// Where what is sent is not what was recorded; empty: nowhere.
    var differences: [String]
  }

  private let entry: ConnectorShelf.Entry

  init(_ entry: ConnectorShelf.Entry) {
    self.entry = entry
  }

  /// Plays all of them, in the order of their names.
  func run() async throws -> [Finding] {
    var findings: [Finding] = []
    for folder in entry.fixturesFolders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names.sorted() where name.hasSuffix(ReplayedExchange.suffix) {
        let path = "\(folder)/\(name)"
        do {
          let recorded = try ReplayedExchange(contentsOf: path)
          findings.append(Finding(file: path, differences: await differences(recorded)))
        } catch {
          findings.append(Finding(file: path, differences: ["\(error)"]))
        }
      }
    }
    return findings
  }

  private func differences(_ recorded: ReplayedExchange) async -> [String] {
    guard recorded.connector == entry.kind.descriptor.name else { return ["it is of \(recorded.connector)"] }
    let settings = SettingValues(
      recorded.settings.mapValues(\.value), declared: entry.kind.descriptor.settings)
    let make: ConnectorKind.Maker
    do throws(SettingError) { make = try entry.kind.configured(settings) } catch {
      return ["the settings of then do not do any more: \(error.name): \(error.message)"]
    }
    let quiet = Logger(label: "recorded", factory: { _ in SwiftLogNoOpLogHandler() })
    return await recorded.differences { transport, clock in
      let context = ConnectorContext(
        endpoint: "recorded", transport: transport, gateway: RecordingGateway(), clock: clock, directory: NobodyKnown(),
        logger: quiet)
      return (try? make(context))?.outbound
    }
  }
}

extension ConnectorShelf.Entry {
  /// Where tests that were recorded lie: with the module's own, when its sources are at hand, and beside the manifest
  /// or the certificate.
  var fixturesFolders: [String] {
    [sources.map { "\($0)/Tests/Fixtures" }, folder.map { "\($0)/fixtures" }].compactMap { $0 }
  }

  /// The module's folder under `Plugins/`, seen from the working directory.
  private var sources: String? {
    guard let proof else { return nil }
    // As in "Population.PopulationConnector".
    let module = String(reflecting: proof.connector).prefix { $0 != "." }
    let path = "Plugins/\(module)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// Where a new one goes; made when it is not there.
  func fixturesFolder(into other: String?) throws -> String {
    guard let folder = other.map({ "\($0)/connectors/\(kind.descriptor.name)/fixtures" }) ?? fixturesFolders.first
    else {
      throw Failure("\(kind.descriptor.name): không có chỗ cho phép thử / there is no place for tests.")
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }
}

extension SettingValues {
  /// As a recorded test keeps them.
  func stored(_ declared: [Setting]) -> [String: StoredSetting] {
    var stored: [String: StoredSetting] = [:]
    for setting in declared { stored[setting.name] = self[setting.name].map(StoredSetting.init) }
    return stored
  }
}
