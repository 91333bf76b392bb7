internal import FoundationEssentials
internal import Glibc
internal import HubConfig
internal import HubKit
internal import HubRouting
internal import HubTransform
internal import JSONWire
internal import Logging
internal import Synchronization

/// Looks into a far system's folder and brings whole files in. What happened to a file is known by its name, time and
/// size together: the same file is the same message however often it is read.
final class FilesSourceReading: PollingSource {
  /// A file as it was last seen, while nobody can say yet that it is whole.
  private struct Seen {
    var facts: FileFacts
    var since: Timestamp
  }

  let name: String
  private let source: FilesSource
  private let far: FarFolder
  private let evaluation: ManifestEvaluation
  /// What is known of files by name; forgotten with this process, and then found out again.
  private let seen = Mutex<[String: Seen]>([:])
  /// Files that stay although the hub has no use for them, by ``key(_:_:)``: refused, or too large.
  private let left = Mutex<Set<String>>([])

  /// Most files that a cursor remembers where they stay.
  private static let keptMax = 10_000

  init(_ source: FilesSource, far: FarFolder, evaluation: ManifestEvaluation) {
    self.source = source
    self.far = far
    self.evaluation = evaluation
    name = source.name
  }

  func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page {
    let folder = try far.folder(source.folder)
    let listed = try await names(in: folder)
    let known = source.afterwards == .keep ? Self.keys(in: cursor) : []
    var page = Page(items: [], cursor: cursor)
    var present: Set<String> = []
    for name in candidates(among: listed) {
      let path = "\(folder)/\(name)"
      guard let facts = try await far.send(.look, path).file else { continue }
      let key = Self.key(name, facts)
      present.insert(key)
      guard !known.contains(key), !left.withLock({ $0.contains(key) }), isWhole(name, facts) else { continue }
      guard page.items.count < limit else {
        page.hasMore = true
        // Nobody has looked at the rest, so it is not known to be gone.
        return remembering(page, known, known)
      }
      if let item = try await item(name, path, facts, key, bodies) { page.items.append(item) }
    }
    seen.withLock { seen in seen = seen.filter { listed.contains($0.key) } }
    left.withLock { left in left = left.filter { present.contains($0) } }
    return try checked(remembering(page, known, known.intersection(present)))
  }

