internal import Foundation
internal import HubConfig
internal import HubKit

/// One installation of the hub as the command line sees it: its configuration folder, and in the demo the credentials
/// that lie beside it.
struct Site {
  let folder: String
  let configuration: HubConfiguration
  let directory: LiveDirectory
  let editor: AgencyEditor

  /// Reads a configuration folder; complaints become a failure that lists them.
  init(configFolder: String) throws {
    folder = configFolder
    let files = try Self.files(in: configFolder)
    configuration = try Self.load(files, secrets: .unresolved)
    directory = try LiveDirectory(folder: configFolder)
    editor = AgencyEditor(folder: configFolder)
  }

  /// The files of a configuration folder; complaints become a failure that lists them.
  static func files(in folder: String) throws -> ConfigFiles {
    do { return try ConfigFiles(folder: folder) } catch { throw Failure("\(error)") }
  }

  /// A configuration without errors, or a failure that lists them.
  static func load(_ files: ConfigFiles, secrets: SecretResolution) throws -> HubConfiguration {
    let (configuration, complaints) = loadConfiguration(
      files, connectors: Installation.current.connectors.map { $0.descriptor },
      mocks: Installation.current.mocks.map { $0.descriptor }, secrets: secrets)
    let errors = complaints.filter { $0.severity == .error }
    guard errors.isEmpty, let configuration else {
      throw Failure(
        "Cấu hình có \(errors.count) lỗi / the configuration has errors:\n"
          + errors.map { "  \($0)" }.joined(separator: "\n"))
    }
    return configuration
  }

  /// The demo that this is, if it is one.
  var demo: DemoHome? { DemoHome(of: folder) }

  /// Where the gateway answers on this machine.
  func gatewayURL() throws -> String {
    if let address = configuration.hub.gateway.http { return "http://\(address)" }
    if let https = configuration.hub.gateway.https { return "https://\(https.address)" }
    throw Failure("hub.yaml không có địa chỉ cổng / names no gateway address.")
  }

  /// Where a connector's mock answers.
  func mockURL(of connector: String) throws -> String {
    guard let mock = configuration.mocks.first(where: { $0.connector == connector }) else {
      throw Failure("mocks.yaml không có \(connector) / has no mock of \(connector).")
    }
    return "http://\(mock.address)"
  }

  /// The credential to act as an agency: from the environment, or the demo's.
  func credential(of code: String) throws -> DemoCredential {
    let environment = ProcessInfo.processInfo.environment
    if let id = environment["LGSP_CLIENT_ID"], let secret = environment["LGSP_CLIENT_SECRET"] {
      return DemoCredential(clientID: id, secret: secret)
    }
    if let credential = credentials()[code] { return credential }
    let known = OrganisationCode(code).flatMap { directory.agency($0) }
    throw Failure(
      known == nil
        ? "Chưa có cơ quan \(code) / agency \(code) is not known here. Add it: lgsp agency add \(code) --name …"
        : "Không có khoá của \(code) / no credential of \(code): set LGSP_CLIENT_ID and LGSP_CLIENT_SECRET.",
      exitCode: ExitStatus.refused)
  }

  func hasCredential(of code: OrganisationCode) -> Bool { credentials()[code.text] != nil }

  /// Keeps a demo credential for later commands; readable by this user only.
  func remember(_ credential: DemoCredential, of code: OrganisationCode) throws {
    var all = credentials()
    all[code.text] = credential
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let demo else { throw Failure("Không phải demo / this is no demo.") }
    try PrivateFile.write(try encoder.encode(all), to: demo.credentialsFile)
  }

  private func credentials() -> [String: DemoCredential] {
    guard let demo, let data = FileManager.default.contents(atPath: demo.credentialsFile) else { return [:] }
    return (try? JSONDecoder().decode([String: DemoCredential].self, from: data)) ?? [:]
  }
}

/// Files that only their owner may read.
enum PrivateFile {
  /// Writes a whole file at once: a reader sees the old one or the new one.
  static func write(_ data: Data, to path: String) throws {
    let temporary = "\(path).\(UInt32.random(in: 0 ... .max))"
    guard FileManager.default.createFile(atPath: temporary, contents: data, attributes: [.posixPermissions: 0o600])
    else { throw Failure("Không ghi được \(path) / cannot be written.") }
    guard rename(temporary, path) == 0 else { throw Failure("Không ghi được \(path) / cannot be written.") }
  }
}
