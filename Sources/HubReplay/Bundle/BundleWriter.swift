internal import Crypto
internal import Foundation
public import HubKit
public import HubTransform

/// Writes a bundle: a folder beside its place first, which takes its name once it is whole.
public final class BundleWriter {
  private let folder, draft: String
  private var manifest: BundleManifest
  private var exchanges: HashedFile
  private var archive: HashedFile
  private var configurations = Set<String>()
  private var isFirstEntry = true

  private static let examplesMax = 100

  /// Begins a bundle.
  ///
  /// - Parameters:
  ///   - folder: where it will lie; nothing may be there.
  ///   - manifest: what is known of it beforehand.
  /// - Throws: ``BundleError`` when something is there, or nothing can be written.
  public init(_ folder: String, manifest: BundleManifest) throws(BundleError) {
    guard !FileManager.default.fileExists(atPath: folder) else {
      throw BundleError("\(folder): đã có / is there already. Hãy chọn tên khác / choose another name.")
    }
    self.folder = folder
    draft = "\(folder).partial-\(UInt32.random(in: 0 ... .max))"
    self.manifest = manifest
    do {
      try FileManager.default.createDirectory(
        atPath: "\(draft)/bodies", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw BundleError("\(folder): không tạo được / cannot be made: \(error.localizedDescription)")
    }
    exchanges = try HashedFile("\(draft)/\(BundleReader.exchangesFile)")
    archive = try HashedFile("\(draft)/\(BundleReader.archiveFile)")
    try archive.write(HTTPArchive.beginning)
  }

  /// Adds an exchange.
  public func add(_ recording: Recording) throws(BundleError) {
    let exchange = recording.exchange
    for content in exchange.contents where content.bytes > 0 {
      guard let bytes = recording.contents[content] else {
        throw BundleError("\(exchange.id): thiếu nội dung / the bytes of \(content.digest) are missing.")
      }
      try write(bytes, as: content.digest)
    }
    try exchanges.write(try Self.json(exchange) + [UInt8(ascii: "\n")])
    for entry in HTTPArchive.entries(of: recording) {
      try archive.write(Array((isFirstEntry ? "" : ",\n").utf8) + (try Self.json(entry)))
      isFirstEntry = false
    }
    manifest.exchanges += 1
    if !exchange.oddities.isEmpty { manifest.odd += 1 }
    configurations.insert(exchange.configuration)
  }

  /// Notes an exchange that cannot be recorded.
  public func leaveOut(_ id: ExchangeID, _ reason: Recorder.Unrecordable) {
    manifest.leftOut[reason.kind.rawValue, default: 0] += 1
    guard manifest.leftOutExamples.count < Self.examplesMax else { return }
    manifest.leftOutExamples.append(
      BundleManifest.LeftOut(exchange: id, kind: reason.kind, reason: reason.description))
  }

  /// Ends the bundle and gives it its name.
  ///
  /// - Parameter notes: the pseudonyms in it; nil: it is not masked.
  /// - Returns: what the bundle says of itself.
  public func finish(_ notes: PseudonymNotes? = nil) throws(BundleError) -> BundleManifest {
    try archive.write(HTTPArchive.end)
    manifest.files = [
      BundleReader.exchangesFile: try exchanges.close(), BundleReader.archiveFile: try archive.close(),
    ]
    if let notes {
      var file = try HashedFile("\(draft)/\(BundleReader.pseudonymsFile)")
      try file.write(notes.lines)
      manifest.files[BundleReader.pseudonymsFile] = try file.close()
    }
    manifest.configurations = configurations.sorted()
    var file = try HashedFile("\(draft)/manifest.json")
    try file.write(try Self.json(manifest, pretty: true))
    _ = try file.close()
    guard rename(draft, folder) == 0 else {
      throw BundleError("\(folder): không đặt tên được / cannot be named: \(String(cString: strerror(errno)))")
    }
    return manifest
  }

  /// Removes what was written of a bundle that is not ended.
  public func discard() { try? FileManager.default.removeItem(atPath: draft) }

  private func write(_ bytes: [UInt8], as digest: String) throws(BundleError) {
    let path = "\(draft)/\(BundleReader.path(of: digest))"
    guard !FileManager.default.fileExists(atPath: path) else { return }
    let parent = "\(draft)/bodies/\(digest.prefix(2))"
    if !FileManager.default.fileExists(atPath: parent) {
      try? FileManager.default.createDirectory(
        atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    var file = try HashedFile(path)
    try file.write(bytes)
    _ = try file.close()
  }

  private static func json(_ value: some Encodable, pretty: Bool = false) throws(BundleError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do { return Array(try encoder.encode(value)) } catch { throw BundleError("JSON: \(error)") }
  }
}

/// A file that only its owner may read, with the digest of what was written.
private struct HashedFile {
  private let handle: FileHandle
  private let path: String
  private var hash = SHA256()
  private var count = 0

  init(_ path: String) throws(BundleError) {
    self.path = path
    guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw BundleError("\(path): không ghi được / cannot be written.") }
    self.handle = handle
  }

  mutating func write(_ bytes: [UInt8]) throws(BundleError) {
    do { try handle.write(contentsOf: Data(bytes)) } catch {
      throw BundleError("\(path): không ghi được / cannot be written: \(error.localizedDescription)")
    }
    hash.update(data: bytes)
    count += bytes.count
  }

  func close() throws(BundleError) -> BundleManifest.File {
    do { try handle.close() } catch {
      throw BundleError("\(path): không ghi được / cannot be written: \(error.localizedDescription)")
    }
    return BundleManifest.File(sha256: hash.finalize().hex, bytes: count)
  }
}
