public import HubKit

/// One message, as a worker needs it.
public struct TransformInput: Sendable {
  /// The outside of the message.
  public var envelope: Envelope
  /// Its body.
  public var body: [UInt8]
  /// Media type of the body, lower case, without parameters.
  public var mediaType: String?
  /// The canonical document: what a codec decoded, or the body itself when it is JSON; nil when there is none. It is
  /// known to be well formed, since a codec has examined it.
  public var json: [UInt8]?
  /// When the message was received.
  public var now: Timestamp
  /// What was asked on the way, as JSON text by name of the call; nil for a call that brought nothing. Names have lower
  /// case letters and digits only.
  public var calls: [String: [UInt8]?]

  /// Creates an input.
  public init(
    envelope: Envelope, body: [UInt8], mediaType: String? = nil, json: [UInt8]? = nil, now: Timestamp,
    calls: [String: [UInt8]?] = [:]
  ) {
    self.envelope = envelope
    self.body = body
    self.mediaType = mediaType
    self.json = json
    self.now = now
    self.calls = calls
  }
}

/// What became of the message.
public enum TransformResult: Sendable, Hashable {
  /// The plan's `when` says that the route is not meant.
  case notMatched
  /// It breaks rules: everything that was found, never empty. Trying again unchanged cannot help.
  case invalid([Violation])
  /// It keeps to all rules, and here is what it was made into.
  case output(TransformOutput)
}

/// A message in its new shape.
public struct TransformOutput: Sendable, Hashable {
  /// The new body; nil when nothing was mapped and the bytes pass as they came.
  public var body: [UInt8]?
  /// Media type of the new body, nil when nothing was mapped.
  public var mediaType: String?
  /// The business keys that the plan's rules found, each once, in the order of the rules.
  public var keys: [BusinessKey]
  /// Oddities that do not stop the message.
  public var notes: [Violation]
  /// What the message was split into, as JSON texts; nil when it was not.
  public var items: [[UInt8]]?

  /// Creates an output.
  public init(
    body: [UInt8]? = nil, mediaType: String? = nil, keys: [BusinessKey] = [], notes: [Violation] = [],
    items: [[UInt8]]? = nil
  ) {
    self.items = items
    self.body = body
    self.mediaType = mediaType
    self.keys = keys
    self.notes = notes
  }
}

/// No worker could look at the message; the message itself is not to blame, so it may be tried again later.
public enum TransformUnavailable: Error, Hashable {
  /// As many wait already as ``TransformLimits/queueMax`` allows.
  case overloaded(waiting: Int)
  /// The pool was shut down.
  case stopped
  /// No worker process can be started; the pool keeps trying.
  case noWorker
}

/// How much workers may do.
public struct TransformLimits: Sendable, Hashable {
  /// Number of workers: threads for blocking work, and as many processes, or threads, for plans.
  public var threads: Int
  /// Longest time on a processor for one message, compiling not counted; a worker process that takes longer is killed,
  /// and one that takes ten times as long by the clock.
  public var timeMax: Duration
  /// Most memory of a worker process, in bytes beyond what it needs to start.
  public var memoryMax: Int
  /// Largest result, in bytes.
  public var outputBytesMax: Int
  /// Most work that may wait, of either kind.
  public var queueMax: Int
  /// Deepest nesting of XML, and of JSON as far as jq goes with it (256).
  public var depthMax: Int
  /// How many plans each worker keeps compiled; the one not used for longest gives way.
  public var plansMax: Int

  /// Creates limits.
  public init(
    threads: Int = 2, timeMax: Duration = .seconds(5), outputBytesMax: Int = 8 << 20, queueMax: Int = 10_000,
    depthMax: Int = 256, plansMax: Int = 256, memoryMax: Int = 256 << 20
  ) {
    self.threads = threads
    self.timeMax = timeMax
    self.outputBytesMax = outputBytesMax
    self.queueMax = queueMax
    self.depthMax = depthMax
    self.plansMax = plansMax
    self.memoryMax = memoryMax
  }

  /// Largest frame with a result: body, items, keys and violations together.
  var resultBytesMax: Int { min(2 * outputBytesMax + (16 << 20), Int(Int32.max)) }
}

extension TransformInput {
  /// How much there is of it, names and attributes aside.
  var bytesCount: Int { calls.values.reduce(body.count + (json?.count ?? 0)) { $0 + ($1?.count ?? 0) } }
}
