internal import Foundation
internal import HubConfig
internal import HubHosting
internal import HubKit
internal import HubTesting
internal import HubTransport

// What the contract suite needs of a connector that hands files over.

extension ConnectorShelf {
  /// A harness whose far side is a server for files as Debian packages it, with the folders that the manifest names.
  func filesHarness(
    of kind: ConnectorKind, _ files: FilesManifest, _ contract: ContractManifest, _ loop: CurlLoop
  ) throws -> ConnectorHarness {
    let ground = FilesGround(
      files, settings: SettingValues(try Self.settings(contract.settings, kind, "sftp://127.0.0.1"), declared: []))
    if ground.isSSH, files.privateKey == nil {
      throw Failure(
        "Phép thử cần khoá riêng / the contract needs `privateKey:`: the sshd that it starts knows no passwords.")
    }
    let far = try Self.started(ground.isSSH ? .sftp : .ftps(implicit: files.isImplicit), ground.folders)
    let server = far.server
    let account = ground.account(
      username: server.username, password: "mat-khau-cua-phep-thu", privateKey: server.privateKey,
      hostKey: server.hostKey.map { "SHA256:\($0)" })
    let texts = contract.settings.merging(account) { $1 }
    var options = TransportOptions.thisMachine
    options.trustedPEM = FileManager.default.contents(atPath: server.certificate).map { Array($0) }
    let plain = loop.transport(for: kind.descriptor.name, options)
    let scheme = ground.isSSH ? "sftp" : "ftps"
    var harness = ContractBench(transport: far.transport(over: plain)).harness(
      of: kind,
      settings: { try Self.settings(texts, kind, scheme + $0.dropFirst("http".count)) },
      farSide: { try far.fresh() })
    harness.medium = .files
    harness.makeUnableFarSide = { try far.bare() }
    harness.comparesBytes = Self.operation(contract.operation, of: files)?.map.isEmpty ?? true
    harness.looksTwice = true
    harness.itemName = { FilesGround.name(of: $0) }
    let names = contract.offered
    harness.offer = { _, _ in
      for path in ground.offering(names) { try far.put("Ấm, \(path)", at: path) }
      return names
    }
    harness.skips = [
      .rateLimitIsRespected: "servers for files do not say when to come again",
      .traceGoesOn: "a file has no place for a trace context",
    ]
    return harness
  }

  private static func operation(_ name: String?, of files: FilesManifest) -> FilesOperation? {
    files.operations.first { $0.name == name } ?? files.operations.first
  }

  private static func started(_ kind: FileServer.Kind, _ folders: [String]) throws -> FileFarSide {
    do { return try FileFarSide(kind, folders: folders) } catch {
      throw Failure(
        "Không chạy được máy chủ tệp; cần gói openssh-server (SFTP) hoặc vsftpd và openssl (FTPS) / no server for "
          + "files: the packages openssh-server (SFTP), or vsftpd and openssl (FTPS), are needed. \(error)")
    }
  }
}
