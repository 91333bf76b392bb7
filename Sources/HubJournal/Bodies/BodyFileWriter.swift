internal import Crypto
internal import HubKit
internal import Synchronization

/// Takes a body: few bytes stay in memory, more go to a file, chunk by chunk, under a key that is in memory only until
/// the body is accepted (``BodySettling``).
final class BodyFileWriter: BodyWriter {
  /// What writers of one journal share.
  struct Place: Sendable {
    let paths: JournalPaths
    let disk: any Disk
    let keys: JournalKeys
    let ring: KeyRing
    let arriving: ArrivingBodies
  }

  private struct Open {
    let id: String
    let key: SymmetricKey
    let file: any DiskFile
    let form: BodyFile
    var chunks: Int64 = 0
  }

  private struct State {
    var pending: [UInt8] = []
    var total = 0
    var digest: HMAC<SHA256>
    var open: Open?
    var finished: Body?
    var isDiscarded = false
  }

  private let place: Place
  private let mediaType: String
  private let limit: Int
  private let day: String
  private let state: Mutex<State>

  init(place: Place, mediaType: String, limit: Int, day: String) {
    self.place = place
    self.mediaType = mediaType
    self.limit = limit
    self.day = day
    state = Mutex(State(digest: place.keys.beginDigest()))
  }

  deinit {
    let open = state.withLock { $0.finished == nil ? $0.open : nil }
    if let open { place.arriving.discard(open.id) }
  }

  func write(_ bytes: [UInt8]) throws(BodyError) {
    try state.withLock { (state) throws(BodyError) in
      guard state.finished == nil, !state.isDiscarded else { throw .io("the body has ended") }
      guard bytes.count <= limit - state.total else { throw .tooLarge(limit: limit) }
      state.total += bytes.count
      state.digest.update(data: bytes)
      state.pending.append(contentsOf: bytes)
      guard state.open != nil || state.total > Body.inlineBytesMax else { return }
      try spill(&state)
    }
  }

  /// Writes whole chunks; the last one waits, since only the end knows that it is the last.
  private func spill(_ state: inout State) throws(BodyError) {
    var open: Open
    if let begun = state.open { open = begun } else { open = try begin() }
    // Also when a write fails: the file must be found to be removed.
    defer { state.open = open }
    var start = 0
    while state.pending.count - start > BodyFile.chunkByteCount {
      let end = start + BodyFile.chunkByteCount
      try put(Array(state.pending[start..<end]), total: nil, &open)
      start = end
    }
    state.pending.removeFirst(start)
  }

  private func begin() throws(BodyError) -> Open {
    let name = (0..<16).map { _ in UInt8.random(in: .min ... .max) }.hex
    let id = "\(day)/\(name)"
    do throws(DiskError) {
      let file = try place.disk.create(place.arriving.path(of: id))
      do throws(DiskError) {
        try file.write(BodyFile.arrivingHeader)
      } catch {
        place.arriving.discard(id)
        throw error
      }
      let key = SymmetricKey(size: .bits256)
      return Open(id: id, key: key, file: file, form: BodyFile(key: key))
    } catch {
      throw error.bodyError
    }
  }

  private func put(_ plain: [UInt8], total: Int?, _ open: inout Open) throws(BodyError) {
    guard let sealed = try? open.form.seal(plain, number: open.chunks, total: total) else { throw .io("AES-GCM") }
    do { try open.file.write(sealed) } catch { throw error.bodyError }
    open.chunks += 1
  }

  func finish() throws(BodyError) -> Body {
    try state.withLock { (state) throws(BodyError) in
      if let finished = state.finished { return finished }
      guard !state.isDiscarded else { throw .gone }
      let body = try end(&state)
      state.finished = body
      state.pending = []
      return body
    }
  }

  private func end(_ state: inout State) throws(BodyError) -> Body {
    guard var open = state.open else { return .inline(state.pending) }
    try put(state.pending, total: state.total, &open)
    // Not synced: whoever accepts it does that, and what is refused needs none.
    place.arriving.add(open.id, open.key)
    let digest = Array(state.digest.finalize()).hex
    return .stored(BodyReference(id: open.id, digest: digest, mediaType: mediaType, byteCount: state.total))
  }

  func discard() {
    let id = state.withLock { state in
      state.isDiscarded = true
      state.pending = []
      defer { state.open = nil }
      return state.open?.id
    }
    guard let id else { return }
    place.arriving.discard(id)
    try? place.disk.remove("\(place.paths.bodies)/\(id)")
  }
}
