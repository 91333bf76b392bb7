public import HubBus
public import HubKit
public import Logging
public import ServiceLifecycle

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
/// has happened.
///
/// The figures are made anew from the journal at every start, page by page beside the work of the bus; nothing is sent
/// before they have caught up.
public final class InsightService: Service, CustomStringConvertible {
  private let feed: EventFeed
  private let gateway: any Gateway
  private let settings: InsightSettings
  private let clock: any HubClock
  private let logger: Logger

  /// Sets the service up; nothing is read before ``run()``.
  public init(
    feed: EventFeed, gateway: any Gateway, settings: InsightSettings, clock: any HubClock, logger: Logger
  ) {
    self.feed = feed
    self.gateway = gateway
    self.settings = settings
    self.clock = clock
    self.logger = logger
  }

  /// What it is, for the log of services.
  public var description: String { "insight" }

  /// Works until the service group asks it to stop. A journal that cannot be read is asked again, as often as for news.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      var work = Work(settings: self.settings)
      await self.catchUp(&work)
      while !Task.isCancelled {
        await self.readOn(&work)
        await self.pushIfDue(&work)
        guard (try? await self.clock.sleep(until: self.clock.now + self.settings.pollEvery)) != nil else { return }
      }
    }
  }

  // MARK: - Reading

  private func catchUp(_ work: inout Work) async {
    let started = clock.now
    while await !readOn(&work) {
      guard (try? await clock.sleep(until: clock.now + settings.pollEvery)) != nil else { return }
    }
    logger.notice(
      "indicators have caught up with the journal",
      metadata: [
        "records": "\(work.projection.sequence)", "milliseconds": "\(Int((clock.now - started).milliseconds))",
      ])
  }

  /// Reads to the end of the journal as it is now.
  ///
  /// - Returns: false when it could not be read.
  @discardableResult
  private func readOn(_ work: inout Work) async -> Bool {
    do {
      while !Task.isCancelled {
        let events = try await feed.events(after: work.projection.sequence, limit: settings.pageSize)
        for event in events { work.projection.apply(event) }
        guard events.count == settings.pageSize else { return true }
      }
    } catch {
      logger.error("the journal could not be read for indicators", metadata: ["reason": "\(error)"])
    }
    return false
  }

  // MARK: - Sending

  private func pushIfDue(_ work: inout Work) async {
    let now = clock.now
    guard work.schedule.isDue(at: now, news: work.projection.newsSequence) else { return }
    do {
      let message = try message(work.projection.indicators(at: work.schedule.instant(at: now)))
      _ = try await gateway.accept([message], advancing: nil)
      work.schedule.sent(at: now, news: work.projection.newsSequence)
      work.lastRefusal = nil
    } catch let refusal as NotAccepted {
      work.schedule.refused(at: now, retryAfter: refusal.retryAfter)
      if work.lastRefusal != refusal.code {
        logger.warning("indicators were not accepted", metadata: ["reason": "\(refusal.reason)"])
      }
      work.lastRefusal = refusal.code
    } catch {
      work.schedule.refused(at: now, retryAfter: nil)
      logger.error("indicators could not be written", metadata: ["reason": "\(error)"])
    }
  }

  private func message(_ indicators: Indicators) throws -> Message {
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
    var projection = IndicatorProjection()
    var schedule: PushSchedule
    var lastRefusal: NotAccepted.Code?

    init(settings: InsightSettings) {
      schedule = PushSchedule(every: settings.every, minInterval: settings.minInterval)
    }
  }
}
