internal import FoundationEssentials
public import HubJournal
internal import HubKit
internal import Logging
internal import Synchronization

// Redelivery in bulk, as persons order it: a job of the hub's own, which outlives whoever ordered it and every restart.

/// Something that a redelivery job could not bring to its receiver.
public struct RedeliveryFailure: Sendable, Hashable {
  /// Its name, as in `<exchange>.1`, or the exchange alone when the message itself was planned again.
  public var id: String
  /// Whether it ended badly once more, or was not put back at all.
  public var end: RedeliveryEnd
  /// Why, in a sentence.
  public var reason: String?
}

extension Bus {
  /// Most jobs that are not over.
  private static let openJobsMax = 16

  /// Has everything that waits for a person and that a filter finds put back to its place, one after the other in the
  /// order of receipt. What begins to wait later is not meant.
  ///
  /// - Parameters:
  ///   - rate: most a second, above 0 and up to 10,000.
  ///   - errorShareMax: stops when this share, above 0 and up to 1, of what ended failed again.
  ///   - countMax: most in all.
  ///   - by: who orders it.
  ///   - reason: why.
  /// - Returns: the job. It is on the disk.
  public func redeliver(
    _ filter: DeadLetterFilter, rate: Double, errorShareMax: Double? = nil, countMax: Int? = nil, by: String,
    reason: String
  ) async throws(OrderRefusal) -> RedeliveryJob {
    try check(filter, rate, errorShareMax, countMax)
    let order = RedeliveryOrder(
      filter: filter.text, by: by, reason: reason, at: clock.now, rate: rate, errorShareMax: errorShareMax,
      countMax: countMax)
    return try await alone("redelivery jobs") { () throws(OrderRefusal) in
      let open = try read { () throws(JournalError) in
        try self.journal.redeliveries(.running).count + self.journal.redeliveries(.paused).count
      }
      guard open < Self.openJobsMax else {
        throw OrderRefusal(
          .senseless, "Đã có \(open) đợt giao lại chưa xong", "\(open) redelivery jobs are not over; stop some of them")
      }
      var number: Int64 = 0
      try await written { () async throws(JournalError) in number = try await self.journal.beginRedelivery(order) }
      state.withLock { startRedelivery(number, &$0) }
      logger.notice("an operator ordered a redelivery", metadata: ["job": "\(number)", "by": "\(by)"])
      return try redelivery(number).job
    }
  }

  /// Lets a job go on, halts it, or stops it.
  public func setRedelivery(
    _ number: Int64, _ wanted: RedeliveryJob.State, by: String, reason: String
  ) async throws(OrderRefusal) -> RedeliveryJob {
    try await alone("redelivery job \(number)") { () throws(OrderRefusal) in
      let job = try found(number)
      guard job.state != .done else {
        throw OrderRefusal(.senseless, "Đợt \(number) đã xong", "job \(number) is done; order another one")
      }
      guard job.state != wanted, wanted != .paused || job.state == .running else {
        throw OrderRefusal(
          .senseless, "Đợt \(number) đang \(job.state.rawValue)", "job \(number) is \(job.state.rawValue) already")
      }
      try await written { () async throws(JournalError) in
        try await self.journal.setRedelivery(number, wanted, by: by, reason: reason)
      }
      state.withLock { state in
        if wanted == .running { startRedelivery(number, &state) } else { state.redeliveries[number]?.finish() }
      }
      logger.notice(
        "an operator set a redelivery job",
        metadata: ["job": "\(number)", "state": "\(wanted.rawValue)", "by": "\(by)"])
      return try found(number)
    }
  }

  /// The last redelivery jobs, newest first.
  public func redeliveries(limit: Int) throws(OrderRefusal) -> [RedeliveryJob] {
    try read { () throws(JournalError) in try journal.redeliveries(limit: limit) }
  }

  /// A job, and the first of those that it could not bring to their receivers.
  public func redelivery(_ number: Int64) throws(OrderRefusal) -> (job: RedeliveryJob, failures: [RedeliveryFailure]) {
    let job = try found(number)
    var failures: [RedeliveryFailure] = []
    for end in [RedeliveryEnd.failed, .refused] {
      let items = try read { () throws(JournalError) in
        try journal.redeliveryItems(of: number, end, limit: Self.failuresMax)
      }
      failures += items.map(failure)
    }
    return (job, failures)
  }