  /// Does away with what the hub has; what it refused for good goes where such files go.
  func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError) {
    for (index, item) in page.items.enumerated() {
      let (name, key) = Self.parts(of: item.reference)
      switch refusals[index] {
      case nil: try await finish(name)
      case let refusal? where refusal.code.mayPass: continue
      case .some:
        if let refused = source.refused {
          try await removeMarker(of: name)
          try await move(name, to: refused)
        } else {
          _ = left.withLock { $0.insert(key) }
        }
      }
    }
  }

  // MARK: - Which files

  private func names(in folder: String) async throws(AdapterError) -> Set<String> {
    let list = try await far.done(.list, folder)
    // FTP servers end lines with CR LF, and some name the folder with each.
    let lines = list.body.split { $0 == 0x0A || $0 == 0x0D }
    return Set(
      lines.compactMap { line in
        let text = String(decoding: line, as: UTF8.self)
        let name = text.hasPrefix(folder + "/") ? String(text.dropFirst(folder.count + 1)) : text
        return FarFolder.isName(name) ? name : nil
      })
  }

  /// Those that are meant, in order of name.
  private func candidates(among names: Set<String>) -> [String] {
    names.filter { name in
      guard fnmatch(source.pattern, name, 0) == 0 else { return false }
      guard case .marker(let template) = source.complete else { return true }
      let marker = marker(template, of: name)
      return marker != name && names.contains(marker)
    }.sorted()
  }

  private func marker(_ template: HTTPTemplate, of name: String) -> String {
    template.filled { $0 == "name" ? name : far.site.settings.plain($0) } ?? name
  }

  private func isWhole(_ name: String, _ facts: FileFacts) -> Bool {
    guard case .settled(let duration) = source.complete, duration > .zero else { return true }
    let now = far.context.clock.now
    return seen.withLock { seen in
      if let last = seen[name], last.facts == facts { return now - last.since >= duration }
      seen[name] = Seen(facts: facts, since: now)
      return false
    }
  }

  // MARK: - Items

  /// Nil for a file that cannot be taken now.
  private func item(
    _ name: String, _ path: String, _ facts: FileFacts, _ key: String, _ bodies: any BodyStore
  ) async throws(AdapterError) -> Page.Item? {
    let response: OutboundResponse
    do throws(AdapterError) { response = try await far.send(.read, path) } catch {
      guard error.code == "response-too-large" else { throw error }
      _ = left.withLock { $0.insert(key) }
      far.context.logger.warning(
        "a file is too large to be taken / tệp quá lớn, không nhận", metadata: ["bytes": "\(facts.byteCount)"])
      return nil
    }
    // Gone or changed between the look and the read: the next look tells.
    guard response.status == 200, response.body.count == facts.byteCount else {
      seen.withLock { $0[name] = nil }
      return nil
    }
    let envelope = try await envelope(name, facts, key)
    do throws(BodyError) {
      let body = try await OffPool.dispatch.keep(response.body, mediaType: envelope.dataContentType, in: bodies)
      return Page.Item(reference: "\(name)\n\(key)", envelope: envelope, body: body)
    } catch {
      throw AdapterError(
        .outage(after: nil), code: "body", reason: "The file's bytes cannot be kept.", cause: "\(error)")
    }
  }

  private func envelope(_ name: String, _ facts: FileFacts, _ key: String) async throws(AdapterError) -> Envelope {
    var document: [String: JSONValue] = ["name": .text(name), "bytes": .whole(facts.byteCount)]
    document["modified"] = facts.modified.map { .text($0.description) } ?? .null
    let program = ShapeSource(name: source.event.name, text: source.event.text)
    let result = try await evaluation.run(program, over: JSONValue.object(document).bytes)
    guard case .object(var attributes)? = JSONValue(result) else { throw Self.noEvent(program.name) }
    if attributes["id"] == nil { attributes["id"] = .text(key) }
    guard var envelope = Envelope(.object(attributes), source: "/endpoints/\(far.context.endpoint)") else {
      throw Self.noEvent(program.name)
    }
    envelope.dataContentType = envelope.dataContentType ?? Self.mediaType(of: name)
    return envelope
  }

  private static func noEvent(_ program: String) -> AdapterError {
    AdapterError(
      .outage(after: nil), code: "no-events",
      reason: "\(program) has to give an object with the attributes of an event, `type` among them.")
  }

  private static func mediaType(of name: String) -> String {
    switch name.split(separator: ".").last?.lowercased() {
    case "json": "application/json"
    case "xml", "edxml": "application/xml"
    case "csv": "text/csv"
    case "txt": "text/plain"
    case "pdf": "application/pdf"
    default: "application/octet-stream"
    }
  }

  // MARK: - Afterwards

  /// The marker goes first: one that outlived its file would pass half of the next file of that name for whole.
  private func finish(_ name: String) async throws(AdapterError) {
    if source.afterwards != .keep { try await removeMarker(of: name) }
    switch source.afterwards {
    case .keep: return
    case .move(let folder): try await move(name, to: folder)
    case .remove:
      let path = "\(try far.folder(source.folder))/\(name)"
      try await isGone(path, after: try await far.send(.remove, path))
    }
  }

  /// To another folder, beside a file of the same name under a longer one.
  private func move(_ name: String, to template: HTTPTemplate) async throws(AdapterError) {
    let path = "\(try far.folder(source.folder))/\(name)"
    var target = "\(try far.folder(template))/\(name)"
    if try await far.send(.look, target).file != nil { target += ".\(far.context.clock.now.microseconds)" }
    try await isGone(path, after: try await far.send(.move(to: target), path))
  }

  private func removeMarker(of name: String) async throws(AdapterError) {
    guard case .marker(let template) = source.complete else { return }
    let path = "\(try far.folder(source.folder))/\(marker(template, of: name))"
    try await isGone(path, after: try await far.send(.remove, path))
  }

  /// What is gone already was done before, or by somebody else.
  private func isGone(_ path: String, after response: OutboundResponse) async throws(AdapterError) {
    guard response.status != 200, try await far.send(.look, path).file != nil else { return }
    throw AdapterError(
      .outage(after: nil), code: "files-\(response.status)",
      reason: "The hub has a file and may not move or remove it: the account's rights, or the folder that it goes to.")
  }

  // MARK: - Cursor

  /// Name, time and size: what tells one file from another.
  private static func key(_ name: String, _ facts: FileFacts) -> String {
    "\(name)@\((facts.modified?.microseconds ?? 0) / 1_000_000).\(facts.byteCount)"
  }

  /// A reference is the name and the key.
  static func parts(of reference: String) -> (name: String, key: String) {
    let parts = reference.split(separator: "\n", maxSplits: 1).map(String.init)
    return (parts.first ?? reference, parts.last ?? reference)
  }

  private static func keys(in cursor: String?) -> Set<String> {
    guard let cursor, case .list(let list)? = JSONValue(Array(cursor.utf8)) else { return [] }
    return Set(list.compactMap { if case .text(let text) = $0 { text } else { nil } })
  }

  private func remembering(_ page: Page, _ known: Set<String>, _ still: Set<String>) -> Page {
    guard source.afterwards == .keep else { return page }
    let keys = still.union(page.items.map { Self.parts(of: $0.reference).key })
    guard keys != known else { return page }
    var page = page
    let list = JSONValue.list(keys.sorted().map { .text($0) })
    page.cursor = String(decoding: list.bytes, as: UTF8.self)
    return page
  }

  private func checked(_ page: Page) throws(AdapterError) -> Page {
    guard Self.keys(in: page.cursor).count <= Self.keptMax || source.afterwards != .keep else {
      throw AdapterError(
        .outage(after: nil), code: "too-many-files",
        reason: "More than \(Self.keptMax) files stay in the folder: use `moveTo` or `delete`.")
    }
    return page
  }
}

extension NotAccepted.Code {
  /// Whether the refusal may be gone at the next look.
  fileprivate var mayPass: Bool {
    switch self {
    case .unavailable, .tooMany, .full: true
    default: false
    }
  }
}
