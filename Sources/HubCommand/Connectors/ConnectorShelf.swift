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
    /// What proves a module; nil for the others, whose files do.
    let proof: (any ConnectorProof.Type)?
    /// Where its files lie, and its certificate; of a module only that; nil: it can have none.
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
      let isSame = certificate.version == kind.descriptor.version && certificate.digest == kind.certifiedDigest
      return certificate.isGood && isSame ? "valid" : "stale"
    }
  }

  let entries: [Entry]
  let mocks: [MockKind]
  let pool: TransformPool

  /// Reads the connectors below a configuration folder, and those that are compiled in.
  init(configFolder: String) throws {
    let files = try Site.files(in: configFolder)
    let modules = "\(configFolder)/connectors"
    try self.init(files, folder: { "\(configFolder)/\($0.folder)" }, modules: modules)
  }

  /// Reads one connector's own folder, wherever it lies.
  init(connectorFolder folder: String) throws {
    let files: ConfigFiles
    do { files = try ConfigFiles(connectorFolder: folder) } catch { throw Failure("\(error)") }
    try self.init(files, folder: { _ in folder }, modules: nil)
  }

  private init(_ files: ConfigFiles, folder: (ConnectorManifest) -> String, modules: String?) throws {
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
    let compiled = installation.connectors.map { connector in
      let kind = ConnectorKind(connector)
      return Entry(
        kind: kind, manifest: nil, proof: installation.contracts.first { $0.connector == connector },
        folder: modules.map { "\($0)/\(kind.descriptor.name)" })
    }
    let hosted = manifests.map { manifest in
      let path = URL(filePath: folder(manifest)).standardizedFileURL.path
      let kind = HostedConnectors.kind(of: manifest, folder: path, pool: pool)
      return Entry(kind: kind, manifest: manifest, proof: nil, folder: path)
    }
    entries = (compiled + hosted).sorted { $0.kind.descriptor.name < $1.kind.descriptor.name }
    mocks = installation.mocks.map { MockKind($0) } + manifests.compactMap { MockKind($0, pool: pool) }
  }

  /// The connector that a name (`grave-register` or `GraveRegister`) or a folder means, on the shelf that has it.
  static func find(_ name: String, configFolder: String) throws -> (shelf: ConnectorShelf, entry: Entry) {
    var isFolder: ObjCBool = false
    if name.contains("/") || name == ".", FileManager.default.fileExists(atPath: name, isDirectory: &isFolder),
      isFolder.boolValue
    {
      let shelf = try ConnectorShelf(connectorFolder: name)
      if let entry = shelf.entries.first(where: { $0.manifest != nil }) { return (shelf, entry) }
    }
    let shelf = try ConnectorShelf(configFolder: configFolder)
    let plain = (try? ConnectorNewCommand.plainName(name)) ?? name
    if let entry = shelf.entries.first(where: { [name, plain].contains($0.kind.descriptor.name) }) {
      return (shelf, entry)
    }
    let names = shelf.entries.map { $0.kind.descriptor.name }.joined(separator: ", ")
    throw Failure(
      "Không có bộ kết nối \(name) / there is no connector \(name). Có / there are: \(names)",
      exitCode: ExitStatus.notFound)
  }
}
