internal import Crypto
internal import HubKit
internal import Synchronization

/// Bodies that nobody has accepted yet. Their files lie in a folder of their own, each under a key that is nowhere
/// but here: without this process they are noise, whatever becomes of the disk. The next start removes what a crash
/// leaves.
final class ArrivingBodies: Sendable {
  let folder: String
  private let disk: any Disk
  private let keys = Mutex<[String: SymmetricKey]>([:])

  init(paths: JournalPaths, disk: any Disk) {
    folder = paths.arriving
    self.disk = disk
  }

  /// Where the file of a body lies until it is accepted.
  func path(of id: String) -> String { "\(folder)/\(id.map { $0 == "/" ? "-" : $0 }.map(String.init).joined()).part" }

  /// Notes a body with its key.
  func add(_ id: String, _ key: SymmetricKey) { keys.withLock { $0[id] = key } }

  /// The key of a body; nil: it was accepted or given up.
  func key(of id: String) -> SymmetricKey? { keys.withLock { $0[id] } }

  /// Notes that a body arrives no more.
  func forget(_ id: String) { keys.withLock { _ = $0.removeValue(forKey: id) } }

  /// Removes a body.
  func discard(_ id: String) {
    forget(id)
    try? disk.remove(path(of: id))
  }

  /// Makes the folder, and removes what a process before this one has left: nobody can read it.
  static func begin(_ paths: JournalPaths, _ disk: any Disk) throws(DiskError) {
    try disk.makeDirectory(paths.arriving)
    for entry in try disk.list(paths.arriving) { try? disk.remove("\(paths.arriving)/\(entry.name)") }
  }

  /// Removes bodies that nobody has touched since then.
  ///
  /// - Returns: how many.
  func removeOld(modifiedBefore seconds: Int64) throws(DiskError) -> Int {
    let old = Set(try disk.list(folder).filter { $0.modifiedAtSeconds < seconds }.map { "\(folder)/\($0.name)" })
    guard !old.isEmpty else { return 0 }
    for id in keys.withLock({ Array($0.keys) }) where old.contains(path(of: id)) { forget(id) }
    for path in old { try? disk.remove(path) }
    return old.count
  }
}