  /// Most of each kind that are told.
  private static let failuresMax = 20

  private func failure(_ item: RedeliveryItem) -> RedeliveryFailure {
    guard let number = item.delivery else {
      let view = item.note == nil ? try? history.exchange(item.exchange) : nil
      return RedeliveryFailure(id: item.exchange.text, end: item.end, reason: item.note ?? view?.reason)
    }
    let id = DeliveryRef(exchange: item.exchange, number: number).id
    let view = item.note == nil ? try? history.exchange(item.exchange) : nil
    let reason = view?.deliveries.first { $0.id == id }?.reason
    return RedeliveryFailure(id: id, end: item.end, reason: item.note ?? reason)
  }

  private func found(_ number: Int64) throws(OrderRefusal) -> RedeliveryJob {
    guard let job = try read({ () throws(JournalError) in try journal.redelivery(number) }) else {
      throw OrderRefusal(
        .unknown, "Không có đợt giao lại \(number)", "no redelivery job \(number) is known; see lgsp redeliver jobs")
    }
    return job
  }

  private func check(
    _ filter: DeadLetterFilter, _ rate: Double, _ errorShareMax: Double?, _ countMax: Int?
  ) throws(OrderRefusal) {
    guard isAccepting else {
      throw OrderRefusal(.unavailable, "Hub chưa sẵn sàng hoặc đang dừng", "the hub is starting or stopping")
    }
    if let name = filter.endpoint, setup.endpoints[name] == nil {
      throw OrderRefusal(
        .unknown, "Không có điểm kết nối \(name)", "no endpoint \(name) is configured; see lgsp endpoint list")
    }
    guard rate > 0, rate <= 10_000 else {
      throw OrderRefusal(.senseless, "Tốc độ phải trên 0 đến 10000", "the rate must be above 0 and at most 10000")
    }
    guard errorShareMax.map({ $0 > 0 && $0 <= 1 }) ?? true, countMax.map({ $0 > 0 }) ?? true else {
      throw OrderRefusal(
        .senseless, "Tỉ lệ lỗi trên 0% đến 100%, số lượng từ 1",
        "the share of errors must be above 0% and at most 100%, the limit at least 1")
    }
  }

  private func read<Value>(_ work: () throws(JournalError) -> Value) throws(OrderRefusal) -> Value {
    do throws(JournalError) { return try work() } catch {
      throw OrderRefusal(.unavailable, "Không đọc được sổ giao dịch", "the journal cannot be read: \(error)")
    }
  }
}

// MARK: - At work

extension Bus {
  /// Sets a job to work, unless it is.
  func startRedelivery(_ number: Int64, _ state: inout State) {
    guard state.isAccepting, state.redeliveries[number] == nil else { return }
    let (end, stop) = AsyncStream.makeStream(of: Never.self)
    state.redeliveries[number] = stop
    jobSink.yield(.redeliver(number, until: end))
  }

  /// Works on a job until it is over or halted, or the hub stops.
  func redeliver(_ number: Int64, until end: AsyncStream<Never>) async {
    await run(until: end) { await Redeliverer(bus: self, number: number).run() }
    state.withLock { $0.redeliveries[number] = nil }
    // It may have been let go again while it was being halted.
    guard !Task.isCancelled, let job = try? journal.redelivery(number), job.state == .running else { return }
    state.withLock { startRedelivery(number, &$0) }
  }
}

extension RedeliveryMark {
  init(_ told: BusCore.Redelivered) {
    let end: RedeliveryEnd =
      switch told.end {
      case .putBack: .putBack
      case .delivered: .delivered
      case .failed: .failed
      }
    self.init(job: told.job, delivery: told.delivery, end: end)
  }
}

extension DeadLetterFilter {
  /// As the journal keeps it.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// What the journal keeps of one; nil: that is none.
  public init?(text: String) {
    guard let filter = try? JSONDecoder().decode(DeadLetterFilter.self, from: Data(text.utf8)) else { return nil }
    self = filter
  }
}
