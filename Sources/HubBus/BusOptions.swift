public import HubKit

/// Limits of the bus as a whole. Every queue, wait and retry has one.
public struct BusLimits: Sendable, Hashable {
  /// Most exchanges that are not settled, in total.
  public var openMax: Int
  /// Most exchanges of one agency that are not settled.
  public var openPerAgencyMax: Int
  /// Most bytes in the bodies of exchanges that are not settled, in total and of one agency.
  public var openBytesMax, openBytesPerAgencyMax: Int
  /// Most messages that are being looked over and written down at a time, and most that wait to be routed and mapped.
  public var admissionQueueMax: Int
  /// Least free disk space, in bytes, below which nothing is accepted.
  public var freeDiskBytesMin: Int
  /// Most bytes of bodies of open exchanges kept in memory; beyond it they are read again from the journal.
  public var workBytesMax: Int
  /// How long a stopping hub waits for attempts under way.
  public var drain: Duration
  /// How often bodies, ids and days whose time is over are swept away.
  public var sweepEvery: Duration
  /// Longest wait of a caller for an answer.
  public var questionMax: Duration
  /// Most parts that a message may be split into.
  public var splitMax: Int
  /// What every codec keeps to.
  public var codec: CodecLimits

  /// Creates limits.
  public init(
    openMax: Int = 100_000, openPerAgencyMax: Int = 20_000, openBytesMax: Int = 20 << 30,
    openBytesPerAgencyMax: Int = 4 << 30, admissionQueueMax: Int = 4096, freeDiskBytesMin: Int = 256 << 20,
    workBytesMax: Int = 64 << 20, drain: Duration = .seconds(20), sweepEvery: Duration = .seconds(30),
    questionMax: Duration = .seconds(120), splitMax: Int = 1000, codec: CodecLimits = CodecLimits()
  ) {
    self.openMax = openMax
    self.openPerAgencyMax = openPerAgencyMax
    self.openBytesMax = openBytesMax
    self.openBytesPerAgencyMax = openBytesPerAgencyMax
    self.admissionQueueMax = admissionQueueMax
    self.freeDiskBytesMin = freeDiskBytesMin
    self.workBytesMax = workBytesMax
    self.drain = drain
    self.sweepEvery = sweepEvery
    self.questionMax = questionMax
    self.splitMax = splitMax
    self.codec = codec
  }
}
