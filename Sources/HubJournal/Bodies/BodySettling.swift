internal import HubKit

/// Makes arriving bodies lasting ones: writes each file's key into its header, under the data key of its day, syncs the
/// file and gives it its name. A commit may name them afterwards. Until the name is there, the file counts as one that
/// never was, so a torn header is no harm.
struct BodySettling: Sendable {
  let place: BodyFileWriter.Place

  /// Settles bodies; what has settled already, or lies nowhere, is passed over. Blocks on the disk.
  func settle(_ ids: [String]) throws(DiskError) {
    var days: Set<Substring> = []
    for id in ids {
      guard let key = place.arriving.key(of: id), let day = id.split(separator: "/").first else { continue }
      let header = BodyFile.header(holding: key, under: place.ring.key(for: String(day), .bodies), of: id)
      guard let header else { throw .failed("AES-GCM") }
      try place.disk.makeDirectory("\(place.paths.bodies)/\(day)")
      let path = place.arriving.path(of: id)
      let file = try place.disk.revise(path)
      try file.write(header)
      try file.sync()
      try place.disk.rename(path, to: "\(place.paths.bodies)/\(id)")
      place.arriving.forget(id)
      days.insert(day)
    }
    guard !days.isEmpty else { return }
    for day in days { try place.disk.syncDirectory("\(place.paths.bodies)/\(day)") }
    try place.disk.syncDirectory(place.paths.bodies)
    try place.disk.syncDirectory(place.arriving.folder)
  }
}

/// Threads on which bodies settle. Those that wait at the same time share the syncs of their folders.
final class SettlingThreads: Sendable {
  private struct Job: Sendable {
    let ids: [String]
    let done: @Sendable (DiskError?) -> Void
  }

  private static let count = 3

  private let queue = WorkQueue<Job>()
  private let settling: BodySettling

  init(_ settling: BodySettling) throws(JournalError) {
    self.settling = settling
    for _ in 0..<Self.count {
      let queue = queue
      try SystemThread.start {
        while let jobs = queue.take(while: { _ in true }) { Self.settle(jobs, settling) }
      }
    }
  }

  func close() { queue.close() }

  /// Returns once the bodies would outlive a crash.
  func settle(_ ids: [String]) async throws(JournalError) {
    let failure: DiskError? = await withCheckedContinuation { continuation in
      let isTaken = queue.push(Job(ids: ids) { continuation.resume(returning: $0) })
      if !isTaken { continuation.resume(returning: .failed("sổ nhật ký đã đóng / the journal was closed")) }
    }
    if let failure { throw failure.journalError }
  }

  private static func settle(_ jobs: [Job], _ settling: BodySettling) {
    guard !jobs.isEmpty else { return }
    var failure: DiskError?
    do throws(DiskError) { try settling.settle(jobs.flatMap(\.ids)) } catch { failure = error }
    // What failed for one may do for the others.
    for job in jobs {
      var own = failure
      if failure != nil, jobs.count > 1 {
        own = nil
        do throws(DiskError) { try settling.settle(job.ids) } catch { own = error }
      }
      job.done(own)
    }
  }
}
