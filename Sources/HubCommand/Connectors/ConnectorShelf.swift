internal import Foundation
internal import HubConfig
internal import HubHosting
internal import HubKit
internal import HubTesting
internal import HubTransform
internal import Logging

/// The connectors of a configuration folder, as the `connector` commands see them: also when the rest of the
/// configuration is broken or not there.
struct ConnectorShelf {
  /// One connector.
  struct Entry {
    let kind: ConnectorKind
    /// Nil for a module.
    let manifest: ConnectorManifest?
    /// Where its files lie; nil for a module.
    let folder: String?

    /// What the suite said last; nil when it never ran, or said no.
    var certificate: ConnectorCertificate? {
      guard let folder, let data = FileManager.default.contents(atPath: "\(folder)/certificate.json") else {
        return nil
      }
      return ConnectorCertificate(json: Array(data))
    }

    /// In a word: `none`, `valid`, or `stale` when the files or the version have changed since.
    var standing: String {
      guard let certificate else { return "none" }
      let isSame = certificate.version == kind.descriptor.version && certificate.digest == kind.digest
      return certificate.isGood && isSame ? "valid" : "stale"
    }
  }

  let entries: [Entry]
  let mocks: [MockKind]
  let pool: TransformPool

  /// Reads the connectors below a configuration folder, and those that are compiled in.
  init(configFolder: String) throws {
    let files = try Site.files(in: configFolder)
    try self.init(files, folder: { "\(configFolder)/\($0.folder)" })
  }

  /// Reads one connector's own folder, wherever it lies.
  init(connectorFolder folder: String) throws {
    let files: ConfigFiles
    do { files = try ConfigFiles(connectorFolder: folder) } catch { throw Failure("\(error)") }
    try self.init(files, folder: { _ in folder })
  }

  private init(_ files: ConfigFiles, folder: (ConnectorManifest) -> String) throws {
    let installation = Installation.current
    let (manifests, complaints) = loadConnectors(files, compiled: installation.connectors.map { $0.descriptor })
    let errors = complaints.filter { $0.severity == .error }
    guard errors.isEmpty else {
      throw Failure(
        "Bộ kết nối có \(errors.count) lỗi / connectors have errors:\n"
          + errors.map { "  \($0)\n    \($0.vi)" }.joined(separator: "\n"))
    }
    let pool = TransformPool(program: .own(logger: Logger(label: "lgsp.connector")))
    self.pool = pool
    let modules = installation.connectors.map { Entry(kind: ConnectorKind($0), manifest: nil, folder: nil) }
    let hosted = manifests.map { manifest in
      let path = URL(filePath: folder(manifest)).standardizedFileURL.path
      return Entry(
        kind: HostedConnectors.kind(of: manifest, folder: path, pool: pool), manifest: manifest, folder: path)
    }
    entries = (modules + hosted).sorted { $0.kind.descriptor.name < $1.kind.descriptor.name }
    mocks = installation.mocks.map { MockKind($0) } + manifests.compactMap { MockKind($0, pool: pool) }
  }

  /// The connector that a name or a folder means, on the shelf that has it.
  static func find(_ name: String, configFolder: String) throws -> (shelf: ConnectorShelf, entry: Entry) {
    var isFolder: ObjCBool = false
    if name.contains("/") || name == ".", FileManager.default.fileExists(atPath: name, isDirectory: &isFolder),
      isFolder.boolValue
    {
      let shelf = try ConnectorShelf(connectorFolder: name)
      if let entry = shelf.entries.first(where: { $0.manifest != nil }) { return (shelf, entry) }
    }
    let shelf = try ConnectorShelf(configFolder: configFolder)
    if let entry = shelf.entries.first(where: { $0.kind.descriptor.name == name }) { return (shelf, entry) }
    let names = shelf.entries.map { $0.kind.descriptor.name }.joined(separator: ", ")
    throw Failure(
      "Không có bộ kết nối \(name) / there is no connector \(name). Có / there are: \(names)",
      exitCode: ExitStatus.notFound)
  }
}
