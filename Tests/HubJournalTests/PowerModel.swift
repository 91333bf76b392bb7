import CFaultVFS
import Foundation
import Synchronization

@testable import HubJournal

/// What a disk holds of files that are written but not synced: all that was synced, and of the rest whatever it likes.
///
/// The files themselves lie below a folder of the machine's own, where the journal reads them back; this model keeps
/// beside them what would be left after a power cut. Sectors of unsynced writes may be there or not, each for itself;
/// names that were made, changed or removed since their folder was synced may be there up to any point.
final class PowerModel: Sendable {
  static let sectorByteCount = 512

  private enum Write {
    case bytes(offset: Int, [UInt8])
    case truncate(Int)
  }

  private struct Content {
    var durable: [UInt8] = []
    var pending: [Write] = []
  }

  private enum Node: Equatable {
    case folder
    case file(Int)
  }

  /// A change to the names of a folder; a rename changes two at once.
  private typealias Renaming = [(path: String, node: Node?)]

  private struct State {
    var operations = 0
    var contents: [Int: Content] = [:]
    var names: [String: Node] = [:]
    var durableNames: [String: Node] = [:]
    var renamings: [String: [Renaming]] = [:]
    /// Called before each operation with its number.
    var watch: (@Sendable (Int) -> Void)?
    var failing: (@Sendable (String) -> Bool)?
  }

  let root: String
  /// Files whose syncs the disk only pretends to do, by the end of their name.
  let ignoringSyncsOf: String?
  private let state = Mutex(State())

  init(root: String, ignoringSyncsOf: String? = nil) {
    self.root = root
    self.ignoringSyncsOf = ignoringSyncsOf
    Self.all.withLock { $0[root] = self }
  }

  func forget() { _ = Self.all.withLock { $0.removeValue(forKey: root) } }

  /// Operations so far.
  var operations: Int { state.withLock { $0.operations } }

  /// Has `cut` called before every operation, on the thread that does it, with a look at what the disk holds then.
  func beforeEach(_ cut: @escaping @Sendable (Int, borrowing Moment) -> Void) {
    state.withLock { $0.watch = { number in cut(number, Moment(model: self)) } }
  }

  /// Lets syncs of matching files fail.
  func failSyncs(of matching: @escaping @Sendable (String) -> Bool) { state.withLock { $0.failing = matching } }

  /// A point in time between two operations.
  struct Moment: ~Copyable {
    fileprivate let model: PowerModel
    /// Writes what the disk would hold after a cut to another folder.
    func materialize(in folder: String, _ random: inout some RandomNumberGenerator) throws {
      try model.materialize(in: folder, &random)
    }
  }

  // MARK: - What happens to files

  func create(_ path: String) {
    step { state in
      if case .file? = state.names[path] { return }
      let number = state.contents.count
      state.contents[number] = Content()
      Self.rename([(path, .file(number))], &state)
    }
  }

  func makeFolder(_ path: String) {
    step { state in
      if state.names[path] == nil { Self.rename([(path, .folder)], &state) }
    }
  }

  func write(_ path: String, at offset: Int?, _ bytes: [UInt8]) {
    step { state in
      Self.change(path, &state) { content in
        content.pending.append(.bytes(offset: offset ?? Self.current(content).count, bytes))
      }
    }
  }

  func truncate(_ path: String, to count: Int) {
    step { state in Self.change(path, &state) { $0.pending.append(.truncate(count)) } }
  }

  func sync(_ path: String, withName: Bool) {
    step { state in
      if let end = ignoringSyncsOf, path.hasSuffix(end) { return }
      Self.change(path, &state) { content in content = Content(durable: Self.current(content)) }
      if withName { Self.syncFolder(Self.folder(of: path), &state) }
    }
  }

  func syncFolder(_ path: String) { step { Self.syncFolder(path, &$0) } }

  func rename(_ path: String, to other: String) {
    step { state in
      guard let node = state.names[path] else { return }
      Self.rename([(path, nil), (other, node)], &state)
    }
  }

  func remove(_ path: String, andSync: Bool = false) {
    step { state in
      if state.names[path] != nil { Self.rename([(path, nil)], &state) }
      if andSync { Self.syncFolder(Self.folder(of: path), &state) }
    }
  }

  func mayFail(_ path: String) -> Bool { state.withLock { $0.failing }?(path) ?? false }

  private func step(_ work: (inout State) -> Void) {
    let (number, watch) = state.withLock { state in
      state.operations += 1
      return (state.operations, state.watch)
    }
    watch?(number)
    state.withLock { work(&$0) }
  }

  private static func folder(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }

  private static func rename(_ renaming: Renaming, _ state: inout State) {
    for (path, node) in renaming { state.names[path] = node }
    state.renamings[folder(of: renaming[0].path), default: []].append(renaming)
  }

  private static func syncFolder(_ path: String, _ state: inout State) {
    for renaming in state.renamings.removeValue(forKey: path) ?? [] {
      for (path, node) in renaming { state.durableNames[path] = node }
    }
  }

  private static func change(_ path: String, _ state: inout State, _ work: (inout Content) -> Void) {
    guard case .file(let number)? = state.names[path] else { return }
    work(&state.contents[number, default: Content()])
  }

  private static func current(_ content: Content) -> [UInt8] {
    var bytes = content.durable
    for write in content.pending { apply(write, to: &bytes) }
    return bytes
  }

  private static func apply(_ write: Write, to bytes: inout [UInt8]) {
    switch write {
    case .truncate(let count):
      if count < bytes.count { bytes.removeLast(bytes.count - count) }
    case .bytes(let offset, let new):
      if bytes.count < offset + new.count { bytes += [UInt8](repeating: 0, count: offset + new.count - bytes.count) }
      bytes.replaceSubrange(offset..<offset + new.count, with: new)
    }
  }

