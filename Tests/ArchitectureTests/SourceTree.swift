import Foundation
import Synchronization

/// The repository that this file lies in.
enum SourceTree {
  /// Top folder.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// All files below a folder of the repository, as paths from the top, sorted; hidden ones left out.
  static func files(below folder: String, endingIn endings: [String] = [".swift"]) -> [String] {
    let top = root.appending(path: folder).resolvingSymlinksInPath()
    let found = FileManager.default.enumerator(atPath: top.path)?.compactMap { $0 as? String } ?? []
    return
      found
      .filter { path in endings.contains { path.hasSuffix($0) } && !path.contains("/.") && !path.hasPrefix(".") }
      .map { "\(folder)/\($0)" }
      .sorted()
  }

  /// Folders directly below a folder of the repository.
  static func folders(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      let path = root.appending(path: folder).appending(path: name).path
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
        && !name.hasPrefix(".")
    }.sorted()
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// A file, scanned; each is read once for all tests.
  static func source(_ path: String) throws -> SwiftSource {
    if let known = scanned.withLock({ $0[path] }) { return known }
    let source = SwiftSource(try text(path), path: path)
    scanned.withLock { $0[path] = source }
    return source
  }

  private static let scanned = Mutex<[String: SwiftSource]>([:])
}
