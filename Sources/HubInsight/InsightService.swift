public import HubBus
public import HubKit
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// When indicators are sent.
public struct InsightSettings: Sendable, Hashable {
  /// How often, whether or not they have changed.
  public var every: Duration
  /// How often at most.
  public var minInterval: Duration
  /// How often the journal is asked for news.
  public var pollEvery: Duration
  /// Most records read at a time.
  public var pageSize: Int
  /// The organisation in whose name they are sent.
  public var organisation: OrganisationCode?

  /// Creates settings.
  public init(
    every: Duration, minInterval: Duration, pollEvery: Duration = .seconds(1), pageSize: Int = 1000,
    organisation: OrganisationCode? = nil
  ) {
    self.every = every
    self.minInterval = minInterval
    self.pollEvery = pollEvery
    self.pageSize = pageSize
    self.organisation = organisation
  }
}

/// Follows the journal, keeps the figures, and sends them through the bus: on a schedule, and earlier when something
/// has happened. Counts documents that are overdue, whether or not figures are wanted.
///
/// All is made anew from the journal at every start, page by page beside the work of the bus; nothing is sent or told
/// before it has caught up. Where no figures are wanted it reads documents and their statuses only, and no further back
/// than they are watched.
public final class InsightService: Service, CustomStringConvertible {
  private let feed: EventFeed
  private let gateway: any Gateway
  private let settings: InsightSettings?
  private let pollEvery: Duration
  private let pageSize: Int
  private let watch: @Sendable () -> DocumentWatch
  private let clock: any HubClock
  private let logger: Logger
  private let overdue = Mutex<Int?>(nil)

  /// Sets the service up; nothing is read before ``run()``.
  ///
  /// - Parameters:
  ///   - feed: tells of everything; where no indicators are sent documents and statuses will do.
  ///   - settings: when indicators are sent; nil: none are.
  ///   - watch: says when a document is overdue; for how long it is watched must not change.
  public init(
    feed: EventFeed, gateway: any Gateway, settings: InsightSettings?,
    watch: @escaping @Sendable () -> DocumentWatch = { DocumentWatch() }, clock: any HubClock, logger: Logger
  ) {
    self.feed = feed
    self.gateway = gateway
    self.settings = settings
    pollEvery = settings?.pollEvery ?? .seconds(1)
    pageSize = settings?.pageSize ?? 1000
    self.watch = watch
    self.clock = clock
    self.logger = logger
  }

  /// At how many receivers documents are overdue, as of the last look at the journal; nil before it has caught up.
  public var overdueDocuments: Int? { overdue.withLock { $0 } }

  /// What it is, for the log of services.
  public var description: String { "insight" }

  /// Works until the service group asks it to stop. A journal that cannot be read is asked again, as often as for news.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      var work = Work(settings: self.settings, watchFor: self.watch().watchFor)
      await self.catchUp(&work)
      while !Task.isCancelled {
        if await self.readOn(&work) { self.countOverdue(&work) }
        await self.pushIfDue(&work)
        guard (try? await self.clock.sleep(until: self.clock.now + self.pollEvery)) != nil else { return }
      }
    }
  }

  // MARK: - Reading

  private func catchUp(_ work: inout Work) async {
    let started = clock.now
    while true {
      if await begin(&work), await readOn(&work) { break }
      guard (try? await clock.sleep(until: clock.now + pollEvery)) != nil else { return }
    }
    logger.notice(
      "indicators have caught up with the journal",
      metadata: [
        "records": "\(work.through - work.begin)", "milliseconds": "\(Int((clock.now - started).milliseconds))",
      ])
  }

  /// Figures begin with the journal, documents with the oldest that is still watched.
  ///
  /// - Returns: false when the journal could not be read.
  private func begin(_ work: inout Work) async -> Bool {
    guard settings == nil, work.through == 0 else { return true }
    do {
      work.begin = try await feed.place(before: clock.now - watch().watchFor)
      work.through = work.begin
      return true
    } catch {
      logger.error("the journal could not be read for documents", metadata: ["reason": "\(error)"])
      return false
    }
  }

  /// Reads to the end of the journal as it is now.
  ///
  /// - Returns: false when it could not be read.
  private func readOn(_ work: inout Work) async -> Bool {
    do {
      while !Task.isCancelled {
        let page = try await feed.page(after: work.through, limit: pageSize)
        for event in page.events {
          if settings != nil { work.projection.apply(event) }
          work.documents.apply(event)
        }
        work.through = page.through
        if page.isLast { return true }
      }
    } catch {
      logger.error("the journal could not be read for indicators", metadata: ["reason": "\(error)"])
    }
    return false
  }

  /// Says once that there are more than before; the status page and `lgsp document --overdue` say which.
  private func countOverdue(_ work: inout Work) {
    let watch = watch()
    let count = work.documents.overdueCount(at: clock.now, by: watch)
    if count > overdue.withLock({ $0 }) ?? 0 {
      logger.notice(
        "documents are overdue / có văn bản quá hạn báo đến (lgsp document --overdue)",
        metadata: ["count": "\(count)", "within": "\(watch.arrivalWithin)"])
    }
    overdue.withLock { $0 = count }
  }

  // MARK: - Sending

  private func pushIfDue(_ work: inout Work) async {
    let now = clock.now
    guard let settings, var schedule = work.schedule, schedule.isDue(at: now, news: work.projection.newsSequence)
    else { return }
    defer { work.schedule = schedule }
    do {
      let message = try message(work.projection.indicators(at: schedule.instant(at: now)), settings)
      _ = try await gateway.accept([message], advancing: nil)
      schedule.sent(at: now, news: work.projection.newsSequence)
      work.lastRefusal = nil
    } catch let refusal as NotAccepted {
      schedule.refused(at: now, retryAfter: refusal.retryAfter)
      if work.lastRefusal != refusal.code {
        logger.warning("indicators were not accepted", metadata: ["reason": "\(refusal.reason)"])
      }
      work.lastRefusal = refusal.code
    } catch {
      schedule.refused(at: now, retryAfter: nil)
      logger.error("indicators could not be written", metadata: ["reason": "\(error)"])
    }
  }

  private func message(_ indicators: Indicators, _ settings: InsightSettings) throws -> Message {
    var envelope = Envelope(
      id: indicators.snapshotId, source: "/hub/insight", type: EventTypes.indicators, subject: indicators.snapshotId,
      time: indicators.takenAt, dataContentType: "application/json", dataSchema: "urn:haiphong:ioc-indicators:1")
    envelope.sender = settings.organisation
    let bytes = try indicators.json()
    guard bytes.count > Body.inlineBytesMax else {
      return Message(envelope: envelope, body: .inline(bytes), principal: IndicatorProjection.speaker)
    }
    let writer = try gateway.bodies.writer(mediaType: "application/json", limit: bytes.count)
    do {
      try writer.write(bytes)
      return Message(envelope: envelope, body: try writer.finish(), principal: IndicatorProjection.speaker)
    } catch {
      writer.discard()
      throw error
    }
  }

  /// What the service keeps between two looks at the journal.
  private struct Work {
    /// Place where reading began, and the one up to which it has come.
    var begin: Int64 = 0
    var through: Int64 = 0
    var projection = IndicatorProjection()
    var documents: DocumentWaits
    var schedule: PushSchedule?
    var lastRefusal: NotAccepted.Code?

    init(settings: InsightSettings?, watchFor: Duration) {
      schedule = settings.map { PushSchedule(every: $0.every, minInterval: $0.minInterval) }
      documents = DocumentWaits(watchFor: watchFor)
    }
  }
}
