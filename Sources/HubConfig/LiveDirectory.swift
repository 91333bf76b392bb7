public import HubKit
internal import HubRouting
internal import Synchronization

/// Agencies, credentials and rights as `agencies.yaml` and `access.yaml` say at this moment.
///
/// A question looks at both files' inode, size and time of change (two calls of `stat`) and reads them again when one
/// has changed. A message asks several questions and a hub takes thousands of messages a second, so that what is
/// allowed is answered without looking for ``lookEvery``: a revoked credential opens nothing after that time. What is
/// refused or unknown is never answered without looking: what was added counts from the next question on.
/// A new file that is wrong is not taken: the last good one stays in force, and the complaints are handed on.
public final class LiveDirectory: AgencyDirectory, Sendable {
  /// One reference, so that handing a book out is cheap.
  private final class Edition: Sendable {
    let book: AgencyBook

    init(_ book: AgencyBook) { self.book = book }
  }

  private struct State {
    var edition: Edition
    var complaints: [Complaint]
    var seen: [String: Seen]
    /// When the files were looked at last, in the clock's elapsed time.
    var lookedAt: Duration
  }

  /// A file as it was when it was read.
  private struct Seen: Hashable {
    var facts: FileFacts?
    /// True when the file was so young that a further change might leave the same facts behind.
    var mayChangeUnseen: Bool
  }

  private static let paths = ["agencies.yaml", "access.yaml"]
  /// Longer than the steps in which file systems count time (4 ms on ext4 with 250 ticks a second).
  private static let tick = Duration.milliseconds(50)

  /// How long a yes is given without another look.
  public static let lookEvery = Duration.milliseconds(2)

  private let folder: String
  private let clock: any HubClock
  private let onChange: @Sendable ([Complaint]) -> Void
  private let state: Mutex<State>

  /// Reads the two files of a configuration folder for the first time.
  ///
  /// - Parameters:
  ///   - folder: the configuration folder.
  ///   - clock: tells how old a file is.
  ///   - onChange: called after the files have changed and were read again, by the thread that asked: with no
  ///     complaints when the new ones are in force, with complaints when the old ones stay. It must not ask back.
  /// - Throws: ``ConfigurationError`` when one of the files is missing or wrong.
  public init(
    folder: String, clock: any HubClock = SystemClock(),
    onChange: @escaping @Sendable ([Complaint]) -> Void = { _ in }
  ) throws(ConfigurationError) {
    self.folder = folder
    self.clock = clock
    self.onChange = onChange
    let first = Self.read(folder, now: clock.now)
    guard let book = first.book else { throw ConfigurationError(first.complaints) }
    state = Mutex(State(edition: Edition(book), complaints: [], seen: first.seen, lookedAt: clock.elapsed))
  }

  /// What is in force now.
  public var book: AgencyBook { fresh().edition.book }

  /// Why the newest files are not in force; empty when they are.
  public var complaints: [Complaint] { fresh().complaints }

  /// The agencies, in the order of the file.
  public var agencies: [Agency] { book.agencies }

  /// The agency with that code or alias.
  public func agency(_ code: OrganisationCode) -> Agency? { recent.book.agency(code) ?? book.agency(code) }

  /// The credential with that id, valid or not: ask ``StoredCredential/admits(_:at:)``.
  public func credential(_ id: String) -> StoredCredential? { recent.book.credential(id) ?? book.credential(id) }

  /// Whether a principal may send messages of a type to all of `receivers`.
  public func refusal(
    of principal: Principal, sending type: String, from sender: OrganisationCode?, to receivers: [OrganisationCode]
  ) -> String? {
    guard recent.book.refusal(of: principal, sending: type, from: sender, to: receivers) != nil else { return nil }
    return book.refusal(of: principal, sending: type, from: sender, to: receivers)
  }

  /// Whether a principal may call a service.
  public func refusal(of principal: Principal, calling service: String) -> String? {
    guard recent.book.refusal(of: principal, calling: service) != nil else { return nil }
    return book.refusal(of: principal, calling: service)
  }

  /// Whether an agency's operators may see where every exchange stands.
  public func mayObserve(_ code: OrganisationCode) -> Bool { recent.book.mayObserve(code) || book.mayObserve(code) }

  // MARK: - Following changes

  /// What was in force at most ``lookEvery`` ago.
  private var recent: Edition {
    let elapsed = clock.elapsed
    let known = state.withLock { elapsed - $0.lookedAt < Self.lookEvery ? $0.edition : nil }
    return known ?? fresh().edition
  }

  private func fresh() -> (edition: Edition, complaints: [Complaint]) {
    let elapsed = clock.elapsed
    let (edition, complaints, changed) = state.withLock { state -> (Edition, [Complaint], Bool) in
      state.lookedAt = elapsed
      guard hasChanged(state.seen) else { return (state.edition, state.complaints, false) }
      let before = (state.seen.mapValues(\.facts), state.complaints)
      let new = Self.read(folder, now: clock.now)
      state.seen = new.seen
      state.complaints = new.book == nil ? new.complaints : []
      if let book = new.book { state.edition = Edition(book) }
      let changed = before.0 != new.seen.mapValues(\.facts) || before.1 != state.complaints
      return (state.edition, state.complaints, changed)
    }
    // Outside the lock: what is called may take its time.
    if changed { onChange(complaints) }
    return (edition, complaints)
  }

  private func hasChanged(_ seen: [String: Seen]) -> Bool {
    Self.paths.contains { path in
      guard let known = seen[path], !known.mayChangeUnseen else { return true }
      return FileFacts(path: "\(folder)/\(path)") != known.facts
    }
  }

  private static func read(
    _ folder: String, now: Timestamp
  ) -> (book: AgencyBook?, complaints: [Complaint], seen: [String: Seen]) {
    var reader = AgencyReader()
    var contents: [String: [UInt8]] = [:]
    var seen: [String: Seen] = [:]
    for path in paths {
      do {
        let (bytes, facts) = try readFile("\(folder)/\(path)", limit: ConfigFiles.fileBytesMax)
        contents[path] = bytes
        seen[path] = Seen(facts: facts, mayChangeUnseen: (.zero - tick...tick).contains(now - facts.modified))
      } catch {
        seen[path] = Seen(facts: FileFacts(path: "\(folder)/\(path)"), mayChangeUnseen: false)
        reader.complaints.error(error.phrase(for: path), at: SourcePlace(file: path))
      }
    }
    guard let agencies = contents["agencies.yaml"], let access = contents["access.yaml"] else {
      return (nil, reader.complaints.list.sorted(), seen)
    }
    let loaded = reader.read(agencies: agencies, access: access)
    return (loaded?.book, reader.complaints.list.sorted(), seen)
  }
}

extension FileFacts {
  /// When the bytes changed last, by the file system's clock.
  var modified: Timestamp {
    Timestamp(microseconds: Int64(modifiedSeconds) * 1_000_000 + Int64(modifiedNanoseconds) / 1000)
  }
}

extension FileError {
  func phrase(for path: String) -> Phrase {
    switch self {
    case .tooLarge: .fileTooLarge(path)
    case .system(let cause): .unreadable(path, cause)
    }
  }
}
