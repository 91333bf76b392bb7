public import HubConfig
public import HubKit
public import HubTransform

extension ConnectorKind {
  /// The connector that a manifest of files describes.
  ///
  /// - Parameter pool: evaluates the manifest's jq programs and mappings.
  public init(_ manifest: ConnectorManifest, files: FilesManifest, pool: TransformPool) {
    self.init(descriptor: manifest.descriptor, hosting: .manifest, digest: manifest.digest) {
      (settings) throws(SettingError) in
      try settings.requireAll(manifest.descriptor.settings)
      let site = try FilesSite(files, settings: settings)
      return { (context) throws(AdapterError) in
        let evaluation = ManifestEvaluation(pool: pool, clock: context.clock)
        let far = FarFolder(site: site, context: context)
        return ConnectorParts(
          outbound: files.operations.isEmpty ? nil : FilesOutbound(far: far, evaluation: evaluation),
          sources: files.sources.map { FilesSourceReading($0, far: far, evaluation: evaluation) })
      }
    }
  }
}

/// A manifest of files with the settings of one endpoint.
struct FilesSite: Sendable {
  let manifest: FilesManifest
  let settings: SettingValues
  /// The base as the transport takes it.
  let url: String

  init(_ manifest: FilesManifest, settings: SettingValues) throws(SettingError) {
    self.manifest = manifest
    self.settings = settings
    let base = try manifest.base.baseURL(settings)
    let name = manifest.base.names.first ?? "base"
    let parts = base.split(separator: "/", omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0] == "sftp:" || parts[0] == "ftps:" else {
      throw SettingError(name, "makes no base URL: it is sftp://host or ftps://host, with a port or not, and no path.")
    }
    guard !manifest.isImplicit || parts[1].contains(":") else {
      throw SettingError(name, "has no port, and FTPS that begins with TLS has none by custom: add one, as in :990.")
    }
    if parts[0] == "sftp:", manifest.hostKey.flatMap({ settings.text($0) })?.isEmpty != false {
      throw SettingError(
        manifest.hostKey ?? "hostKey", "is missing: SFTP needs the SHA-256 of the server's key (ssh-keygen -l).")
    }
    let hasSecret = [manifest.password, manifest.privateKey].contains { $0.flatMap { settings.secret($0) } != nil }
    guard hasSecret else {
      throw SettingError(manifest.password ?? manifest.privateKey ?? "password", "is missing, or a private key.")
    }
    // TLS that is asked for on the plain port has a scheme of its own; it is demanded all the same.
    url = parts[0] == "ftps:" && !manifest.isImplicit ? "ftp" + base.dropFirst(4) : base
  }
}

/// Does things with the files of one far system, as its manifest says who the hub is there.
struct FarFolder: Sendable {
  let site: FilesSite
  let context: ConnectorContext

  /// Does one thing.
  func send(
    _ action: FileAccess.Action, _ path: String, body: OutboundBody? = nil, timeout: Duration? = nil
  ) async throws(AdapterError) -> OutboundResponse {
    let (manifest, settings) = (site.manifest, site.settings)
    var request = OutboundRequest(method: "GET", url: site.url, body: body, timeout: timeout)
    var hostKey = manifest.hostKey.flatMap { settings.plain($0) }
    if let key = hostKey, key.hasPrefix("SHA256:") { hostKey = String(key.dropFirst("SHA256:".count)) }
    request.file = FileAccess(
      action, path: path, username: settings.plain(manifest.username) ?? "",
      password: manifest.password.flatMap { settings.secret($0) },
      privateKey: manifest.privateKey.flatMap { settings.secret($0) }, hostKey: hostKey)
    return try await context.transport.send(request)
  }

  /// Does one thing that has to succeed.
  ///
  /// - Throws: `outage` when it may not be done or its place is not there.
  func done(
    _ action: FileAccess.Action, _ path: String, body: OutboundBody? = nil, timeout: Duration? = nil
  ) async throws(AdapterError) -> OutboundResponse {
    let response = try await send(action, path, body: body, timeout: timeout)
    guard response.status == 200 else {
      let what =
        switch action {
        case .list: "list the folder"
        case .look, .read: "read a file"
        case .write: "write a file"
        case .move, .remove: "move or remove a file"
        }
      throw AdapterError(
        .outage(after: nil), code: "files-\(response.status)",
        reason: "The far system did not let the hub \(what): "
          + (response.status == 404 ? "it is not there." : "the account may not, or the folder is not there."))
    }
    return response
  }

  /// A folder as its template says, without a slash at its end.
  func folder(_ template: HTTPTemplate) throws(AdapterError) -> String {
    do throws(MissingValue) {
      var path = try template.completed(site.settings.plain)
      while path.count > 1, path.hasSuffix("/") { path.removeLast() }
      return path.hasPrefix("/") ? path : "/\(path)"
    } catch {
      throw AdapterError(.outage(after: nil), code: "missing-value", reason: "A folder needs `{\(error.name)}`.")
    }
  }

  /// Whether a name can stand for a file: no path, no control characters, and not hidden.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.contains("/")
      && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } && name.utf8.count <= 255
  }
}