  // MARK: - The cut

  private func materialize(in folder: String, _ random: inout some RandomNumberGenerator) throws {
    let (contents, names) = state.withLock { state in
      var names = state.durableNames
      for renamings in state.renamings.sorted(by: { $0.key < $1.key }).map(\.value) {
        for renaming in renamings.prefix(Int.random(in: 0...renamings.count, using: &random)) {
          for (path, node) in renaming { names[path] = node }
        }
      }
      return (state.contents, names)
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (path, node) in names.sorted(by: { $0.key < $1.key }) where isReachable(path, names) {
      let target = folder + path.dropFirst(root.count)
      switch node {
      case .folder: try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      case .file(let number):
        let bytes = Self.survivor(contents[number] ?? Content(), &random)
        try Data(bytes).write(to: URL(filePath: target))
      }
    }
  }

  /// Whether all folders above are there.
  private func isReachable(_ path: String, _ names: [String: Node]) -> Bool {
    var folder = Self.folder(of: path)
    while folder.count > root.count {
      if names[folder] != .folder { return false }
      folder = Self.folder(of: folder)
    }
    return true
  }

  private static func survivor(_ content: Content, _ random: inout some RandomNumberGenerator) -> [UInt8] {
    var bytes = content.durable
    // All, nothing and anything in between are all worth a try.
    let share = [0, 1, 2, 5, 9, 10].randomElement(using: &random) ?? 0
    for write in content.pending {
      guard case .bytes(let offset, let new) = write else {
        if Bool.random(using: &random) { apply(write, to: &bytes) }
        continue
      }
      var start = 0
      while start < new.count {
        let end = min(new.count, ((offset + start) / sectorByteCount + 1) * sectorByteCount - offset)
        if Int.random(in: 0..<10, using: &random) < share {
          apply(.bytes(offset: offset + start, Array(new[start..<end])), to: &bytes)
        }
        start = end
      }
    }
    return bytes
  }

  // MARK: - SQLite's way to it

  private static let all = Mutex<[String: PowerModel]>([:])

  private static func model(for path: String) -> PowerModel? {
    all.withLock { $0.first { path.hasPrefix($0.key + "/") }?.value }
  }

  /// Name of the VFS that tells the models.
  static let vfs: String = {
    let code = fault_vfs_register { kind, path, offset, bytes, count in
      guard let path = path.map({ String(cString: $0) }), let model = PowerModel.model(for: path) else { return 0 }
      // SQLite itself syncs the folder of a log with the log's first sync.
      let isLog = path.hasSuffix("-wal") || path.hasSuffix("-journal")
      switch kind {
      case Int32(FAULT_WRITE):
        model.write(path, at: Int(offset), Array(UnsafeRawBufferPointer(start: bytes, count: Int(count))))
      case Int32(FAULT_TRUNCATE): model.truncate(path, to: Int(offset))
      case Int32(FAULT_SYNC):
        // SQLITE_IOERR_FSYNC
        if model.mayFail(path) { return 10 | 4 << 8 }
        model.sync(path, withName: isLog)
      case Int32(FAULT_DELETE): model.remove(path, andSync: count == 1)
      default: model.create(path)
      }
      return 0
    }
    precondition(code == 0)
    return String(cString: fault_vfs_name)
  }()
}

/// The machine's disk, with everything told to a model.
struct ModelledDisk: Disk {
  let model: PowerModel
  private let real = PosixDisk()

  init(_ model: PowerModel) { self.model = model }

  func create(_ path: String) throws(DiskError) -> any DiskFile {
    model.create(path)
    return ModelledFile(try real.create(path), path, model)
  }
  func open(_ path: String) throws(DiskError) -> any DiskFile { try real.open(path) }
  func revise(_ path: String) throws(DiskError) -> any DiskFile {
    ModelledFile(try real.revise(path), path, model, from: 0)
  }
  func append(_ path: String) throws(DiskError) -> any DiskFile {
    model.create(path)
    return ModelledFile(try real.append(path), path, model)
  }
  func rename(_ path: String, to other: String) throws(DiskError) {
    model.rename(path, to: other)
    try real.rename(path, to: other)
  }
  func remove(_ path: String) throws(DiskError) {
    model.remove(path)
    try real.remove(path)
  }
  func makeDirectory(_ path: String) throws(DiskError) -> Bool {
    if path.hasPrefix(model.root + "/") { model.makeFolder(path) }
    return try real.makeDirectory(path)
  }
  func removeDirectory(_ path: String) throws(DiskError) {
    model.remove(path)
    try real.removeDirectory(path)
  }
  func syncDirectory(_ path: String) throws(DiskError) { model.syncFolder(path) }
  func list(_ path: String) throws(DiskError) -> [DiskEntry] { try real.list(path) }
  func byteCount(of path: String) -> Int { real.byteCount(of: path) }
  func freeBytes(at path: String) -> Int { real.freeBytes(at: path) }
}

/// A file of ``ModelledDisk``; written at its end, or once at its beginning.
final class ModelledFile: DiskFile {
  private let file: any DiskFile
  private let path: String
  private let model: PowerModel
  private let start: Int?

  init(_ file: any DiskFile, _ path: String, _ model: PowerModel, from start: Int? = nil) {
    (self.file, self.path, self.model, self.start) = (file, path, model, start)
  }

  func write(_ bytes: [UInt8]) throws(DiskError) {
    model.write(path, at: start, bytes)
    try file.write(bytes)
  }
  func read(upTo count: Int) throws(DiskError) -> [UInt8] { try file.read(upTo: count) }
  func sync() throws(DiskError) { model.sync(path, withName: false) }
}
