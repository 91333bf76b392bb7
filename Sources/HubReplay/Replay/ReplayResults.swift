internal import HubBus
public import HubJournal
internal import HubKit

/// Writes what a replay makes of exchanges into a journal of its own, which the same tools read. Memory does not grow
/// with their number: some hundred go into one commit.
public actor ReplayResults {
  private struct Row {
    var received: [NewExchange]
    var records: [ExchangeRecord]
  }

  private let journal: Journal
  private let configuration: String
  private let origin: String
  private var waiting: [Row] = []
  /// How many exchanges are written.
  public private(set) var written = 0
  /// How many have no room: the same message id stands for something else in the results already.
  public private(set) var left = 0

  private static let batchMax = 256
  /// Most places that are named for one exchange.
  private static let placesMax = 20
  /// Business key under which exchanges are found by what came of them: `same` or `different`.
  public static let key = "replay"

  /// Takes a journal in which nothing is yet.
  ///
  /// - Parameters:
  ///   - journal: opened for writing; it stays the caller's, who closes it.
  ///   - source: what is played, in words.
  ///   - configuration: digest of the configuration that is tried.
  ///   - files: all of it, as ``HubJournal/Journal/pin(configuration:files:)`` takes it.
  /// - Throws: `JournalError` when nothing can be written.
  public init(_ journal: Journal, source: String, configuration: String, files: [UInt8]) async throws {
    try await journal.pin(configuration: configuration, files: files)
    self.journal = journal
    self.configuration = configuration
    origin =
      "phát lại / replay: \(source) trên cấu hình / on configuration \(configuration.prefix(12)); "
      + "không gửi gì từ đây / this is no record of the hub"
  }

  /// Adds an exchange.
  ///
  /// - Parameter differences: what is not as it was recorded.
  func add(_ recording: Recording, _ log: RehearsalLog, _ differences: Differences) async throws {
    guard let message = recording.message else { return }
    let exchange = recording.exchange
    let received = NewExchange(
      id: exchange.id, message: message, receivedAt: exchange.receivedAt, fingerprint: nil,
      configuration: configuration,
      businessKeys: [BusinessKey(name: Self.key, value: differences.isEmpty ? "same" : "different")],
      note: RehearsalLog.note([origin] + Self.places(differences)))
    var rows = log.rows(of: received)
    for place in rows.received.indices { rows.received[place].message.body = try stored(rows.received[place].message) }
    waiting.append(Row(received: rows.received, records: rows.records))
    if waiting.count >= Self.batchMax { try await flush() }
  }

  /// Writes what still waits.
  ///
  /// - Throws: `JournalError` when the disk takes nothing.
  public func finish() async throws { try await flush() }

  /// Where an exchange differs, in words and without what stands there.
  private static func places(_ differences: Differences) -> [String] {
    let all = differences.all.map { "khác / differs: \(ReplayText.words($0.difference))" }
    return all.count > placesMax ? all.prefix(placesMax) + ["… +\(all.count - placesMax)"] : all
  }

  /// The body as the journal keeps one of its length.
  private func stored(_ message: Message) throws -> Body {
    guard case .inline(let bytes) = message.body else { return message.body }
    let writer = try journal.writer(
      mediaType: message.envelope.dataContentType ?? "application/octet-stream", limit: bytes.count)
    try writer.write(bytes)
    return try writer.finish()
  }

  private func flush() async throws {
    let rows = waiting
    waiting = []
    guard !rows.isEmpty else { return }
    // Where one conflicts nothing is written, so each is tried by itself.
    if try await !write(rows) { for row in rows where try await !write([row]) { left += 1 } }
  }

  /// - Returns: false when an id was used before, and nothing was written.
  private func write(_ rows: [Row]) async throws -> Bool {
    let accepted = try await journal.accept(rows.flatMap(\.received), advancing: nil)
    let new = Set(zip(rows.flatMap(\.received), accepted).compactMap { $1.isNew ? $0.id : nil })
    guard !new.isEmpty else { return false }
    try await journal.record(rows.flatMap(\.records).filter { new.contains($0.exchange) })
    written += rows.count { row in row.received.first.map { new.contains($0.id) } ?? false }
    left += rows.count { row in row.received.first.map { !new.contains($0.id) } ?? false }
    return true
  }
}

extension Acceptance {
  fileprivate var isNew: Bool { if case .new = self { true } else { false } }
}
