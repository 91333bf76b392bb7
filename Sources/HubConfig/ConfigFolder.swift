internal import Glibc
internal import HubRouting

/// Which files of a configuration folder mean something.
enum ConfigLayout {
  static let files: Set<String> = ["hub.yaml", "mocks.yaml", "agencies.yaml", "access.yaml"]
  static let folders: [String: [String]] = [
    "endpoints": [".yaml"], "routes": [], "mappings": [".jq", ".xslt"], "schemas": [".json", ".xsd"],
    "connectors": [],
  ]
  /// Files that are there for people and for editors.
  static let silent: Set<String> = ["schema.json", "LICENSE", "Makefile"]

  static func isRead(_ path: String) -> Bool {
    if path.hasPrefix("connectors/"), isForPeople(path) { return false }
    if files.contains(path) { return true }
    guard let slash = path.firstIndex(of: "/"), let endings = folders[String(path[..<slash])] else { return false }
    // Test fixtures of any kind lie beside the routes.
    return endings.isEmpty || endings.contains { path.hasSuffix($0) }
  }

  static func isSilent(_ path: String) -> Bool {
    silent.contains(path) || path.hasSuffix(".md") || path.hasPrefix("connectors/") && isForPeople(path)
  }

  /// What lies in a connector's folder and changes nothing about it: words, what a run left, what was proved, what was
  /// recorded.
  private static func isForPeople(_ path: String) -> Bool {
    path.hasSuffix(".md") || path.hasSuffix(".pyc") || path.hasSuffix("/certificate.json")
      || path.hasSuffix(".exchange.json")
  }

  /// The right path for one that is not read, when a slip explains it.
  static func nearestPath(to path: String) -> String? {
    guard let slash = path.firstIndex(of: "/") else {
      return nearest(to: path, in: files)
    }
    let rest = path[path.index(after: slash)...]
    let folder = String(path[..<slash])
    if let right = nearest(to: folder, in: folders.keys) { return "\(right)/\(rest)" }
    return path.hasSuffix(".yml") && folders[folder] == [".yaml"] ? String(path.dropLast(3)) + "yaml" : nil
  }
}

extension ConfigFiles {
  /// Reads a configuration folder with all that lies in it, once; files and folders whose name begins with a dot are
  /// left out.
  ///
  /// - Throws: ``ConfigurationError`` naming each file that is missing, unreadable, too large, or a link that leads
  ///   out of the folder.
  public init(folder: String) throws(ConfigurationError) {
    var reader = FolderReader(root: folder)
    reader.read()
    guard reader.complaints.list.isEmpty else { throw ConfigurationError(reader.complaints.list) }
    self.init(reader.contents, ignored: reader.ignored.sorted())
  }

  /// Reads the folder of one connector, wherever it lies, as `connectors/<name>/` of a configuration that has nothing
  /// else; the name is that of the folder.
  ///
  /// - Throws: ``ConfigurationError`` as ``init(folder:)`` does.
  public init(connectorFolder folder: String) throws(ConfigurationError) {
    let real = realPath(folder) ?? folder
    let name = real.split(separator: "/").last.map(String.init) ?? real
    var reader = FolderReader(root: folder, prefix: "connectors/\(name)/")
    reader.read()
    guard reader.complaints.list.isEmpty else { throw ConfigurationError(reader.complaints.list) }
    self.init(reader.contents, ignored: reader.ignored.sorted())
  }
}

/// Walks one folder. Paths of the machine appear only in what is said about the root.
private struct FolderReader {
  let root: String
  /// Stands before the paths of files, in ``contents`` and in complaints.
  let prefix: String
  var contents: [String: [UInt8]] = [:]
  var ignored: [String] = []
  var complaints = Complaints()
  private var realRoot = ""
  private let filesMax = 10_000
  private let depthMax = 8

  init(root: String, prefix: String = "") {
    self.root = root
    self.prefix = prefix
  }

  mutating func read() {
    let rootPlace = SourcePlace(file: root)
    switch FileFacts(path: root)?.kind {
    case nil:
      return complaints.error(errno == ENOENT ? .missingFolder(root) : .unreadable(root, lastCause()), at: rootPlace)
    case .folder: break
    default: return complaints.error(.notAFolder(root), at: rootPlace)
    }
    realRoot = realPath(root) ?? root
    walk("", depth: 0)
  }

  private mutating func walk(_ folder: String, depth: Int) {
    let path = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let names = namesIn(folder: path) else {
      return complaints.error(.unreadable(folder.isEmpty ? root : folder, lastCause()), at: place(folder))
    }
    for name in names.sorted() where !name.hasPrefix(".") {
      guard contents.count + ignored.count < filesMax else {
        return complaints.error(.tooManyFiles(filesMax), at: SourcePlace(file: root))
      }
      take(folder.isEmpty ? name : "\(folder)/\(name)", depth: depth)
    }
  }

  private mutating func take(_ path: String, depth: Int) {
    let full = "\(root)/\(path)"
    guard let real = realPath(full), let facts = FileFacts(path: full) else {
      return complaints.error(.unreadable(path, lastCause()), at: place(path))
    }
    guard real.hasPrefix(realRoot + "/") else { return complaints.error(.symlinkEscape(path), at: place(path)) }
    switch facts.kind {
    case .folder where depth < depthMax: walk(path, depth: depth + 1)
    case .file where ConfigLayout.isRead(prefix + path): load(path, facts)
    case .file where ConfigLayout.isSilent(prefix + path): break
    default: ignored.append(prefix + path)
    }
  }

  private mutating func load(_ path: String, _ facts: FileFacts) {
    guard facts.size <= ConfigFiles.fileBytesMax else { return complaints.error(.fileTooLarge(path), at: place(path)) }
    do {
      contents[prefix + path] = try readFile("\(root)/\(path)", limit: ConfigFiles.fileBytesMax).bytes
    } catch {
      switch error {
      case .tooLarge: complaints.error(.fileTooLarge(path), at: place(path))
      case .system(let cause): complaints.error(.unreadable(path, cause), at: place(path))
      }
    }
  }

  private func place(_ path: String) -> SourcePlace {
    SourcePlace(file: path.isEmpty ? root : prefix + path)
  }
}
