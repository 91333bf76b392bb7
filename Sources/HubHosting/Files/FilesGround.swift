public import HubConfig
public import HubKit

/// What a far system needs to be for a manifest of files: by which its contract builds one.
public struct FilesGround: Sendable {
  /// Whether it is SFTP; else FTPS.
  public let isSSH: Bool
  /// Folders that have to be there, those into which messages' values lead not among them.
  public let folders: [String]
  private let files: FilesManifest
  private let settings: SettingValues

  /// - Parameters:
  ///   - files: the manifest. One that has a setting for the server's key is taken to be SFTP's.
  ///   - settings: of the endpoint; those that say where the far system is and who the hub is there may be missing.
  public init(_ files: FilesManifest, settings: SettingValues) {
    (self.files, self.settings) = (files, settings)
    isSSH = files.hostKey != nil
    var found: [String] = []
    for source in files.sources {
      found.append(Self.folder(source.folder, settings))
      if case .move(let folder) = source.afterwards { found.append(Self.folder(folder, settings)) }
      if let folder = source.refused { found.append(Self.folder(folder, settings)) }
    }
    for operation in files.operations {
      let known = Self.beginning(operation.path, settings)
      found.append(Self.plain(known[..<(known.lastIndex(of: "/") ?? known.startIndex)]))
    }
    folders = found
  }

  /// The settings by which a server knows the hub and is known, as texts.
  public func account(
    username: String, password: String, privateKey: String?, hostKey: String?
  ) -> [String: String] {
    var texts = [files.username: username]
    if let name = files.password { texts[name] = password }
    if let name = files.privateKey { texts[name] = privateKey }
    if let name = files.hostKey { texts[name] = hostKey }
    return texts
  }

  /// Paths of the files that have to be there for the first source to find some, in the order in which they are put.
  public func offering(_ names: [String]) -> [String] {
    guard let source = files.sources.first else { return [] }
    let folder = Self.folder(source.folder, settings)
    return names.flatMap { name -> [String] in
      guard case .marker(let template) = source.complete,
        let marker = template.filled({ $0 == "name" ? name : settings.plain($0) })
      else { return ["\(folder)/\(name)"] }
      return ["\(folder)/\(name)", "\(folder)/\(marker)"]
    }
  }

  /// The name of the file that a source found.
  public static func name(of item: Page.Item) -> String { FilesSourceReading.parts(of: item.reference).name }

  /// A folder as an absolute path without a slash at its end, as far as settings say it.
  private static func folder(_ template: HTTPTemplate, _ settings: SettingValues) -> String {
    plain(beginning(template, settings))
  }

  private static func plain(_ path: some StringProtocol) -> String {
    "/" + path.split(separator: "/").joined(separator: "/")
  }

  /// What a template says before the first value that is no setting.
  private static func beginning(_ template: HTTPTemplate, _ settings: SettingValues) -> String {
    var path = ""
    for part in template.parts {
      switch part {
      case .text(let text): path += text
      case .name(let name):
        guard let value = settings.plain(name) else { return path }
        path += value
      }
    }
    return path
  }
}
