internal import Crypto
internal import HubKit
internal import Synchronization

/// Reads a body file chunk by chunk. Each chunk is authenticated before its bytes are handed out; at the end the
/// digest of the whole must be the reference's.
final class BodyFileReader: BodyReader {
  private struct State {
    var digest: HMAC<SHA256>
    var chunk: ArraySlice<UInt8> = []
    var number: Int64 = 0
    var opened = 0
    var isAtEnd = false
  }

  private let reference: BodyReference
  private let file: any DiskFile
  private let form: BodyFile
  private let state: Mutex<State>

  /// Opens the file.
  ///
  /// - Parameter key: finds a data key by its number; throws ``BodyError/gone`` when it was dropped.
  init(
    _ reference: BodyReference, paths: JournalPaths, disk: any Disk, keys: JournalKeys,
    key: (Int64) throws(BodyError) -> DataKey
  ) throws(BodyError) {
    guard Self.isName(reference.id) else { throw .damaged("no name of a body: \(reference.id.prefix(80))") }
    do { file = try disk.open("\(paths.bodies)/\(reference.id)") } catch { throw error.bodyError }
    guard let form = try BodyFile.open(file, id: reference.id, dataKey: key) else {
      throw .damaged("body \(reference.id) does not begin as a body file")
    }
    self.form = form
    self.reference = reference
    state = Mutex(State(digest: keys.beginDigest()))
  }

  /// Opens a file that nobody has accepted yet; nil: it arrives no more.
  init?(arriving reference: BodyReference, _ arriving: ArrivingBodies, disk: any Disk, keys: JournalKeys) {
    guard let key = arriving.key(of: reference.id), let file = try? disk.open(arriving.path(of: reference.id)),
      (try? file.read(upTo: BodyFile.headerByteCount))?.count == BodyFile.headerByteCount
    else { return nil }
    self.file = file
    form = BodyFile(key: key)
    self.reference = reference
    state = Mutex(State(digest: keys.beginDigest()))
  }

  /// `<day>/<32 hex digits>`, so that no reference leads out of the directory.
  static func isName(_ id: String) -> Bool {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    return parts[0].utf8.count == 10 && parts[0].utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) }
      && parts[1].utf8.count == 32 && [UInt8](hex: parts[1]) != nil
  }

  func read(upTo count: Int) throws(BodyError) -> [UInt8] {
    try state.withLock { (state) throws(BodyError) in
      if state.chunk.isEmpty, !state.isAtEnd { try next(&state) }
      let part = Array(state.chunk.prefix(max(count, 0)))
      state.chunk = state.chunk.dropFirst(part.count)
      return part
    }
  }

  private func next(_ state: inout State) throws(BodyError) {
    let left = reference.byteCount - state.opened
    let isLast = left <= BodyFile.chunkByteCount
    let sealed: [UInt8]
    do {
      sealed = try file.read(upTo: min(left, BodyFile.chunkByteCount) + BodyFile.tagByteCount)
    } catch {
      throw error.bodyError
    }
    guard let plain = form.open(sealed, number: state.number, total: isLast ? reference.byteCount : nil) else {
      throw .damaged("body \(reference.id), chunk \(state.number): not what was written")
    }
    state.digest.update(data: plain)
    state.number += 1
    state.opened += plain.count
    state.chunk = plain[...]
    guard isLast else { return }
    state.isAtEnd = true
    guard Array(state.digest.finalize()).hex == reference.digest else {
      throw .damaged("body \(reference.id): its digest is another")
    }
  }
}
