internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubKit

/// `lgsp demo`: the sample city on this machine.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Thành phố mẫu trên máy này / the sample city on this machine. Scripts/run does all of it.",
    subcommands: [Prepare.self, DemoTrafficCommand.self])

  /// Makes the demo's own configuration, secrets, certificate and credentials.
  struct Prepare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Chép cấu hình, tạo khoá và chứng thư cho demo / copy the configuration, make keys and credentials.",
      discussion: "Chạy lại được / may be run again: what is there stays. Nothing of it is ever committed.")

    @Option(help: "Cấu hình gốc / configuration to copy.") var from = "Config"
    @Option(help: "Thư mục demo / the demo's folder.") var home = "Data/demo"
    @Option(help: "Cổng đầu tiên khi 8080, 8443, 8091 đến 8099 đã bị dùng / first of 11, when those are taken.")
    var portBase: Int?

    func run() async throws {
      try await reporting {
        let demo = DemoHome(folder: home)
        try DemoPreparation(demo: demo, source: from, portBase: portBase).prepare()
        Output.line("Demo: \(demo.configFolder)")
      }
    }
  }
}

/// Makes a demo folder.
struct DemoPreparation {
  let demo: DemoHome
  let source: String
  let portBase: Int?

  /// Copies what changed, and makes what is missing.
  func prepare() throws {
    let files = FileManager.default
    try files.createDirectory(atPath: demo.folder, withIntermediateDirectories: true)
    try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: demo.folder)
    try copyConfiguration()
    if !files.fileExists(atPath: demo.credentialsFile) {
      try PrivateFile.write(Data("{}".utf8), to: demo.credentialsFile)
    }
    let site = try Site(configFolder: demo.configFolder)
    try makeSecrets(site.configuration)
    if let https = site.configuration.hub.gateway.https { try makeCertificate(https) }
    try issueCredentials(site)
  }

  /// Agencies and rights that were added to the demo stay; all else follows the source.
  private func copyConfiguration() throws {
    let files = FileManager.default
    guard let paths = files.enumerator(atPath: source)?.compactMap({ $0 as? String }), !paths.isEmpty else {
      throw Failure("Không đọc được thư mục \(source) / the folder cannot be read.")
    }
    for path in paths.sorted() {
      var isFolder: ObjCBool = false
      guard files.fileExists(atPath: "\(source)/\(path)", isDirectory: &isFolder), !isFolder.boolValue else { continue }
      let target = "\(demo.configFolder)/\(path)"
      if ConfigFiles.liveFiles.contains(path), files.fileExists(atPath: target) { continue }
      guard let data = files.contents(atPath: "\(source)/\(path)") else {
        throw Failure("Không đọc được \(source)/\(path) / cannot be read.")
      }
      try files.createDirectory(
        atPath: URL(filePath: target).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try withPorts(data, path).write(to: URL(filePath: target), options: .atomic)
    }
  }

  private func withPorts(_ data: Data, _ path: String) -> Data {
    guard let portBase, path.hasSuffix(".yaml") else { return data }
    var text = String(decoding: data, as: UTF8.self)
    for (index, port) in ([8080, 8443] + Array(8091...8099)).enumerated() {
      text = text.replacing("127.0.0.1:\(port)", with: "127.0.0.1:\(portBase + index)")
    }
    return Data(text.utf8)
  }

  /// Every secret that the configuration refers to by `file:` and that does not exist: the one that a mock knows, or
  /// 32 random bytes in base64.
  private func makeSecrets(_ configuration: HubConfiguration) throws {
    var references = [configuration.hub.journal.key.reference: Self.randomSecret()]
    let descriptors = Installation.current.connectors.map { $0.descriptor } + configuration.manifests.map(\.descriptor)
    for endpoint in configuration.endpoints {
      let descriptor = descriptors.first { $0.name == endpoint.connector }
      for setting in descriptor?.settings ?? [] where setting.kind == .secret {
        guard let secret = endpoint.settings.secret(setting.name) else { continue }
        references[secret.reference] =
          Self.known(endpoint, setting.name, configuration) ?? Self.randomSecret()
      }
    }
    for (reference, value) in references where reference.hasPrefix("file:") {
      let path = configuredPath(String(reference.dropFirst(5)), in: demo.configFolder)
      guard !FileManager.default.fileExists(atPath: path) else { continue }
      try FileManager.default.createDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try PrivateFile.write(Data((value + "\n").utf8), to: path)
    }
  }

  /// The secret that the mock knows for the hub's own account there: by the account's name where the mock has several,
  /// else by the setting of the same name.
  private static func known(
    _ endpoint: EndpointConfiguration, _ setting: String, _ configuration: HubConfiguration
  ) -> String? {
    let mock = configuration.mocks.first { $0.connector == endpoint.connector }?.settings
    if let system = endpoint.settings.text("systemId") ?? endpoint.settings.text("username"),
      let secret = mock?.map("systems")[system]
    {
      return secret
    }
    if let client = endpoint.settings.text("clientId"), let secret = mock?.map("clients")[client] { return secret }
    return mock?.text(setting)
  }

  static func randomSecret() -> String {
    var generator = SystemRandomNumberGenerator()
    return Data((0..<32).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }).base64EncodedString()
  }

  /// A certificate for localhost, signed by itself: for trying TLS, never for an agency.
  private func makeCertificate(_ https: HubConfig.HubSettings.HTTPS) throws {
    let certificate = configuredPath(https.certificate.path, in: demo.configFolder)
    let key = configuredPath(String(https.key.reference.dropFirst(5)), in: demo.configFolder)
    guard !FileManager.default.fileExists(atPath: certificate) else { return }
    for path in [certificate, key] {
      try FileManager.default.createDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "825",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
      certificate,
    ]
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { throw Failure("Cần openssl / openssl is needed: apt-get install openssl") }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure("openssl không tạo được chứng thư / made no certificate.")
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
  }

  /// A credential for every agency of the sample city, kept in the demo's own file.
  private func issueCredentials(_ site: Site) throws {
    for agency in site.configuration.agencies.agencies where !site.hasCredential(of: agency.code) {
      do {
        try site.remember(DemoCredential(try site.editor.rotate(agency.code)), of: agency.code)
      } catch {
        throw Failure("\(agency.code): \(error)")
      }
    }
  }
}

extension DemoHome {
  /// The secret of an agency's own account at the axis mock; made when it is first asked for.
  func axisSecret(of code: OrganisationCode) throws -> String {
    let path = "\(folder)/Data/axis-\(code).key"
    if let data = FileManager.default.contents(atPath: path) {
      return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let secret = DemoPreparation.randomSecret()
    try PrivateFile.write(Data((secret + "\n").utf8), to: path)
    return secret
  }
}
